import { EventEmitter, once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Alerting, readConfiguredRouting } from '../../alerting/index.ts';
import { alertmanagerRoutes } from '../../api/index.ts';
import { ConfigMap } from '../../lib/config-map.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { Notifications } from '../../notifications/index.ts';
import type { PromqlEngine } from '../../query/promql/index.ts';
import { openControlStore } from '../../stores/control/index.ts';
import { type Ask, withLoopbackServer } from './loopback-server.ts';
import type { Rehearsal } from './warm-up.ts';

export interface AlertRehearsalOptions {
  /** Where a folder may be made for a while. */
  readonly dataDir: string;
  /** Nothing is asked of it: no rule is evaluated. */
  readonly engine: PromqlEngine;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Alerts that somebody hears of, one at a time; and such that come many at once. A little more than V8 asks for. */
const HEARD = 60;
const POSTS = 60;
const ALERTS_OF_POST = 40;
const NAMES = 20;
const HOUR_MS = 3_600_000;
const PATIENCE_MS = 10_000;
const POST_PATH = '/api/v2/alerts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Posts alerts, some of them with a webhook that hears of them, to an alerting of its own over a control store that is
 * thrown away: the first alert of a process took ten times as long as the others to reach anybody.
 */
export function rehearseAlerts(options: AlertRehearsalOptions): Rehearsal {
  const folder = join(options.dataDir, 'warm-up');
  return async (signal) => {
    // A process that was killed may have left it behind.
    rmSync(folder, { recursive: true, force: true });
    const hook = new Hook();
    try {
      await rehearse(options, join(folder, 'control.db'), hook, signal);
    } finally {
      hook.close();
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

async function rehearse(
  { engine, clock, logger }: AlertRehearsalOptions,
  path: string,
  hook: Hook,
  signal: AbortSignal,
): Promise<void> {
  const address = await hook.open();
  const store = await openControlStore({ url: path, logger: silent });
  const settings = { alertUsers: [], alertEmailTo: [], pagerDuty: {}, webhookAllowList: [address] };
  const notifications = new Notifications({ store, clock, logger: silent, settings });
  const routing = readConfiguredRouting(new ConfigMap(routes(`http://${address}/`), '', []));
  const options = { store, engine, notifications, clock, logger: silent, publicUrl: `http://${address}`, routing };
  const alerting = new Alerting({ ...options, detectFlapping: true });
  try {
    await notifications.start();
    await alerting.start();
    const served = alertmanagerRoutes({ alerting, clock, logger, version: '' }).filter(
      ({ path: served, method }) => served === POST_PATH && method === 'POST',
    );
    await withLoopbackServer(served, logger, async (ask) => {
      await postHeard(ask, hook, clock, signal);
      await postMany(ask, clock, signal);
    });
  } finally {
    await alerting.stop();
    await notifications.stop();
    await store.close();
  }
}

/** As people configure them: what is heard of at once, the rest in groups that wait. */
function routes(url: string): object {
  return {
    route: {
      receiver: 'none',
      group_by: ['alertname'],
      routes: [{ matchers: ['heard="1"'], receiver: 'hook', group_by: ['instance'], group_wait: '0s' }],
    },
    receivers: [{ name: 'none' }, { name: 'hook', webhook_configs: [{ url, send_resolved: true }] }],
  };
}

async function postHeard(ask: Ask, hook: Hook, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let index = 0; index < HEARD && !signal.aborted; index++) {
    // Each second one ends the one before.
    const ends = index % 2 === 1;
    const body = JSON.stringify([alert(index - Number(ends), clock.now(), ends, { heard: '1' })]);
    await Promise.all([hook.heard(signal), ask(POST_PATH, body)]);
  }
}

async function postMany(ask: Ask, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let post = 0; post < POSTS && !signal.aborted; post++) {
    const now = clock.now();
    // Each third says again what the one before has said.
    const first = (post - Number(post % 3 === 2)) * ALERTS_OF_POST;
    const alerts = Array.from({ length: ALERTS_OF_POST }, (_, index) => alert(first + index, now, false));
    await ask(POST_PATH, JSON.stringify(alerts));
  }
}

function alert(index: number, now: number, ends: boolean, labels: Readonly<Record<string, string>> = {}): object {
  const name = `Rehearsal${index % NAMES}`;
  const severity = index % 5 === 0 ? 'critical' : 'warning';
  return {
    labels: {
      alertname: name,
      instance: `host-${index}`,
      severity,
      ...(index % 3 === 0 && { service: name }),
      ...labels,
    },
    annotations: { summary: `Instance host-${index} has a problem`, runbook_url: 'https://runbooks.example/rehearsal' },
    startsAt: new Date(now - HOUR_MS).toISOString(),
    endsAt: new Date(ends ? now : now + HOUR_MS).toISOString(),
    generatorURL: 'http://prometheus.example/graph?g0.expr=up',
  };
}

/** Somebody who hears of alerts. */
class Hook {
  readonly #calls = new EventEmitter();
  readonly #server: Server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.end();
      this.#calls.emit('heard');
    });
  });

  /** Gives host and port. */
  async open(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Rejects where nothing comes. */
  async heard(signal: AbortSignal): Promise<void> {
    await once(this.#calls, 'heard', { signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]) });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
