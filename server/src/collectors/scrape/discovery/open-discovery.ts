import { Resolver } from 'node:dns/promises';
import type { Clock } from '../../../model/clock.ts';
import type { Logger } from '../../../model/logger.ts';
import { HttpClient } from '../http-client.ts';
import type { Discovery } from './discovery.ts';
import type { DiscoveryOptions } from './discovery-options.ts';
import { resolveTargets } from './dns-discovery.ts';
import { dockerAddress, listContainers } from './docker-discovery.ts';
import { FileDiscovery } from './file-discovery.ts';
import { askForTargets } from './http-discovery.ts';
import { RefreshingDiscovery } from './refreshing-discovery.ts';

export interface DiscoverySurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where relative names of files begin. */
  readonly directory: string;
  readonly jobName: string;
}

/** What looks for the targets that the options mean. */
export function openDiscovery(options: DiscoveryOptions, surroundings: DiscoverySurroundings): Discovery {
  const { clock, logger, directory, jobName } = surroundings;
  const name = `${jobName}: ${options.kind}`;
  switch (options.kind) {
    case 'static':
      return { start: (onGroups) => onGroups(options.groups), stop: async () => {} };
    case 'file':
      return new FileDiscovery({ ...surroundings, ...options, name });
    case 'http': {
      const client = new HttpClient(options.http, directory);
      const { url, refreshMs } = options;
      const refresh = (signal: AbortSignal) => askForTargets(client, url, refreshMs, signal);
      return new RefreshingDiscovery({ clock, logger, name, refreshMs, refresh, onStop: () => client.close() });
    }
    case 'dns': {
      const resolver = new Resolver({ timeout: 5000, tries: 2 });
      const refresh = () => resolveTargets(resolver, options);
      return new RefreshingDiscovery({ clock, logger, name, refreshMs: options.refreshMs, refresh });
    }
    case 'docker': {
      const client = new HttpClient(options.http, directory, dockerAddress(options.host).socketPath);
      const refresh = (signal: AbortSignal) => listContainers(client, options, signal);
      return new RefreshingDiscovery({
        clock,
        logger,
        name,
        refreshMs: options.refreshMs,
        refresh,
        onStop: () => client.close(),
      });
    }
  }
}
