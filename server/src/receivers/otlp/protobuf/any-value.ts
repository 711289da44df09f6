import { ProtobufError, type ProtobufReader } from '../../../lib/protobuf-reader.ts';
import type { AttributePacker } from '../../../model/attribute-packer.ts';
import { doubleJson, doubleText, MOST_NESTED } from '../attribute-text.ts';

/** Of several values in one `AnyValue`, or several in one pair, the last one counts. */
export function packAnyValue(reader: ProtobufReader, packer: AttributePacker): void {
  packer.dropValue();
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) {
      packer.dropValue();
      reader.textInto(packer.values);
    } else {
      const text = readOtherValue(reader);
      if (text === undefined) continue;
      packer.dropValue();
      packer.values.text(text);
    }
  }
  reader.leave(outer);
}

/** An `AnyValue` as `model/attributes.ts` says: strings as they are, everything else as JSON. */
export function readAnyValueText(reader: ProtobufReader): string {
  let text = '';
  const outer = reader.enter();
  while (reader.next()) {
    text = reader.field === 1 ? reader.string() : (readOtherValue(reader) ?? text);
  }
  reader.leave(outer);
  return text;
}

/** The kinds besides strings; `undefined` for a field that is none. */
function readOtherValue(reader: ProtobufReader): string | undefined {
  switch (reader.field) {
    case 2:
      return String(reader.bool());
    case 3:
      return reader.int64Text();
    case 4:
      return doubleText(reader.double());
    case 5:
      return readArrayJson(reader, 1);
    case 6:
      return readMapJson(reader, 1);
    case 7:
      return reader.base64();
    default:
      reader.skip();
      return undefined;
  }
}

/** An `AnyValue` inside of an array or map. */
function readAnyValueJson(reader: ProtobufReader, depth: number): string {
  let json = 'null';
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) json = JSON.stringify(reader.string());
    else if (reader.field === 2) json = String(reader.bool());
    else if (reader.field === 3) json = reader.int64Text();
    else if (reader.field === 4) json = doubleJson(reader.double());
    else if (reader.field === 5) json = readArrayJson(reader, depth + 1);
    else if (reader.field === 6) json = readMapJson(reader, depth + 1);
    else if (reader.field === 7) json = JSON.stringify(reader.base64());
    else reader.skip();
  }
  reader.leave(outer);
  return json;
}

function readArrayJson(reader: ProtobufReader, depth: number): string {
  checkDepth(depth);
  const values: string[] = [];
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) values.push(readAnyValueJson(reader, depth));
    else reader.skip();
  }
  reader.leave(outer);
  return `[${values.join(',')}]`;
}

function readMapJson(reader: ProtobufReader, depth: number): string {
  checkDepth(depth);
  const members = new Map<string, string>();
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) readMember(reader, members, depth);
    else reader.skip();
  }
  reader.leave(outer);
  return `{${[...members].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}

function readMember(reader: ProtobufReader, members: Map<string, string>, depth: number): void {
  let key = '';
  let json = 'null';
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) json = readAnyValueJson(reader, depth);
    else reader.skip();
  }
  reader.leave(outer);
  members.set(key, json);
}

function checkDepth(depth: number): void {
  if (depth > MOST_NESTED) throw new ProtobufError(`a value is nested deeper than ${MOST_NESTED} levels`);
}
