import type { MetricType } from '../model/metric.ts';
import type { ExpositionFormat } from './exposition.ts';
import { type ExpositionFamily, flawInOpenMetrics, flawOfPart, SUFFIXES } from './exposition-family.ts';
import { type GroupedSample, SampleGroups } from './exposition-groups.ts';
import { ExpositionError, LineScanner } from './exposition-scanner.ts';

export interface ExpositionSample {
  /** As it stands there, with `_total`, `_bucket` and the like. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix milliseconds, where the sample has a time of its own. */
  readonly timestamp: number | undefined;
  readonly exemplar: ExpositionExemplar | undefined;
  /** What was said before about its metric; `unknown` where nothing was. */
  readonly family: Readonly<ExpositionFamily>;
}

interface ExpositionExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix milliseconds. */
  readonly timestamp: number | undefined;
}

/** What stands before one, as far as its labels. */
const EXEMPLAR = ' # {';
const MOST_EXEMPLAR_CHARACTERS = 128;

/**
 * The samples of an exposition in Prometheus' text format 0.0.4 or OpenMetrics 1.0, also with names in quotes. Throws
 * `ExpositionError` naming the first wrong line. OpenMetrics is checked in full: lines, the order of families and of
 * samples, and that the parts of a histogram agree.
 * https://prometheus.io/docs/instrumenting/exposition_formats/ and
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function parseExposition(text: string, format: ExpositionFormat): ExpositionSample[] {
  return new ExpositionParser(format).parse(text);
}

interface Known extends ExpositionFamily {
  /** What was said about it. */
  readonly said: Set<string>;
  /** Its samples have begun. */
  started: boolean;
  /** Another family has followed. */
  ended: boolean;
  /** How its samples fit together, where that is asked. */
  readonly groups: SampleGroups;
}

class ExpositionParser {
  readonly #format: ExpositionFormat;
  readonly #strict: boolean;
  readonly #families = new Map<string, Known>();
  /** Names that samples of typed families may have. */
  readonly #owners = new Map<string, Known>();
  readonly #samples: ExpositionSample[] = [];
  #current: Known | undefined;
  /** Line of the last sample. */
  #last = 0;
  #ended = false;

  constructor(format: ExpositionFormat) {
    this.#format = format;
    this.#strict = format === 'openmetrics';
  }

  parse(text: string): ExpositionSample[] {
    let number = 0;
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      const scanner = new LineScanner(text.slice(start, end), ++number, this.#format);
      if (this.#ended) scanner.fail('nothing may follow # EOF');
      this.#readLine(scanner);
      if (newline < 0 && !this.#strict && text.slice(start).trim() !== '') {
        scanner.fail('the line does not end in a line feed: the text may be cut');
      }
      start = end + 1;
    }
    if (this.#strict && !this.#ended) throw new ExpositionError('# EOF is missing at the end: the text may be cut');
    if (this.#strict) this.#endGroup();
    return this.#samples;
  }

  #readLine(scanner: LineScanner): void {
    scanner.blanks();
    if (scanner.atEnd) {
      if (this.#strict) scanner.fail('empty lines are not allowed');
    } else if (scanner.accept('#')) this.#readComment(scanner);
    else this.#readSample(scanner);
  }

  #readComment(scanner: LineScanner): void {
    if (this.#strict) scanner.separator();
    else scanner.blanks();
    const keyword = scanner.word();
    if (keyword === 'EOF' && this.#strict && scanner.atEnd) this.#ended = true;
    else if (keyword === 'TYPE' || keyword === 'HELP' || (keyword === 'UNIT' && this.#strict)) {
      this.#readMetadata(scanner, keyword);
    } else if (this.#strict) scanner.fail('a comment begins with TYPE, HELP, UNIT or EOF');
  }

  #readMetadata(scanner: LineScanner, keyword: string): void {
    // In the text format these words alone make a comment.
    if (!this.#strict && scanner.atEnd) return;
    scanner.separator();
    if (!this.#strict && scanner.atEnd) return;
    const family = this.#familyOf(scanner.quoted() ?? scanner.metricName());
    if (!this.#strict) scanner.blanks();
    // Nothing is said, however often.
    if (!this.#strict && scanner.atEnd) return;
    if (this.#strict) scanner.separator();
    if (family.said.has(keyword)) scanner.fail(`${keyword} of ${family.name} is there twice`);
    if (family.started && (this.#strict || keyword === 'TYPE')) {
      scanner.fail(`${keyword} of ${family.name} comes after its samples`);
    }
    this.#turnTo(family, scanner);
    family.said.add(keyword);
    if (keyword === 'TYPE') this.#setType(family, scanner);
    else if (keyword === 'HELP') family.help = scanner.unescape(scanner.rest(), false);
    else family.unit = scanner.rest();
    if (this.#strict) checkUnit(family, scanner);
  }

  /** A name that nothing was said about is a family of its own. */
  #ownerOf(name: string): Known {
    const known = this.#owners.get(name);
    if (known) return known;
    const family = this.#familyOf(name);
    this.#owners.set(name, family);
    return family;
  }

  #familyOf(name: string): Known {
    let family = this.#families.get(name);
    if (!family) {
      const said = { name, type: 'unknown' as MetricType, unit: '', help: '' };
      family = Object.assign(said, {
        said: new Set<string>(),
        started: false,
        ended: false,
        groups: new SampleGroups(said),
      });
      this.#families.set(name, family);
    }
    return family;
  }

  #setType(family: Known, scanner: LineScanner): void {
    const word = this.#strict ? scanner.rest() : scanner.rest().trim();
    const type = word === 'untyped' && !this.#strict ? 'unknown' : word;
    if (!Object.hasOwn(SUFFIXES, type)) scanner.fail(`"${word}" is not a type`);
    family.type = type as MetricType;
    for (const suffix of ['', ...SUFFIXES[family.type]]) {
      const name = family.name + suffix;
      const owner = this.#owners.get(name);
      if (this.#strict && owner && owner !== family) scanner.fail(`${name} would belong to ${owner.name} as well`);
      if (!owner || suffix === '') this.#owners.set(name, family);
    }
  }

  #readSample(scanner: LineScanner): void {
    const named = scanner.series();
    if (this.#strict) scanner.separator();
    else scanner.blanks();
    const value = scanner.number('the value');
    const family = this.#ownerOf(named.name);
    const { timestamp, exemplar } = this.#readTail(scanner);
    this.#turnTo(family, scanner);
    family.started = true;
    const suffix = named.name.slice(family.name.length);
    const checked = { suffix, labels: named.labels, value, hasExemplar: exemplar !== undefined, time: timestamp };
    const flaw = flawOfPart(family, checked) ?? (this.#strict ? this.#flawInFamily(family, checked) : undefined);
    if (flaw) scanner.fail(flaw);
    this.#last = scanner.lineNumber;
    this.#samples.push({ ...named, value, timestamp: this.#toMilliseconds(timestamp), exemplar, family });
  }

  #flawInFamily(family: Known, sample: GroupedSample): string | undefined {
    return flawInOpenMetrics(family, sample) ?? family.groups.add(sample);
  }

  /** What may follow the value: a timestamp in the unit of the format, an exemplar. */
  #readTail(scanner: LineScanner): Pick<ExpositionSample, 'timestamp' | 'exemplar'> {
    if (!this.#strict) {
      scanner.blanks();
      const timestamp = scanner.atEnd ? undefined : this.#timestamp(scanner);
      scanner.blanks();
      if (!scanner.atEnd) scanner.fail('there is more after the timestamp');
      return { timestamp, exemplar: undefined };
    }
    if (scanner.atEnd) return { timestamp: undefined, exemplar: undefined };
    let timestamp: number | undefined;
    if (!scanner.accept(EXEMPLAR)) {
      scanner.separator();
      timestamp = this.#timestamp(scanner);
      if (scanner.atEnd) return { timestamp, exemplar: undefined };
      if (!scanner.accept(EXEMPLAR)) scanner.fail('an exemplar or the end of the line is expected');
    }
    const exemplar = this.#exemplar(scanner);
    if (!scanner.atEnd) scanner.fail('there is more after the sample');
    return { timestamp, exemplar };
  }

  /** Milliseconds in the text format, seconds in OpenMetrics. */
  #timestamp(scanner: LineScanner): number {
    const time = scanner.number('the timestamp');
    if (!Number.isFinite(time)) scanner.fail('the timestamp is not finite');
    if (!this.#strict && !Number.isInteger(time)) scanner.fail('the timestamp is no whole number of milliseconds');
    return time;
  }

  #toMilliseconds(time: number | undefined): number | undefined {
    return time !== undefined && this.#strict ? Math.round(time * 1000) : time;
  }

  #exemplar(scanner: LineScanner): ExpositionExemplar {
    const labels = scanner.labels(() => scanner.fail('a label of the exemplar has no value'));
    const characters = Object.entries(labels).reduce((sum, pair) => sum + [...pair.join('')].length, 0);
    if (characters > MOST_EXEMPLAR_CHARACTERS) scanner.fail('the labels of an exemplar have at most 128 characters');
    scanner.separator();
    const value = scanner.number('the value of the exemplar');
    if (scanner.atEnd) return { labels, value, timestamp: undefined };
    scanner.separator();
    return { labels, value, timestamp: this.#toMilliseconds(this.#timestamp(scanner)) };
  }

  /** What is said about a family and its samples follow each other. */
  #turnTo(family: Known, scanner: LineScanner): void {
    if (this.#current === family) return;
    if (this.#strict && family.ended) scanner.fail(`the lines of ${family.name} do not follow each other`);
    if (this.#strict) this.#endGroup();
    if (this.#current) this.#current.ended = true;
    this.#current = family;
  }

  #endGroup(): void {
    const flaw = this.#current?.groups.end();
    if (flaw !== undefined) throw new ExpositionError(`line ${this.#last}: ${flaw}`);
  }
}

function checkUnit({ name, unit, type }: Known, scanner: LineScanner): void {
  if (unit === '') return;
  if (!name.endsWith(`_${unit}`)) scanner.fail(`${name} does not end in its unit ${unit}`);
  if (type === 'info' || type === 'stateset') scanner.fail(`a metric of the type ${type} has no unit`);
}
