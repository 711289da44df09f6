import type { ChannelMessage, Channels } from '../../channels/index.ts';
import { newId } from '../../lib/id.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import type { ChannelEntry, ChannelTest } from './configured-channel.ts';

export interface TestRequest {
  /** Instead of the channel's own recipient. */
  readonly to?: string | undefined;
  readonly message?: string | undefined;
  /** Who asks for it. */
  readonly by: string;
}

const LONGEST_MS = 20_000;

/** One real message that says that it is a test. Throws `invalid` where there is nobody to send it to. */
export async function sendTest(
  entry: Pick<ChannelEntry, 'kind' | 'address' | 'name' | 'problem'>,
  request: TestRequest,
  { channels, clock }: { readonly channels: Channels; readonly clock: Clock },
): Promise<ChannelTest> {
  const channel = channels.byName[entry.kind];
  const address = [entry.address, request.to ?? ''].filter((part) => part !== '').join('/');
  if (address === '' && !channel.hasDefault) {
    throw invalid({ path: 'to', message: `the channel has no recipient of its own; say to whom` });
  }
  const problem = channel.unavailable(address);
  if (problem !== undefined) throw invalid({ path: request.to === undefined ? 'to' : 'id', message: problem });
  const wrong = address === '' ? undefined : channel.checkAddress(address);
  if (wrong !== undefined) throw invalid({ path: 'to', message: wrong });
  const abort = new AbortController();
  const started = clock.now();
  const timer = clock.setTimer(Math.min(LONGEST_MS, channel.timeoutMs), () => abort.abort());
  try {
    const outcome = await channel.send(testMessage(entry.name, request, started), address, abort.signal);
    return {
      outcome: outcome.outcome,
      reason: outcome.outcome === 'sent' ? null : outcome.reason,
      detail: outcome.detail ?? null,
      recipient: channel.describe(address),
      tookMs: clock.now() - started,
    };
  } finally {
    timer.cancel();
  }
}

function testMessage(name: string, { message, by }: TestRequest, now: number): ChannelMessage {
  const text = message ?? `This is a test of the channel "${name}". If you can read it, the channel works.`;
  const subject = `[test] ${name}`;
  return {
    ...{ deliveryId: newId(), notificationId: newId(), type: 'test', severity: 'info', good: false, createdAt: now },
    ...{ subject, message: text, mailSubject: subject, shortText: `[test] ${text}` },
    facts: [{ name: 'Asked for by', value: by }],
    ...{
      links: [],
      alertId: undefined,
      episodeId: undefined,
      incidentId: undefined,
      startsThread: true,
      data: { test: true },
    },
    metadata: undefined,
  };
}
