import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import { type ConfigDrift, configDrift } from '../contract/provisioning.ts';

export interface ProvisioningDependencies {
  readonly drift: () => Omit<ConfigDrift, 'loaded_at'>;
  /** Unix milliseconds. */
  readonly loadedAt: () => number;
}

/** What the configuration file decides, and how what runs differs from it. */
export function provisioningRoutes({ drift, loadedAt }: ProvisioningDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/provisioning',
      tag: 'monitoring',
      summary: 'How what runs differs from the configuration file',
      description: 'Reads the configuration as it is now and compares, by kind and name; values are never shown.',
      scope: 'admin',
      success: { status: 200, schema: configDrift },
      handle: (): ConfigDrift => ({ ...drift(), loaded_at: formatInstant(loadedAt()) }),
    }),
  ];
}
