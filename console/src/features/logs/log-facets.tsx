import { LevelBadge } from '../../components/badges.tsx';
import { formatCount } from '../../format/number.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import classes from './log-facets.module.css';
import type { LogFilters } from './log-filters.ts';
import { useLogVolume } from './log-volume.ts';

interface LogFacetsProps {
  filters: LogFilters;
  onChange: (change: Partial<LogFilters>) => void;
}

/** The values that occur, with their counts; choosing one narrows the search. */
export function LogFacets({ filters, onChange }: LogFacetsProps) {
  return (
    <aside className={classes.facets} aria-label="Filters">
      <Facet field="level" filters={filters} onChange={onChange} />
      <Facet field="service" filters={filters} onChange={onChange} />
    </aside>
  );
}

function Facet({ field, filters, onChange }: LogFacetsProps & { field: 'level' | 'service' }) {
  const [range] = useTimeRange();
  // Without its own condition, so that the other values stay to be chosen.
  const { data } = useLogVolume({ ...filters, [field]: undefined }, field, range);
  const groups = (data?.groups ?? []).filter(({ value }) => value !== '').slice(0, 12);
  const most = Math.max(1, ...groups.map((group) => group.count));
  return (
    <section aria-label={field === 'level' ? 'Level' : 'Service'}>
      <h2 className={classes.title}>{field === 'level' ? 'Level' : 'Service'}</h2>
      <ul className={classes.values}>
        {groups.map(({ value, count }) => {
          const chosen = filters[field] === value;
          return (
            <li key={value}>
              <button
                type="button"
                className={classes.value}
                aria-pressed={chosen}
                onClick={() => onChange({ [field]: chosen ? undefined : value })}
              >
                <i style={{ width: `${(count / most) * 100}%` }} aria-hidden="true" />
                <span className="truncate">{field === 'level' ? <LevelBadge level={value} /> : value}</span>
                <b>{formatCount(count)}</b>
              </button>
            </li>
          );
        })}
        {groups.length === 0 ? <li className="faint">–</li> : null}
      </ul>
    </section>
  );
}
