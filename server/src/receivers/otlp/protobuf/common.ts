import type { ProtobufReader } from '../../../lib/protobuf-reader.ts';
import type { AttributePacker } from '../../../model/attribute-packer.ts';
import type { Attributes } from '../../../model/attributes.ts';
import { setAttribute } from '../attribute-text.ts';
import { type Envelope, type Envelopes, NO_SCOPE, type Scope } from '../origin.ts';
import { packAnyValue, readAnyValueText } from './any-value.ts';

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

/** Reads a `KeyValue` as the next pair of `packer`: text goes from the message to the list without becoming a string. */
export function packKeyValue(reader: ProtobufReader, packer: AttributePacker): void {
  let keySize = 0;
  let keyEnd = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) {
      keySize = reader.delimited();
      keyEnd = reader.position;
    } else if (reader.field === 2) packAnyValue(reader, packer);
    else reader.skip();
  }
  reader.leave(outer);
  packer.endPairBytes(reader.bytes, keyEnd - keySize, keyEnd);
}

/** What stands in a `Resource` or an `InstrumentationScope`. */
interface Described extends Scope {
  readonly dropped: number;
}

const NOTHING: Described = { ...NO_SCOPE, dropped: 0 };

function readResource(reader: ProtobufReader): Described {
  let dropped = 0;
  const attributes: Record<string, string> = {};
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) readKeyValue(reader, attributes);
    else if (reader.field === 2) dropped = reader.int32();
    else reader.skip();
  }
  reader.leave(outer);
  return { ...NOTHING, attributes, dropped };
}

function readScope(reader: ProtobufReader): Described {
  let name = '';
  let version = '';
  let dropped = 0;
  const attributes: Record<string, string> = {};
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) version = reader.string();
    else if (reader.field === 3) readKeyValue(reader, attributes);
    else if (reader.field === 4) dropped = reader.int32();
    else reader.skip();
  }
  reader.leave(outer);
  return { name, version, attributes, dropped };
}

/** Called where the items of a scope begin; answers what reads one of them. */
export type StartScope = (resource: Attributes, scope: Scope, envelopes: Envelopes) => () => void;

/**
 * Walks `Resource*{resource = 1, scope_* = 2, schema_url = 3}` of `Scope*{scope = 1, item = 2, schema_url = 3}`, the
 * shape of all three signals. Fields of a message may come in any order: items are read after all the rest.
 */
export function readGroups(reader: ProtobufReader, startScope: StartScope): void {
  while (reader.next()) {
    if (reader.field === 1) readResourceGroup(reader, startScope);
    else reader.skip();
  }
}

function readResourceGroup(reader: ProtobufReader, startScope: StartScope): void {
  const outer = reader.enter();
  const beginning = reader.position;
  let resource = NOTHING;
  let schemaUrl = '';
  while (reader.next()) {
    if (reader.field === 1) resource = readResource(reader);
    else if (reader.field === 3) schemaUrl = reader.string();
    else reader.skip();
  }
  reader.rewind(beginning);
  const envelope = { schemaUrl, dropped: resource.dropped };
  while (reader.next()) {
    if (reader.field === 2) readScopeGroup(reader, resource.attributes, envelope, startScope);
    else reader.skip();
  }
  reader.leave(outer);
}

function readScopeGroup(
  reader: ProtobufReader,
  resource: Attributes,
  envelope: Envelope,
  startScope: StartScope,
): void {
  const outer = reader.enter();
  const beginning = reader.position;
  let scope = NOTHING;
  let schemaUrl = '';
  while (reader.next()) {
    if (reader.field === 1) scope = readScope(reader);
    else if (reader.field === 3) schemaUrl = reader.string();
    else reader.skip();
  }
  reader.rewind(beginning);
  const readItem = startScope(resource, scope, {
    resource: envelope,
    scope: { schemaUrl, dropped: scope.dropped },
  });
  while (reader.next()) {
    if (reader.field === 2) readItem();
    else reader.skip();
  }
  reader.leave(outer);
}

/** How many items `readGroups` will find; looks into none of them. */
export function countItems(reader: ProtobufReader): number {
  let count = 0;
  while (reader.next()) {
    if (reader.field === 1) count += countWithin(reader, () => countWithin(reader, () => countOne(reader)));
    else reader.skip();
  }
  return count;
}

/** Of the fields 2 of the present message: scopes in a resource, items in a scope. */
function countWithin(reader: ProtobufReader, countField: () => number): number {
  let count = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 2) count += countField();
    else reader.skip();
  }
  reader.leave(outer);
  return count;
}

function countOne(reader: ProtobufReader): number {
  reader.delimited();
  return 1;
}
