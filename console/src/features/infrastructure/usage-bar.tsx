import classes from './infrastructure.module.css';

/** How full something is; 0 to 100. */
export function UsageBar({ percent, label }: { percent: number; label: string }) {
  const level = percent >= 90 ? 'critical' : percent >= 80 ? 'warning' : 'ok';
  return (
    <meter className={classes.meter} data-level={level} min={0} max={100} value={percent} aria-label={label}>
      {Math.round(percent)} %
    </meter>
  );
}
