import surface from './surface.module.css';

/** Labels as small tags. */
export function Labels({ labels }: { labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(labels).filter(([name]) => name !== '__name__');
  if (entries.length === 0) return <span className="faint">no labels</span>;
  return (
    <span className={surface.labels}>
      {entries.map(([name, value]) => (
        <span key={name} className={surface.label}>
          <span className="muted">{name}=</span>
          {value}
        </span>
      ))}
    </span>
  );
}
