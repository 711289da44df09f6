import type { ProtobufReader } from '../../../lib/protobuf-reader.ts';
import type { AttributePacker } from '../../../model/attribute-packer.ts';
import { setAttribute } from '../attribute-text.ts';
import { NO_SCOPE, type SchemaUrls, type Scope } from '../origin.ts';
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

/** Called where the items of a scope begin; answers what reads one of them. */
export type StartScope = (resource: Record<string, string>, scope: Scope, schemaUrls: SchemaUrls) => () => void;

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
  let resource: Record<string, string> = {};
  let schemaUrl = '';
  while (reader.next()) {
    if (reader.field === 1) resource = readAttributesOf(reader, 1);
    else if (reader.field === 3) schemaUrl = reader.string();
    else reader.skip();
  }
  reader.rewind(beginning);
  while (reader.next()) {
    if (reader.field === 2) readScopeGroup(reader, resource, schemaUrl, startScope);
    else reader.skip();
  }
  reader.leave(outer);
}

function readScopeGroup(
  reader: ProtobufReader,
  resource: Record<string, string>,
  resourceSchemaUrl: string,
  startScope: StartScope,
): void {
  const outer = reader.enter();
  const beginning = reader.position;
  let scope = NO_SCOPE;
  let schemaUrl = '';
  while (reader.next()) {
    if (reader.field === 1) scope = readScope(reader);
    else if (reader.field === 3) schemaUrl = reader.string();
    else reader.skip();
  }
  reader.rewind(beginning);
  const readItem = startScope(resource, scope, { resource: resourceSchemaUrl, scope: schemaUrl });
  while (reader.next()) {
    if (reader.field === 2) readItem();
    else reader.skip();
  }
  reader.leave(outer);
}
