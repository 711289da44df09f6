import type { RowBuffer } from './row-buffer.ts';

/**
 * From the bytes of an OTLP request to the bytes of rows with no object between: about as fast as JavaScript can, and
 * wrong for anything that our load does not send (values of lists and maps, late resources, more attributes than fit).
 */
export const SPAN_COLUMNS =
  'trace_id FixedString(16), span_id FixedString(8), parent_id FixedString(8), name String, kind UInt8, start Int64, ' +
  'end Int64, status UInt8, service String, attributes Map(String, String), resource Map(String, String), ' +
  'events Array(String)';
export const LOG_COLUMNS =
  'time Int64, severity UInt8, trace_id FixedString(16), span_id FixedString(8), body String, service String, ' +
  'attributes Map(String, String), resource Map(String, String)';

const NO_RESOURCE = { map: Buffer.from([0]), service: Buffer.alloc(0) };
const attributes = new Uint32Array(512);
const events = new Uint32Array(512);

/** The reader's place, shared so that no function needs to answer with two numbers. */
let at = 0;

function number(bytes: Buffer): number {
  let value = 0;
  let factor = 1;
  let byte: number;
  do {
    byte = bytes[at++]!;
    value += (byte & 0x7f) * factor;
    factor *= 0x80;
  } while (byte >= 0x80);
  return value;
}

function skip(bytes: Buffer, wireType: number): void {
  if (wireType === 2) {
    const size = number(bytes);
    at += size;
  } else if (wireType === 0) number(bytes);
  else at += wireType === 1 ? 8 : 4;
}

/** Calls `item` at the beginning of every item of a request, with its end and its resource; answers their number. */
function eachItem(bytes: Buffer, item: (end: number, resource: typeof NO_RESOURCE) => void): number {
  let count = 0;
  at = 0;
  while (at < bytes.length) {
    at++;
    const resourceEnd = number(bytes) + at;
    let resource = NO_RESOURCE;
    while (at < resourceEnd) {
      const tag = bytes[at++];
      const end = number(bytes) + at;
      if (tag === 0x0a) resource = readResource(bytes, end);
      else if (tag === 0x12) {
        while (at < end) {
          const inner = bytes[at++];
          const innerEnd = number(bytes) + at;
          if (inner === 0x12) {
            item(innerEnd, resource);
            count++;
          }
          at = innerEnd;
        }
      }
      at = end;
    }
  }
  return count;
}

export function spanRows(bytes: Buffer, rows: RowBuffer): number {
  return eachItem(bytes, (end, resource) => {
    let traceId = 0;
    let spanId = 0;
    let parentId = 0;
    let name = 0;
    let nameEnd = 0;
    let kind = 0;
    let start = 0;
    let finish = 0;
    let status = 0;
    let attributeCount = 0;
    let eventCount = 0;
    while (at < end) {
      const tag = bytes[at++]!;
      if ((tag & 7) === 2) {
        const fieldEnd = number(bytes) + at;
        if (tag === 0x0a) traceId = at;
        else if (tag === 0x12) spanId = at;
        else if (tag === 0x22) parentId = fieldEnd > at ? at : 0;
        else if (tag === 0x2a) [name, nameEnd] = [at, fieldEnd];
        else if (tag === 0x4a) {
          attributes[attributeCount++] = at;
          attributes[attributeCount++] = fieldEnd;
        } else if (tag === 0x5a) {
          events[eventCount++] = at;
          events[eventCount++] = fieldEnd;
        } else if (tag === 0x7a) status = statusCode(bytes, fieldEnd);
        at = fieldEnd;
      } else if (tag === 0x30) kind = number(bytes);
      else {
        if (tag === 0x39) start = at;
        else if (tag === 0x41) finish = at;
        skip(bytes, tag & 7);
      }
    }
    rows.fixed(bytes, traceId, 16);
    rows.fixed(bytes, spanId, 8);
    rows.fixed(bytes, parentId, 8);
    rows.text(bytes, name, nameEnd);
    rows.uint8(kind);
    rows.fixed(bytes, start, 8);
    rows.fixed(bytes, finish, 8);
    rows.uint8(status);
    rows.text(resource.service, 0, resource.service.length);
    writeAttributes(bytes, attributeCount, rows);
    rows.copy(resource.map, 0, resource.map.length);
    rows.varint(eventCount >> 1);
    for (let index = 0; index < eventCount; index += 2) writeEventName(bytes, events[index]!, events[index + 1]!, rows);
  });
}

export function logRows(bytes: Buffer, rows: RowBuffer): number {
  return eachItem(bytes, (end, resource) => {
    let time = 0;
    let severity = 0;
    let traceId = 0;
    let spanId = 0;
    let body = 0;
    let bodyEnd = 0;
    let attributeCount = 0;
    while (at < end) {
      const tag = bytes[at++]!;
      if ((tag & 7) === 2) {
        const fieldEnd = number(bytes) + at;
        if (tag === 0x2a) [body, bodyEnd] = [at, fieldEnd];
        else if (tag === 0x32) {
          attributes[attributeCount++] = at;
          attributes[attributeCount++] = fieldEnd;
        } else if (tag === 0x4a) traceId = at;
        else if (tag === 0x52) spanId = at;
        at = fieldEnd;
      } else if (tag === 0x10) severity = number(bytes);
      else {
        if (tag === 0x09) time = at;
        skip(bytes, tag & 7);
      }
    }
    rows.fixed(bytes, time, 8);
    rows.uint8(severity);
    rows.fixed(bytes, traceId, 16);
    rows.fixed(bytes, spanId, 8);
    writeValue(bytes, body, bodyEnd, rows);
    rows.text(resource.service, 0, resource.service.length);
    writeAttributes(bytes, attributeCount, rows);
    rows.copy(resource.map, 0, resource.map.length);
  });
}

/** The attributes of a resource as RowBinary, once for all of its items. */
function readResource(bytes: Buffer, end: number): typeof NO_RESOURCE {
  const pairs: string[] = [];
  let service = NO_RESOURCE.service;
  while (at < end) {
    const tag = bytes[at++]!;
    if (tag !== 0x0a) {
      skip(bytes, tag & 7);
      continue;
    }
    const pairEnd = number(bytes) + at;
    at++;
    const key = textAt(bytes);
    at++;
    number(bytes);
    at++;
    const value = textAt(bytes);
    pairs.push(key, value);
    if (key === 'service.name') service = Buffer.from(value);
    at = pairEnd;
  }
  // Names and values of our load are shorter than 128 bytes.
  const parts = pairs.map((text) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]));
  return { map: Buffer.concat([Buffer.from([pairs.length / 2]), ...parts]), service };
}

function textAt(bytes: Buffer): string {
  const size = number(bytes);
  at += size;
  return bytes.toString('utf8', at - size, at);
}

function statusCode(bytes: Buffer, end: number): number {
  let code = 0;
  while (at < end) {
    const tag = bytes[at++]!;
    if (tag === 0x18) code = number(bytes);
    else skip(bytes, tag & 7);
  }
  return code;
}

function writeAttributes(bytes: Buffer, count: number, rows: RowBuffer): void {
  rows.varint(count >> 1);
  for (let index = 0; index < count; index += 2) {
    at = attributes[index]! + 1;
    const keyEnd = number(bytes) + at;
    rows.text(bytes, at, keyEnd);
    at = keyEnd + 1;
    const valueEnd = number(bytes) + at;
    writeValue(bytes, at, valueEnd, rows);
  }
}

/** An AnyValue as text. */
function writeValue(bytes: Buffer, start: number, end: number, rows: RowBuffer): void {
  at = start;
  const tag = start < end ? bytes[at++] : undefined;
  if (tag === 0x0a) {
    const size = number(bytes);
    rows.text(bytes, at, at + size);
  } else if (tag === 0x18) rows.ascii(String(number(bytes)));
  else if (tag === 0x10) rows.ascii(bytes[at] ? 'true' : 'false');
  else if (tag === 0x21) rows.ascii(String(bytes.readDoubleLE(at)));
  else rows.ascii('');
}

function writeEventName(bytes: Buffer, start: number, end: number, rows: RowBuffer): void {
  at = start;
  while (at < end) {
    const tag = bytes[at++]!;
    if (tag !== 0x12) {
      skip(bytes, tag & 7);
      continue;
    }
    const size = number(bytes);
    rows.text(bytes, at, at + size);
    return;
  }
  rows.ascii('');
}
