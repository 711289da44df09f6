import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HEADER_BYTES, readCut, type StoredHeader } from './record.ts';
import { type DamagedBytes, type ScannedRecord, scanSegment } from './scan-segment.ts';

/** A block that the log holds. */
export interface LoggedBlock {
  readonly sequence: number;
  readonly rows: number;
  readonly bytes: number;
  /** Its rows in ClickHouse's Native format. */
  read(): Promise<Buffer> | Buffer;
  /** Called when nobody reads it any more. */
  release?(): void;
}

/** Blocks that become one insert; `through` is the sequence of the last. */
export interface CutBlocks {
  readonly through: number;
  readonly blocks: readonly LoggedBlock[];
}

/** What a table has in the log and perhaps not in itself. */
export interface RecoveredTable {
  /** Whether these were inserted is not known: they keep their token. */
  readonly cuts: readonly CutBlocks[];
  /** What no insert has taken yet. */
  readonly loose: readonly LoggedBlock[];
}

/** What a damaged log has lost. */
export interface LogDamage {
  readonly segment: string;
  readonly offset: number;
  /** None where what should stand before this segment is not there at all. */
  readonly bytes: number;
  /** Blocks and rows that were there; `undefined` where nothing behind the damage tells. */
  readonly blocks: number | undefined;
  readonly rows: number | undefined;
}

interface RecoveredSegment {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  readonly damaged: boolean;
  /** Sequences of its blocks by table. */
  readonly blocks: readonly { readonly table: string; readonly sequence: number }[];
}

export interface Recovery {
  /** Of the log, `undefined` where there is none yet. */
  readonly id: string | undefined;
  readonly segments: readonly RecoveredSegment[];
  readonly tables: ReadonlyMap<string, RecoveredTable>;
  /** Without what is known to be in its table. */
  readonly damage: readonly LogDamage[];
  /** Sequences of the newest insert of each table that is done. */
  readonly doneThrough: ReadonlyMap<string, number>;
  readonly nextSequence: number;
  readonly rowsBefore: number;
  /** False: behind its last whole record there may have been others, whose sequences are taken. */
  readonly endsWhole: boolean;
}

/** A header, and the log's id. */
const BEGIN_BYTES = HEADER_BYTES + 36;

const SEGMENT = /^(\d{10})\.log$/;

export function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}.log`;
}

/** Reads the log of a process that has ended, however it ended. Changes nothing. */
export async function recover(path: string): Promise<Recovery> {
  const names = (await readdir(path)).filter((name) => SEGMENT.test(name)).sort();
  const reader = new LogReader();
  for (const [index, name] of names.entries()) {
    const file = join(path, name);
    reader.segment(name, file, await readFile(file), index === names.length - 1);
  }
  return reader.finish();
}

interface FoundBlock extends LoggedBlock {
  readonly table: string;
}

interface FoundCut {
  readonly table: string;
  readonly through: number;
  readonly first: number;
  readonly count: number;
  readonly rows: number;
}

class LogReader {
  #id: string | undefined;
  readonly #segments: RecoveredSegment[] = [];
  readonly #blocks: FoundBlock[] = [];
  readonly #cuts: FoundCut[] = [];
  readonly #done = new Map<string, number>();
  /** Blocks whose header is whole and whose body is not. */
  readonly #lost: { table: string; sequence: number; rows: number; gap: number }[] = [];
  readonly #gaps: { damage: LogDamage; open: boolean }[] = [];
  #firstSequence: number | undefined;
  /** True once a record has told where the log begins: what was before it is done and removed. */
  #hasBegun = false;
  #endsWhole = true;
  #nextSequence = 1;
  #rowsBefore = 0;

  segment(name: string, file: string, bytes: Buffer, isLast: boolean): void {
    const { records, damaged, tornAt } = scanSegment(bytes);
    const torn: DamagedBytes[] =
      tornAt === undefined || isLast ? [] : [{ offset: tornAt, bytes: bytes.length - tornAt }];
    const pieces = [...records, ...damaged, ...torn].sort((a, b) => a.offset - b.offset);
    const blocks: { table: string; sequence: number }[] = [];
    for (const piece of pieces) {
      if ('kind' in piece) {
        this.#record(name, file, bytes, piece);
        if (piece.kind === 'block') blocks.push({ table: piece.table, sequence: piece.sequence });
      } else {
        this.#damage(name, piece);
      }
    }
    const last = pieces.at(-1);
    this.#endsWhole = tornAt === undefined && (last === undefined || 'kind' in last);
    this.#segments.push({
      number: Number(SEGMENT.exec(name)![1]),
      path: file,
      bytes: bytes.length,
      damaged: damaged.length + torn.length > 0,
      blocks,
    });
  }

  #record(name: string, file: string, bytes: Buffer, record: ScannedRecord): void {
    this.#firstSequence ??= record.kind === 'block' || record.kind === 'begin' ? record.sequence : undefined;
    const body = bytes.subarray(record.offset + HEADER_BYTES, record.offset + HEADER_BYTES + record.bodyBytes);
    if (record.kind === 'begin') this.#id ??= body.toString();
    if (record.kind === 'cut') {
      this.#cuts.push({ table: record.table, through: record.sequence, rows: record.rows, ...readCut(body) });
    }
    if (record.kind === 'done') this.#done.set(record.table, record.sequence);
    if (record.kind === 'begin' || record.kind === 'block') this.#measureGaps(name, record);
    if (record.kind === 'block') {
      const { table, sequence, rows, bodyBytes, offset } = record;
      this.#blocks.push({
        table,
        sequence,
        rows,
        bytes: bodyBytes,
        read: () => readBody(file, offset + HEADER_BYTES, bodyBytes),
      });
      this.#nextSequence = sequence + 1;
      this.#rowsBefore = record.rowsBefore + rows;
    }
  }

  #damage(segment: string, { offset, bytes, header }: DamagedBytes): void {
    const damage = { segment, offset, bytes };
    if (header?.kind === 'begin' || header?.kind === 'block') this.#measureGaps(segment, { ...header, offset });
    if (header?.kind === 'cut') this.#cuts.push(this.#cutWithoutBody(header));
    if (header?.kind === 'block') {
      // The header says what was there; what comes behind is measured from here.
      this.#nextSequence = header.sequence + 1;
      this.#rowsBefore = header.rowsBefore + header.rows;
      this.#gaps.push({ damage: { ...damage, blocks: 1, rows: header.rows }, open: false });
      const { table, sequence, rows } = header;
      this.#lost.push({ table, sequence, rows, gap: this.#gaps.length - 1 });
    } else if (!header) {
      this.#gaps.push({ damage: { ...damage, blocks: undefined, rows: undefined }, open: true });
    }
  }

  /** A table is cut without gaps: each cut begins where the one before it ended. How many blocks it had is not known. */
  #cutWithoutBody({ table, sequence: through, rows }: StoredHeader): FoundCut {
    const before = this.#cuts.findLast((cut) => cut.table === table)?.through ?? this.#done.get(table) ?? 0;
    return { table, through, rows, first: before + 1, count: 0 };
  }

  /** The first record behind a gap tells what the gap held. */
  #measureGaps(segment: string, { offset, sequence, rowsBefore }: ScannedRecord): void {
    const open = this.#gaps.filter((gap) => gap.open);
    if (!this.#hasBegun) this.#begin(open, sequence, rowsBefore);
    else if (open.length === 0 && rowsBefore > this.#rowsBefore) {
      // A whole segment, or the end of one, is gone without a trace.
      const gap = { damage: { segment, offset, bytes: 0, blocks: undefined, rows: undefined }, open: true };
      this.#gaps.push(gap);
      open.push(gap);
    }
    for (const gap of open) {
      if (!gap.open) continue;
      const blocks = sequence - this.#nextSequence;
      const rows = rowsBefore - this.#rowsBefore;
      gap.damage = { ...gap.damage, blocks, rows };
      gap.open = false;
      // Of two gaps in a row the first has it all.
      this.#nextSequence = sequence;
      this.#rowsBefore = rowsBefore;
    }
  }

  /** What was lost before the first record is known only where nothing but the beginning of its segment fits. */
  #begin(open: readonly { damage: LogDamage; open: boolean }[], sequence: number, rowsBefore: number): void {
    this.#hasBegun = true;
    this.#nextSequence = sequence;
    this.#rowsBefore = rowsBefore;
    for (const gap of open) gap.open = open.length === 1 && gap.damage.bytes <= BEGIN_BYTES;
  }

  finish(): Recovery {
    const tables = new Map<string, RecoveredTable>();
    const byTable = Map.groupBy(this.#blocks, ({ table }) => table);
    for (const [table, blocks] of byTable) {
      const done = this.#done.get(table) ?? 0;
      const cuts = this.#cuts.filter((cut) => cut.table === table && cut.through > done);
      const cutThrough = cuts.at(-1)?.through ?? done;
      const recovered = {
        cuts: cuts
          .map(({ through, first }) => ({
            through,
            blocks: blocks.filter(({ sequence }) => sequence >= first && sequence <= through),
          }))
          .filter((cut) => cut.blocks.length > 0),
        loose: blocks.filter(({ sequence }) => sequence > cutThrough),
      };
      if (recovered.cuts.length + recovered.loose.length > 0) tables.set(table, recovered);
    }
    return {
      id: this.#id,
      segments: this.#segments,
      tables,
      damage: this.#realDamage(),
      doneThrough: this.#done,
      nextSequence: this.#nextSequence,
      rowsBefore: this.#rowsBefore,
      endsWhole: this.#endsWhole,
    };
  }

  /** What was lost from the log but had reached its table is no loss. */
  #realDamage(): LogDamage[] {
    if (this.#gaps.length === 0) return [];
    const gaps = this.#gaps.map(({ damage }) => ({ ...damage }));
    for (const { table, sequence, gap } of this.#lost) {
      if ((this.#done.get(table) ?? 0) >= sequence) gaps[gap] = { ...gaps[gap]!, blocks: 0, rows: 0 };
    }
    let stored = { blocks: 0, rows: 0 };
    for (const cut of this.#cuts) {
      if ((this.#done.get(cut.table) ?? 0) < cut.through || cut.first < (this.#firstSequence ?? 0)) continue;
      const isOf = (block: { table: string; sequence: number }) =>
        block.table === cut.table && block.sequence >= cut.first && block.sequence <= cut.through;
      const there = this.#blocks.filter(isOf);
      const known = [...there, ...this.#lost.filter(isOf)];
      const missing = cut.count - known.length;
      if (missing <= 0) continue;
      const rows = cut.rows - known.reduce((sum, block) => sum + block.rows, 0);
      stored = { blocks: stored.blocks + missing, rows: stored.rows + rows };
    }
    return gaps
      .map((damage) => {
        if (damage.rows === undefined || damage.blocks === undefined) return damage;
        const blocks = Math.min(stored.blocks, damage.blocks);
        const rows = Math.min(stored.rows, damage.rows);
        stored = { blocks: stored.blocks - blocks, rows: stored.rows - rows };
        return { ...damage, blocks: damage.blocks - blocks, rows: damage.rows - rows };
      })
      .filter(({ rows }) => rows !== 0);
  }
}

async function readBody(file: string, position: number, length: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const body = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(body, 0, length, position);
    if (bytesRead !== length) throw new Error(`${file} has become shorter while it was read`);
    return body;
  } finally {
    await handle.close();
  }
}
