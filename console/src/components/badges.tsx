import {
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconInfoCircleFilled,
  type TablerIcon,
} from '@tabler/icons-react';
import classes from './badges.module.css';

export type Tone = 'ok' | 'info' | 'warning' | 'error' | 'critical' | 'unknown' | 'accent';

const ICONS: Record<Tone, TablerIcon> = {
  ok: IconCircleCheckFilled,
  info: IconInfoCircleFilled,
  warning: IconAlertTriangleFilled,
  error: IconCircleXFilled,
  critical: IconAlertOctagonFilled,
  unknown: IconCircleDashed,
  accent: IconInfoCircleFilled,
};

/** A word with a colour and a shape; never a colour alone. */
export function Badge({ tone, children, soft = true }: { tone: Tone; children: string; soft?: boolean }) {
  const Icon = ICONS[tone];
  return (
    <span className={classes.badge} data-tone={tone} data-soft={soft}>
      <Icon size={13} aria-hidden="true" />
      {children}
    </span>
  );
}

const STATUS: Record<string, Tone> = {
  healthy: 'ok',
  ok: 'ok',
  degraded: 'warning',
  unhealthy: 'critical',
  down: 'critical',
  unknown: 'unknown',
  running: 'ok',
  stopped: 'unknown',
  exited: 'unknown',
};

/** Health of a service, host or container. */
export function StatusBadge({ status, soft = false }: { status: string; soft?: boolean }) {
  return (
    <Badge tone={STATUS[status] ?? 'unknown'} soft={soft}>
      {capital(status)}
    </Badge>
  );
}

interface SeverityBadgeProps {
  severity: 'info' | 'warning' | 'error' | 'critical';
  soft?: boolean;
}

export function SeverityBadge({ severity, soft = true }: SeverityBadgeProps) {
  return (
    <Badge tone={severity} soft={soft}>
      {capital(severity)}
    </Badge>
  );
}

const ALERT_STATES: Record<string, Tone> = {
  firing: 'critical',
  recovering: 'warning',
  pending: 'warning',
  inactive: 'ok',
  resolved: 'ok',
};

export function AlertStateBadge({ state }: { state: string }) {
  return (
    <Badge tone={ALERT_STATES[state] ?? 'unknown'} soft={state !== 'inactive'}>
      {state === 'inactive' ? 'OK' : capital(state)}
    </Badge>
  );
}

const LEVELS: Record<string, Tone> = {
  trace: 'unknown',
  debug: 'unknown',
  info: 'info',
  warn: 'warning',
  error: 'error',
  fatal: 'critical',
};

/** The tone of a log level, whatever its case and number (`ERROR2`). */
export function levelTone(level: string): Tone {
  return (
    LEVELS[level.toLowerCase().replace(/\d$/, '').replace('warning', 'warn').replace('critical', 'fatal')] ?? 'unknown'
  );
}

export function LevelBadge({ level }: { level: string }) {
  return (
    <span className={classes.level} data-tone={levelTone(level)}>
      {level.toUpperCase()}
    </span>
  );
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ');
}
