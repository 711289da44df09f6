import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';

/** Where a body stands in the file, and how many samples, spans or records it holds. */
interface Entry {
  readonly offset: number;
  readonly length: number;
  readonly items: number;
}

export interface PreparedRequest {
  readonly body: Buffer;
  readonly items: number;
}

/** Ready bodies in one file, so that making them does not cost the time of the measurement. */
export class RequestFileWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #entries: Entry[] = [];
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'w');
  }

  add(body: Buffer, items: number): void {
    writeSync(this.#file, body);
    this.#entries.push({ offset: this.#offset, length: body.length, items });
    this.#offset += body.length;
  }

  close(): void {
    closeSync(this.#file);
    writeFileSync(`${this.#path}.json`, JSON.stringify(this.#entries));
  }
}

export function readRequestFile(path: string, most = Number.POSITIVE_INFINITY): PreparedRequest[] {
  const bytes = readFileSync(path);
  const entries = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Entry[];
  return entries
    .slice(0, most)
    .map(({ offset, length, items }) => ({ body: bytes.subarray(offset, offset + length), items }));
}
