import { CloseButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { SpanItem, TraceDetail } from '../../api-client/types.ts';
import { AttributeTable } from '../../components/attribute-table.tsx';
import { formatMilliseconds } from '../../format/number.ts';
import { rangeAround } from '../../time/time-range.ts';
import classes from './span-detail.module.css';

/** Everything that a span says. */
export function SpanDetail({ span, trace, onClose }: { span: SpanItem; trace: TraceDetail; onClose: () => void }) {
  return (
    <aside className={classes.detail} aria-label={`Span ${span.name}`}>
      <header className={classes.head}>
        <div>
          <h2>{span.name}</h2>
          <div className="muted">
            <Link to="/services/$service" params={{ service: span.service }}>
              {span.service}
            </Link>{' '}
            · {span.kind} ·{' '}
            <Link
              to="/logs"
              search={{
                ...{ service: span.service, trace_id: trace.trace_id },
                ...rangeAround(trace.started_at, trace.duration_ms),
              }}
            >
              Logs
            </Link>
          </div>
        </div>
        <CloseButton aria-label="Close span" onClick={onClose} />
      </header>
      <dl className={classes.facts}>
        <div>
          <dt>Duration</dt>
          <dd>{formatMilliseconds(span.duration_ms)}</dd>
        </div>
        <div>
          <dt>Own time</dt>
          <dd>{formatMilliseconds(span.self_time_ms)}</dd>
        </div>
        <div>
          <dt>Starts after</dt>
          <dd>{formatMilliseconds(span.start_offset_ms)}</dd>
        </div>
      </dl>
      {span.status === 'error' ? (
        <div className={classes.failure} role="note">
          <b>Failed.</b> {span.status_message || 'The span gives no message.'}
        </div>
      ) : null}
      <AttributeTable title="Attributes" values={span.attributes} />
      {span.events.length > 0 ? <Events span={span} trace={trace} /> : null}
      {span.links.length > 0 ? <Links span={span} /> : null}
      <AttributeTable title="Resource" values={span.resource} />
      <AttributeTable title="Instrumentation" values={instrumentationOf(span)} />
      <AttributeTable
        title="Identity"
        values={{
          ...{ span_id: span.span_id, parent_span_id: span.parent_span_id ?? 'none' },
          ...withoutEmpty({ trace_state: span.trace_state, resource_schema_url: span.resource_schema_url }),
        }}
      />
    </aside>
  );
}

/** Whose code made the span. */
function instrumentationOf(span: SpanItem): Record<string, string> {
  const { scope_name: name, scope_version: version, scope_schema_url: schema } = span;
  return { ...withoutEmpty({ name, version, schema_url: schema }), ...span.scope_attributes };
}

function withoutEmpty(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

function Links({ span }: { span: SpanItem }) {
  return (
    <section aria-label="Links" className={classes.events}>
      {span.links.map((link) => (
        <div key={`${link.trace_id} ${link.span_id}`} className={classes.link}>
          Linked to trace{' '}
          <Link
            to="/traces/$traceId"
            params={{ traceId: link.trace_id }}
            search={{ span: link.span_id }}
            className="mono"
          >
            {link.trace_id.slice(0, 12)}…
          </Link>
          <AttributeTable
            title=""
            values={{ ...withoutEmpty({ trace_state: link.trace_state }), ...link.attributes }}
          />
        </div>
      ))}
    </section>
  );
}

function Events({ span, trace }: { span: SpanItem; trace: TraceDetail }) {
  return (
    <section aria-label="Events" className={classes.events}>
      <h3>Events</h3>
      {span.events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events of a span never change their order
        <div key={index} className={classes.event}>
          <b>{event.name}</b>{' '}
          <span className="muted">at {formatMilliseconds(Date.parse(event.time) - Date.parse(trace.started_at))}</span>
          <AttributeTable title="" values={event.attributes} />
        </div>
      ))}
    </section>
  );
}
