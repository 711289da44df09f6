import { RE2JS } from 're2js';
import { compileMatchers, parseMatchers } from '../../../alerting/index.ts';
import type { RouteContext } from '../../../http/index.ts';
import type { LabelMatcher } from '../../../model/label-matcher.ts';
import { AlertmanagerError } from './errors.ts';

/** Query parameters as Alertmanager reads them. */
export class Parameters {
  readonly #query: URLSearchParams;

  constructor({ request }: Pick<RouteContext<unknown, unknown, unknown>, 'request'>) {
    this.#query = new URL(request.url, 'http://localhost').searchParams;
  }

  /** True where it is left out. */
  flag(name: string): boolean {
    const text = this.#query.get(name);
    if (text === null || text === '') return true;
    if (['1', 't', 'true', 'on', 'yes'].includes(text.toLowerCase())) return true;
    if (['0', 'f', 'false', 'off', 'no'].includes(text.toLowerCase())) return false;
    throw new AlertmanagerError(422, `${name} in query must be of type boolean: ${JSON.stringify(text)}`);
  }

  /** Matchers of `filter`, which may be repeated. */
  filter(): LabelMatcher[] {
    try {
      const matchers = this.#query.getAll('filter').flatMap((text) => parseMatchers(text));
      compileMatchers(matchers);
      return matchers;
    } catch (error) {
      throw new AlertmanagerError(400, (error as Error).message);
    }
  }

  /** A test for names of receivers; all pass where it is left out. */
  receiver(): (name: string) => boolean {
    const source = this.#query.get('receiver');
    if (source === null) return () => true;
    try {
      const pattern = RE2JS.compile(source);
      return (name) => pattern.matches(name);
    } catch (error) {
      throw new AlertmanagerError(400, `failed to parse receiver param: ${(error as Error).message}`);
    }
  }
}
