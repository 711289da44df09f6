import type { AttributePacker } from '../../../model/attribute-packer.ts';
import type { Attributes } from '../../../model/attributes.ts';
import { ServiceError } from '../../../model/errors.ts';
import { doubleJson, doubleText, MOST_NESTED, setAttribute } from '../attribute-text.ts';
import { type Envelope, type Envelopes, NO_SCOPE, type Scope } from '../origin.ts';
import {
  arrayField,
  asDouble,
  asIntegerText,
  asObject,
  boolField,
  field,
  type JsonObject,
  objectField,
  stringField,
  unsignedIntegerField,
} from './fields.ts';

/** A list of `KeyValue`. A key that comes twice keeps its last value. */
export function attributesField(object: JsonObject, name: string, where: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const entry of arrayField(object, name, where)) {
    const pair = asObject(entry, where, name);
    setAttribute(attributes, stringField(pair, 'key', where), anyValueText(field(pair, 'value'), where));
  }
  return attributes;
}

/** The same as the next pairs of `packer`. */
export function packAttributesField(object: JsonObject, packer: AttributePacker, where: string): void {
  for (const entry of arrayField(object, 'attributes', where)) {
    const pair = asObject(entry, where, 'attributes');
    packer.set(stringField(pair, 'key', where), anyValueText(field(pair, 'value'), where));
  }
}

/** An `AnyValue` as `model/attributes.ts` says: strings as they are, everything else as JSON. */
export function anyValueText(value: unknown, where: string): string {
  if (value === undefined) return '';
  const any = asObject(value, where, 'value');
  const text = field(any, 'stringValue');
  if (text !== undefined) return stringField(any, 'stringValue', where);
  const double = field(any, 'doubleValue');
  if (double !== undefined) return doubleText(asDouble(double, where, 'doubleValue'));
  const bytes = field(any, 'bytesValue');
  if (bytes !== undefined) return standardBase64(stringField(any, 'bytesValue', where));
  const json = anyValueJson(any, where, 0);
  return json === 'null' ? '' : json;
}

function anyValueJson(any: JsonObject, where: string, depth: number): string {
  if (field(any, 'stringValue') !== undefined) return JSON.stringify(stringField(any, 'stringValue', where));
  if (field(any, 'boolValue') !== undefined) return String(boolField(any, 'boolValue', where));
  const integer = field(any, 'intValue');
  if (integer !== undefined) return asIntegerText(integer, where, 'intValue');
  const double = field(any, 'doubleValue');
  if (double !== undefined) return doubleJson(asDouble(double, where, 'doubleValue'));
  const array = objectField(any, 'arrayValue', where);
  if (array) return arrayJson(array, where, depth + 1);
  const map = objectField(any, 'kvlistValue', where);
  if (map) return mapJson(map, where, depth + 1);
  const bytes = field(any, 'bytesValue');
  if (bytes !== undefined) return JSON.stringify(standardBase64(stringField(any, 'bytesValue', where)));
  return 'null';
}

function arrayJson(array: JsonObject, where: string, depth: number): string {
  checkDepth(depth, where);
  const values = arrayField(array, 'values', where).map((value) => memberJson(value, where, depth));
  return `[${values.join(',')}]`;
}

function mapJson(map: JsonObject, where: string, depth: number): string {
  checkDepth(depth, where);
  const members = new Map<string, string>();
  for (const entry of arrayField(map, 'values', where)) {
    const pair = asObject(entry, where, 'values');
    members.set(stringField(pair, 'key', where), memberJson(field(pair, 'value'), where, depth));
  }
  return `{${[...members].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}

function memberJson(value: unknown, where: string, depth: number): string {
  return value === undefined || value === null ? 'null' : anyValueJson(asObject(value, where, 'value'), where, depth);
}

/** proto3 takes both alphabets, with and without padding; one is stored. */
function standardBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('base64');
}

function checkDepth(depth: number, where: string): void {
  if (depth > MOST_NESTED) {
    throw new ServiceError('malformed', `${where}: a value is nested deeper than ${MOST_NESTED} levels`);
  }
}

function scopeOf(scope: JsonObject | undefined, where: string): Scope {
  if (!scope) return NO_SCOPE;
  return {
    name: stringField(scope, 'name', where),
    version: stringField(scope, 'version', where),
    attributes: attributesField(scope, 'attributes', where),
  };
}

function envelopeOf(group: JsonObject, what: JsonObject | undefined, where: string, whereWhat: string): Envelope {
  const dropped = what ? unsignedIntegerField(what, 'droppedAttributesCount', whereWhat) : 0;
  return { schemaUrl: stringField(group, 'schemaUrl', where), dropped };
}

/** Names of the three levels of a signal: `resourceSpans`, `scopeSpans`, `spans`. */
export interface GroupNames {
  readonly resources: string;
  readonly scopes: string;
  readonly items: string;
}

/** Walks the shape that all three signals share. `where` names the item for error messages. */
export function readGroups(
  request: unknown,
  names: GroupNames,
  startScope: (resource: Attributes, scope: Scope, envelopes: Envelopes) => (item: JsonObject, where: string) => void,
): void {
  const root = asObject(request, '', 'body');
  for (const [r, entry] of arrayField(root, names.resources, '').entries()) {
    const whereResource = `${names.resources}[${r}]`;
    const group = asObject(entry, '', whereResource);
    const resource = objectField(group, 'resource', whereResource);
    const attributes = resource ? attributesField(resource, 'attributes', `${whereResource}.resource`) : {};
    const envelope = envelopeOf(group, resource, whereResource, `${whereResource}.resource`);
    for (const [s, scopeEntry] of arrayField(group, names.scopes, whereResource).entries()) {
      const whereScope = `${whereResource}.${names.scopes}[${s}]`;
      const scopeGroup = asObject(scopeEntry, '', whereScope);
      const scope = objectField(scopeGroup, 'scope', whereScope);
      const readItem = startScope(attributes, scopeOf(scope, `${whereScope}.scope`), {
        resource: envelope,
        scope: envelopeOf(scopeGroup, scope, whereScope, `${whereScope}.scope`),
      });
      for (const [i, item] of arrayField(scopeGroup, names.items, whereScope).entries()) {
        const where = `${whereScope}.${names.items}[${i}]`;
        readItem(asObject(item, '', where), where);
      }
    }
  }
}
