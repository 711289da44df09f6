import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ProtobufWriter } from '../../server/src/lib/protobuf-writer.ts';

interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly repeated: boolean;
}

interface Message {
  readonly fields: Field[];
}

/**
 * The messages and enumerations of .proto files, as far as the files of OpenTelemetry and Prometheus use the language, and an encoder
 * from proto3's JSON to bytes by them. It knows nothing of our decoders: both can be held against each other.
 */
export class ProtoSchema {
  readonly #messages = new Map<string, Message>();
  readonly #enums = new Map<string, Map<string, number>>();

  /** Reads every .proto file below a folder; names are kept without their package, which are unique there. */
  static ofFolder(folder: string): ProtoSchema {
    const schema = new ProtoSchema();
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      // Profiles are under development and use names of other files for other things.
      if (name.endsWith('.proto') && !name.includes('development')) {
        schema.#read(readFileSync(path.join(folder, name), 'utf8'));
      }
    }
    return schema;
  }

  static ofFiles(files: readonly string[]): ProtoSchema {
    const schema = new ProtoSchema();
    for (const file of files) schema.#read(readFileSync(file, 'utf8'));
    return schema;
  }

  #read(source: string): void {
    const words = source.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
    const scopes: { kind: string; name: string }[] = [];
    for (const [statement] of words.matchAll(/[^;{}]+[;{]|\}/g)) {
      const text = statement.trim();
      const open = /^(message|enum|oneof|service)\s+(\w+)\s*\{$/.exec(text);
      if (open) {
        scopes.push({ kind: open[1]!, name: open[2]! });
        if (open[1] === 'message') this.#messages.set(open[2]!, { fields: [] });
        if (open[1] === 'enum') this.#enums.set(open[2]!, new Map());
      } else if (text === '}') scopes.pop();
      else if (text.endsWith('{')) scopes.push({ kind: 'other', name: '' });
      else this.#readMember(text, scopes);
    }
  }

  #readMember(text: string, scopes: readonly { kind: string; name: string }[]): void {
    const owner = scopes.findLast(({ kind }) => kind === 'message' || kind === 'enum');
    if (!owner) return;
    if (owner.kind === 'enum') {
      const value = /^(\w+)\s*=\s*(\d+)/.exec(text);
      if (value) this.#enums.get(owner.name)!.set(value[1]!, Number(value[2]));
      return;
    }
    const field = /^(?:(repeated|optional)\s+)?([\w.]+)\s+(\w+)\s*=\s*(\d+)/.exec(text);
    if (!field || field[2] === 'reserved') return;
    this.#messages.get(owner.name)!.fields.push({
      name: field[3]!,
      number: Number(field[4]),
      type: field[2]!.split('.').at(-1)!,
      repeated: field[1] === 'repeated',
    });
  }

  /** The bytes of a message whose OTLP/JSON form is given. */
  encode(messageName: string, json: Readonly<Record<string, unknown>>): Buffer {
    const message = this.#messages.get(messageName);
    if (!message) throw new Error(`no message ${messageName}`);
    const writer = new ProtobufWriter();
    for (const field of message.fields) {
      const value = json[camelCase(field.name)] ?? json[field.name];
      if (value === undefined || value === null) continue;
      for (const one of field.repeated ? (value as unknown[]) : [value]) this.#write(writer, field, one);
    }
    return writer.finish();
  }

  #write(writer: ProtobufWriter, field: Field, value: unknown): void {
    const { type, number } = field;
    const integer = () => BigInt(value as string | number);
    if (type === 'string') writer.string(number, value as string);
    else if (type === 'bool') writer.varint(number, value ? 1 : 0);
    else if (type === 'double') writer.double(number, Number(value));
    else if (type === 'bytes') writer.bytes(number, bytesOf(field, value as string));
    else if (type === 'fixed64' || type === 'sfixed64') writer.fixed64(number, integer());
    else if (type === 'fixed32') writer.fixed32(number, Number(value));
    else if (type === 'sint32') writer.varint(number, (Number(value) << 1) ^ (Number(value) >> 31));
    else if (type === 'sint64') writer.varint(number, (integer() << 1n) ^ (integer() >> 63n));
    else if (/^u?int(32|64)$/.test(type)) writer.varint(number, integer());
    else if (this.#enums.has(type)) writer.varint(number, this.#enums.get(type)!.get(value as string) ?? Number(value));
    else writer.bytes(number, this.encode(type, value as Record<string, unknown>));
  }
}

/** OTLP's JSON writes ids in hex; those that end in `=` are base64 all the same. */
function bytesOf(field: Field, value: string): Buffer {
  return Buffer.from(value, field.name.endsWith('_id') && !value.endsWith('=') ? 'hex' : 'base64');
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
