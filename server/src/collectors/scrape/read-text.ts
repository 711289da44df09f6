import type { ExpositionFormat } from '../../lib/exposition.ts';
import { SUFFIXES } from '../../lib/exposition-family.ts';
import { LineScanner, parseNumber } from '../../lib/exposition-scanner.ts';
import type { MetricType } from '../../model/metric.ts';
import { ScrapeError } from './scrape-error.ts';
import type { KnownLine, SampleExtras, TargetSeries } from './target-series.ts';

const EXEMPLAR = ' # {';

/**
 * Puts the samples of a target's answer into its series. As lenient as Prometheus is: every line must be readable and
 * OpenMetrics must end in `# EOF`, but how samples and families fit together is not looked at, since to lose a whole
 * scrape would be worse. Throws `ExpositionError` or `ScrapeError`; what was put in before then does not count.
 */
export function readText(text: string, format: ExpositionFormat, into: TargetSeries): void {
  new TextReader(format, into).read(text);
}

class TextReader {
  readonly #format: ExpositionFormat;
  readonly #strict: boolean;
  readonly #into: TargetSeries;
  #ended = false;
  #number = 0;

  constructor(format: ExpositionFormat, into: TargetSeries) {
    this.#format = format;
    this.#strict = format === 'openmetrics';
    this.#into = into;
  }

  read(text: string): void {
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      this.#number++;
      if (this.#ended) throw new ScrapeError(`line ${this.#number}: nothing may follow # EOF`);
      this.#readLine(text.slice(start, end));
      start = end + 1;
    }
    if (this.#strict && !this.#ended) throw new ScrapeError('# EOF is missing at the end: the answer may be cut');
  }

  #readLine(line: string): void {
    if (line.charCodeAt(0) === 0x23) this.#readComment(line);
    else if (!this.#readKnown(line)) this.#readSample(line);
  }

  /** A line whose series is known costs its numbers only. */
  #readKnown(line: string): boolean {
    const exemplar = this.#strict ? line.indexOf(EXEMPLAR) : -1;
    const head = exemplar < 0 ? line : line.slice(0, exemplar);
    const cut = head.lastIndexOf(' ');
    if (cut <= 0) return false;
    const tail = exemplar < 0 ? '' : line.slice(exemplar);
    const known = this.#into.line(head.slice(0, cut));
    if (known) return this.#append(known, head.slice(cut + 1), undefined, tail);
    const before = head.lastIndexOf(' ', cut - 1);
    if (before <= 0) return false;
    const timed = this.#into.line(head.slice(0, before));
    return timed !== undefined && this.#append(timed, head.slice(before + 1, cut), head.slice(cut + 1), tail);
  }

  /** False where the numbers are none: the slow way tells what is wrong. */
  #append(line: KnownLine, value: string, time: string | undefined, exemplar: string): boolean {
    const number = parseNumber(value);
    const timestamp = time === undefined ? undefined : parseNumber(time);
    if (number === undefined) return false;
    if (time !== undefined && !this.#isTime(timestamp)) return false;
    const own = this.#toMilliseconds(timestamp);
    const extras = exemplar === '' ? undefined : this.#exemplarOf(line, exemplar, own);
    this.#into.append(line, number, own, extras);
    return true;
  }

  /** An exemplar is stored once, not with every scrape that shows it again. */
  #exemplarOf(line: KnownLine, shared: string, time: number | undefined): SampleExtras | undefined {
    if (line.exemplar === shared) return undefined;
    const text = Buffer.from(shared).toString();
    const scanner = new LineScanner(text, this.#number, this.#format);
    scanner.accept(EXEMPLAR);
    const labels = scanner.labels(() => scanner.fail('a label of the exemplar has no value'));
    scanner.separator();
    const value = scanner.number('the value of the exemplar');
    let timestamp = time ?? this.#into.time;
    if (!scanner.atEnd) {
      scanner.separator();
      const seconds = scanner.number('the timestamp of the exemplar');
      if (!scanner.atEnd || !Number.isFinite(seconds)) scanner.fail('the end of the exemplar cannot be read');
      timestamp = Math.round(seconds * 1000);
    }
    line.exemplar = text;
    return { exemplars: [{ labels, value, timestamp }] };
  }

  #isTime(time: number | undefined): boolean {
    return time !== undefined && (this.#strict ? Number.isFinite(time) : Number.isSafeInteger(time));
  }

  #toMilliseconds(time: number | undefined): number | undefined {
    return time !== undefined && this.#strict ? Math.round(time * 1000) : time;
  }

  #readSample(shared: string): void {
    // What is kept of the line must not keep the whole answer: a copy of its own.
    const line = Buffer.from(shared).toString();
    const scanner = new LineScanner(line, this.#number, this.#format);
    scanner.blanks();
    if (scanner.atEnd) {
      if (this.#strict) scanner.fail('empty lines are not allowed');
      return;
    }
    if (scanner.accept('#')) {
      this.#readComment(line.trimStart());
      return;
    }
    const { name, labels } = scanner.series();
    const key = line.slice(0, scanner.position);
    if (this.#strict) scanner.separator();
    else scanner.blanks();
    const value = scanner.number('the value');
    const known = this.#into.line(key) ?? this.#into.addLine(key, name, labels);
    const timestamp = this.#readTimestamp(scanner);
    const extras = scanner.atEnd ? undefined : this.#exemplarOf(known, scanner.rest(), timestamp);
    this.#into.append(known, value, timestamp, extras);
  }

  /** Up to the end of the line or to an exemplar. */
  #readTimestamp(scanner: LineScanner): number | undefined {
    scanner.blanks();
    if (scanner.atEnd || this.#atExemplar(scanner)) return undefined;
    if (this.#strict) scanner.separator();
    const time = scanner.number('the timestamp');
    if (!this.#isTime(time)) scanner.fail('the timestamp is no finite number, or no whole one of milliseconds');
    scanner.blanks();
    if (!scanner.atEnd && !this.#atExemplar(scanner)) scanner.fail('there is more after the timestamp');
    return this.#toMilliseconds(time);
  }

  #atExemplar(scanner: LineScanner): boolean {
    return this.#strict && scanner.isAt(EXEMPLAR);
  }

  #readComment(shared: string): void {
    if (this.#into.knowsComment(shared)) return;
    const line = Buffer.from(shared).toString();
    const scanner = new LineScanner(line, this.#number, this.#format);
    scanner.accept('#');
    if (this.#strict) scanner.separator();
    else scanner.blanks();
    const keyword = scanner.word();
    if (this.#strict && keyword === 'EOF' && scanner.atEnd) this.#ended = true;
    else if (keyword === 'TYPE' || keyword === 'HELP' || (keyword === 'UNIT' && this.#strict)) {
      this.#readMetadata(scanner, keyword);
      this.#into.addComment(line);
    } else if (this.#strict) scanner.fail('a comment begins with TYPE, HELP, UNIT or EOF');
  }

  #readMetadata(scanner: LineScanner, keyword: 'TYPE' | 'HELP' | 'UNIT'): void {
    // In the text format these words alone make a comment.
    if (!this.#strict && scanner.atEnd) return;
    scanner.separator();
    if (!this.#strict && scanner.atEnd) return;
    const name = scanner.quoted() ?? scanner.metricName();
    if (!scanner.atEnd) scanner.separator();
    const { families } = this.#into;
    if (keyword === 'HELP') families.describe(name, 'help', scanner.unescape(scanner.rest(), false));
    else if (keyword === 'TYPE') families.describe(name, 'type', readType(scanner));
    else families.describe(name, 'unit', readUnit(scanner, name));
  }
}

function readType(scanner: LineScanner): MetricType {
  const word = scanner.rest().trim();
  const type = word === 'untyped' ? 'unknown' : word;
  return Object.hasOwn(SUFFIXES, type) ? (type as MetricType) : scanner.fail(`"${word}" is not a type`);
}

function readUnit(scanner: LineScanner, name: string): string {
  const unit = scanner.rest().trim();
  if (unit !== '' && !name.endsWith(`_${unit}`)) scanner.fail(`${name} does not end in its unit ${unit}`);
  return unit;
}
