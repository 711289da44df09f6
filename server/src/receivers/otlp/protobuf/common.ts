import { ProtobufError, type ProtobufReader } from '../../../lib/protobuf-reader.ts';
import { doubleJson, doubleText, MOST_NESTED, setAttribute } from '../attribute-text.ts';
import { NO_SCOPE, type Scope } from '../origin.ts';

/** opentelemetry/proto/common/v1/common.proto, resource/v1/resource.proto */

/** Reads a `KeyValue` into `attributes`. A key that comes twice keeps its last value. */
export function readKeyValue(reader: ProtobufReader, attributes: Record<string, string>): void {
  let key = '';
  let value = '';
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) key = reader.string();
    else if (reader.field === 2) value = readAnyValueText(reader);
    else reader.skip();
  }
  reader.leave(outer);
  setAttribute(attributes, key, value);
}

/** An `AnyValue` as `model/attributes.ts` says: strings as they are, everything else as JSON. */
export function readAnyValueText(reader: ProtobufReader): string {
  let text = '';
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) text = reader.string();
    else if (reader.field === 2) text = String(reader.bool());
    else if (reader.field === 3) text = reader.int64Text();
    else if (reader.field === 4) text = doubleText(reader.double());
    else if (reader.field === 5) text = readArrayJson(reader, 1);
    else if (reader.field === 6) text = readMapJson(reader, 1);
    else if (reader.field === 7) text = reader.base64();
    else reader.skip();
  }
  reader.leave(outer);
  return text;
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

function readAttributesOf(reader: ProtobufReader, field: number): Record<string, string> {
  const attributes: Record<string, string> = {};
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === field) readKeyValue(reader, attributes);
    else reader.skip();
  }
  reader.leave(outer);
  return attributes;
}

function readScope(reader: ProtobufReader): Scope {
  let name = '';
  let version = '';
  const attributes: Record<string, string> = {};
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) version = reader.string();
    else if (reader.field === 3) readKeyValue(reader, attributes);
    else reader.skip();
  }
  reader.leave(outer);
  return { name, version, attributes };
}

/**
 * Walks `Resource*{resource = 1, scope_* = 2}` of `Scope*{scope = 1, item = 2}`, the shape of all three signals.
 * Fields of a message may come in any order: resource and scope are looked for first, then the rest is read.
 */
export function readGroups(
  reader: ProtobufReader,
  startScope: (resource: Record<string, string>, scope: Scope) => () => void,
): void {
  while (reader.next()) {
    if (reader.field === 1) readResourceGroup(reader, startScope);
    else reader.skip();
  }
}

function readResourceGroup(
  reader: ProtobufReader,
  startScope: (resource: Record<string, string>, scope: Scope) => () => void,
): void {
  const outer = reader.enter();
  const beginning = reader.position;
  let resource: Record<string, string> = {};
  while (reader.next()) {
    if (reader.field === 1) resource = readAttributesOf(reader, 1);
    else reader.skip();
  }
  reader.rewind(beginning);
  while (reader.next()) {
    if (reader.field === 2) readScopeGroup(reader, resource, startScope);
    else reader.skip();
  }
  reader.leave(outer);
}

function readScopeGroup(
  reader: ProtobufReader,
  resource: Record<string, string>,
  startScope: (resource: Record<string, string>, scope: Scope) => () => void,
): void {
  const outer = reader.enter();
  const beginning = reader.position;
  let scope = NO_SCOPE;
  while (reader.next()) {
    if (reader.field === 1) scope = readScope(reader);
    else reader.skip();
  }
  reader.rewind(beginning);
  const readItem = startScope(resource, scope);
  while (reader.next()) {
    if (reader.field === 2) readItem();
    else reader.skip();
  }
  reader.leave(outer);
}
