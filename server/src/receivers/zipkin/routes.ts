import { mediaType, parseJson, type Route, route } from '../../http/index.ts';
import { ServiceError } from '../../model/errors.ts';
import type { Span } from '../../model/span.ts';
import { describeRejections, type Intake, RejectionTally } from '../../pipeline/index.ts';
import { sharedSpanId, toSpan } from './to-span.ts';

const BODY_LIMIT = 20 * 1024 * 1024;
const MOST_SPANS = 200_000;

export interface ZipkinOptions {
  /** Where everything goes; `pipeline.intake('zipkin')`. */
  readonly intake: Intake;
}

/** `POST /api/v2/spans`: https://zipkin.io/zipkin-api/ */
export function zipkinRoutes({ intake }: ZipkinOptions): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v2/spans',
      tag: 'ingest',
      summary: 'Take spans in Zipkin v2 JSON',
      description:
        'An array of spans. 400 names what could not be taken; the rest is stored. The server half of a shared span ' +
        'becomes a span of its own below the client half.',
      scope: 'ingest',
      consumes: ['application/json'],
      bodyLimit: BODY_LIMIT,
      lenient: true,
      success: { status: 202, contentType: 'text/plain' },
      onRefused: ({ code }) => intake.refuseRequest('spans', code),
      async handle({ request, reply, principal }) {
        const { spans, refused } = readSpans(parseBody(request.body, mediaType(request)));
        const bytes = Buffer.isBuffer(request.body) ? request.body.length : 0;
        const sender = { key: principal.name, bytes };
        const { rejected } = await intake.writeSpans(spans, { refused: refused.list(), sender });
        reply.type('text/plain; charset=utf-8');
        if (rejected.length === 0) return '';
        reply.code(400);
        return `${describeRejections(rejected)}\n`;
      },
    }),
  ];
}

function parseBody(body: unknown, type: string): readonly unknown[] {
  if (type !== 'application/json') {
    throw new ServiceError(
      'unsupported_media_type',
      `this takes application/json (Zipkin v2); the content type is ${type || 'missing'}`,
    );
  }
  const value = parseJson(body);
  if (!Array.isArray(value)) throw new ServiceError('malformed', 'expected an array of spans');
  if (value.length > MOST_SPANS) throw new ServiceError('too_large', `send at most ${MOST_SPANS} spans at once`);
  return value;
}

function readSpans(values: readonly unknown[]): { spans: Span[]; refused: RejectionTally } {
  const refused = new RejectionTally();
  const resources = new Map();
  const spans: Span[] = [];
  for (const value of values) {
    const span = toSpan(value, resources);
    if (typeof span === 'string') refused.add(span);
    else spans.push(span);
  }
  return { spans: belowSharedSpans(spans), refused };
}

/** What a service did below its half of a shared span names the id that both halves had; it belongs to that half. */
function belowSharedSpans(spans: readonly Span[]): Span[] {
  const ids = new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
  return spans.map((span) => {
    if (span.parentSpanId === '') return span;
    const half = sharedSpanId(span.traceId, span.parentSpanId, span.service);
    return half !== span.spanId && ids.has(`${span.traceId} ${half}`) ? { ...span, parentSpanId: half } : span;
  });
}
