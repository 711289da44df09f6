import surface from './surface.module.css';

interface LabelsProps {
  labels: Readonly<Record<string, string>>;
  /** Names of labels that are said elsewhere already. */
  without?: readonly string[];
}

/** Labels as small tags. */
export function Labels({ labels, without = [] }: LabelsProps) {
  const entries = Object.entries(labels).filter(([name]) => name !== '__name__' && !without.includes(name));
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
