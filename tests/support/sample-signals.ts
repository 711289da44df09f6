import { randomBytes } from 'node:crypto';
import type { apiOf } from './api.ts';

type Api = ReturnType<typeof apiOf>;

interface SampleSpan {
  readonly name: string;
  readonly service: string;
  /** Place of the parent in the list; left out for the root. */
  readonly parent?: number;
  readonly kind?: 'server' | 'client' | 'internal';
  readonly startMs: number;
  readonly durationMs: number;
  readonly error?: string;
}

const KINDS = { internal: 1, server: 2, client: 3 };

/** Sends one trace by OTLP/JSON; its id. Offsets count from `beganAgoMs` before now. */
export async function sendTrace(api: Api, spans: readonly SampleSpan[], beganAgoMs = 5_000): Promise<string> {
  const traceId = randomBytes(16).toString('hex');
  const spanIds = spans.map(() => randomBytes(8).toString('hex'));
  const began = Date.now() - beganAgoMs;
  const resourceSpans = spans.map((span, index) => ({
    resource: { attributes: [attribute('service.name', span.service)] },
    scopeSpans: [
      {
        spans: [
          {
            traceId,
            spanId: spanIds[index],
            ...(span.parent !== undefined && { parentSpanId: spanIds[span.parent] }),
            name: span.name,
            kind: KINDS[span.kind ?? 'server'],
            startTimeUnixNano: nanoseconds(began + span.startMs),
            endTimeUnixNano: nanoseconds(began + span.startMs + span.durationMs),
            attributes: [attribute('code.function.name', span.name)],
            status: span.error === undefined ? {} : { code: 2, message: span.error },
          },
        ],
      },
    ],
  }));
  const answer = await api.post('/v1/traces', { resourceSpans });
  if (answer.status !== 200) throw new Error(`the trace was refused: ${JSON.stringify(answer.body)}`);
  return traceId;
}

function attribute(key: string, value: string) {
  return { key, value: { stringValue: value } };
}

function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}000`;
}
