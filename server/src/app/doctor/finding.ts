/** One thing that was looked at. */
export interface Finding {
  readonly about: string;
  /** `fail`: the service does not work so; `warn`: it does, but not as well or as long as it could. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do, where there is something. */
  readonly remedy?: string;
}

export function ok(about: string, detail: string): Finding {
  return { about, level: 'ok', detail };
}

export function warn(about: string, detail: string, remedy: string): Finding {
  return { about, level: 'warn', detail, remedy };
}

export function fail(about: string, detail: string, remedy: string): Finding {
  return { about, level: 'fail', detail, remedy };
}
