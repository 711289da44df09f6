import type { AlertTest } from '../../api-client/types.ts';

/** A backtest in a sentence: "Would have fired 7 times, longest 12 min; would have told ops 5 times, twice at night." */
export function describeTest({ would_have_fired: count, longest_seconds: longest, is_cut, told }: AlertTest): string {
  if (count === 0) return 'Would not have fired in this time.';
  const fired = `Would have fired ${times(count)}${is_cut ? ' and more' : ''}, longest ${length(longest)}`;
  const heard = told
    .filter((one) => one.times > 0)
    .map((one) => {
      const night = one.at_night > 0 ? ` (${times(one.at_night)} at night)` : '';
      return `${nameOf(one.receiver)} ${times(one.times)}${night}`;
    });
  return heard.length === 0 ? `${fired}; nobody would have heard.` : `${fired}; would have told ${heard.join(', ')}.`;
}

function nameOf(receiver: string): string {
  if (receiver === 'default') return 'the default recipients';
  return receiver === 'direct' ? 'those named here' : receiver;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function length(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
