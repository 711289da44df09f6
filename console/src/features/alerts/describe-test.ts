import type { AlertTest } from '../../api-client/types.ts';

/** A backtest in words: "Would have fired 7 times, longest 12 min; would have told ops 5 times (twice at night)." */
export function describeTest(test: AlertTest): string {
  const { is_thinned, step_seconds: step } = test;
  return is_thinned
    ? `${outcome(test)} Looked at every ${length(step)}: what was shorter may be missing.`
    : outcome(test);
}

function outcome(test: AlertTest): string {
  const { would_have_fired: count, longest_seconds: longest, is_cut, told, people } = test;
  if (count === 0) return 'Would not have fired in this time.';
  const fired = `Would have fired ${times(count)}${is_cut ? ' and more' : ''}, longest ${length(longest)}`;
  const heard = told.filter((one) => one.times > 0).map((one) => `${nameOf(one.receiver)} ${howOften(one)}`);
  if (heard.length === 0) return `${fired}; nobody would have heard.`;
  const paged = people.map((one) => `${one.user} ${howOften(one)}`);
  const who = paged.length === 0 ? '' : ` Would have notified ${paged.join(', ')}, had nobody acknowledged.`;
  return `${fired}; would have told ${heard.join(', ')}.${who}`;
}

function howOften({ times: all, at_night: night }: { times: number; at_night: number }): string {
  return night > 0 ? `${times(all)} (${times(night)} at night)` : times(all);
}

function nameOf(receiver: string): string {
  if (receiver === 'default') return 'the default recipients';
  return receiver === 'direct' ? 'those named here' : receiver;
}

function times(count: number): string {
  return ['never', 'once', 'twice'][count] ?? `${count} times`;
}

function length(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
