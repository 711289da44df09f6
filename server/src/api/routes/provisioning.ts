import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import { type ConfigDrift, configDrift, type DriftItem } from '../contract/provisioning.ts';

export interface ProvisioningDependencies {
  readonly drift: () => Omit<ConfigDrift, 'loaded_at' | 'last_reload'>;
  /** Unix milliseconds. */
  readonly loadedAt: () => number;
  /** How the last attempt since the start went. */
  readonly lastReload: () => Reload | undefined;
}

interface Reload {
  /** Unix milliseconds. */
  readonly at: number;
  readonly problems: readonly string[];
  readonly changes: readonly DriftItem[];
}

/** What the configuration file decides, and how what runs differs from it. */
export function provisioningRoutes({ drift, loadedAt, lastReload }: ProvisioningDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/provisioning',
      tag: 'monitoring',
      summary: 'How what runs differs from the configuration file',
      description: 'Reads the configuration as it is now and compares, by kind and name; values are never shown.',
      scope: 'admin',
      success: { status: 200, schema: configDrift },
      handle: (): ConfigDrift => ({
        ...drift(),
        loaded_at: formatInstant(loadedAt()),
        last_reload: showReload(lastReload()),
      }),
    }),
  ];
}

function showReload(reload: Reload | undefined): ConfigDrift['last_reload'] {
  if (!reload) return null;
  const { at, problems, changes } = reload;
  return { at: formatInstant(at), taken: problems.length === 0, problems: [...problems], changes: [...changes] };
}
