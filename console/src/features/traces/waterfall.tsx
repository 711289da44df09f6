import { Button } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconCircleXFilled } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { TraceDetail } from '../../api-client/types.ts';
import { formatMilliseconds } from '../../format/number.ts';
import type { SpanRow } from './span-tree.ts';
import classes from './waterfall.module.css';

interface WaterfallProps {
  trace: TraceDetail;
  rows: readonly SpanRow[];
  selectedId: string | undefined;
  onSelect: (spanId: string) => void;
}

const FIRST_SHOWN = 400;
const INDENT_PX = 14;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Spans as a tree to the left, as bars in time to the right. */
export function Waterfall({ trace, rows, selectedId, onSelect }: WaterfallProps) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [limit, setLimit] = useState(FIRST_SHOWN);
  const visible = useMemo(
    () => rows.filter((row) => !row.ancestors.some((id) => collapsed.has(id))),
    [rows, collapsed],
  );
  const toggle = (id: string) =>
    setCollapsed((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <div className={classes.waterfall}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Span</th>
            <th scope="col" aria-label="Time since the start">
              <div className={classes.ruler}>
                {TICKS.map((tick) => (
                  <span key={tick} style={{ left: `${tick * 100}%` }}>
                    {formatMilliseconds(trace.duration_ms * tick)}
                  </span>
                ))}
              </div>
            </th>
          </tr>
        </thead>
        <tbody>
          {visible.slice(0, limit).map((row) => (
            <WaterfallRow
              key={row.span.span_id}
              row={row}
              trace={trace}
              selected={row.span.span_id === selectedId}
              collapsed={collapsed.has(row.span.span_id)}
              onSelect={onSelect}
              onToggle={toggle}
            />
          ))}
        </tbody>
      </table>
      {visible.length > limit ? (
        <div className={classes.more}>
          <Button variant="default" onClick={() => setLimit(limit * 3)}>
            Show more of {visible.length} spans
          </Button>
        </div>
      ) : null}
    </div>
  );
}

interface RowProps {
  row: SpanRow;
  trace: TraceDetail;
  selected: boolean;
  collapsed: boolean;
  onSelect: (spanId: string) => void;
  onToggle: (spanId: string) => void;
}

function WaterfallRow({ row, trace, selected, collapsed, onSelect, onToggle }: RowProps) {
  const { span, depth, descendants } = row;
  const failed = span.status === 'error';
  const color = `var(--series-${(trace.services.indexOf(span.service) % 8) + 1})`;
  return (
    <tr data-selected={selected} className={classes.row}>
      <th scope="row">
        <div className={classes.name} style={{ paddingLeft: depth * INDENT_PX }}>
          {descendants > 0 ? (
            <button
              type="button"
              className={classes.toggle}
              aria-expanded={!collapsed}
              aria-label={`${collapsed ? 'Show' : 'Hide'} the ${descendants} spans below ${span.name}`}
              onClick={() => onToggle(span.span_id)}
            >
              {collapsed ? <IconChevronRight size={13} /> : <IconChevronDown size={13} />}
              {collapsed ? <small>{descendants}</small> : null}
            </button>
          ) : (
            <span className={classes.leaf} />
          )}
          <i style={{ background: color }} aria-hidden="true" />
          <button
            type="button"
            className={classes.select}
            aria-pressed={selected}
            onClick={() => onSelect(span.span_id)}
          >
            {failed ? <IconCircleXFilled size={13} className={classes.failed} aria-label="Failed" /> : null}
            <span className={classes.operation}>{span.name}</span>{' '}
            <span className={classes.service}>{span.service}</span>
          </button>
        </div>
      </th>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button with the name does the same for the keyboard */}
      <td onClick={() => onSelect(span.span_id)}>
        <Bar span={span} trace={trace} color={failed ? 'var(--error)' : color} />
      </td>
    </tr>
  );
}

function Bar({ span, trace, color }: { span: SpanRow['span']; trace: TraceDetail; color: string }) {
  const total = Math.max(trace.duration_ms, 0.001);
  const left = (span.start_offset_ms / total) * 100;
  const start = Math.min(100, Math.max(0, left));
  const width = Math.max(0.2, Math.min(100 - start, (span.duration_ms / total) * 100));
  return (
    <div className={classes.lane}>
      <span
        className={classes.bar}
        data-critical={span.on_critical_path}
        style={{ left: `${start}%`, width: `${width}%`, background: color }}
        title={`${formatMilliseconds(span.duration_ms)}, ${formatMilliseconds(span.self_time_ms)} of its own${
          span.on_critical_path ? ', on the critical path' : ''
        }`}
      />
      <span className={classes.duration} style={{ left: `calc(${start + width}% + 6px)` }}>
        {formatMilliseconds(span.duration_ms)}
      </span>
    </div>
  );
}
