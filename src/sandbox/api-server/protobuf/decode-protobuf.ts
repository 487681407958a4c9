/** Decodes the protobuf bodies of requests into JSON. Knows the wire format; the messages are a table of their own. */
import { type Json, type JsonObject, objectAt, stringAt } from "../json.ts";
import { badRequest, unsupportedMediaType } from "../status-error.ts";
import { MESSAGES, type Message, type MessageField } from "./messages.ts";

/** What every Kubernetes protobuf body begins with. */
const MAGIC = "k8s\0";
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

interface Token {
  readonly field: number;
  readonly number: bigint;
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array();
const decoder = new TextDecoder();

class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  token(): Token {
    const tag = Number(this.#varint());
    const field = tag >> 3;
    switch (tag & 7) {
      case VARINT:
        return { field, number: this.#varint(), bytes: NOTHING };
      case BYTES:
        return { field, number: 0n, bytes: this.#take(Number(this.#varint())) };
      case FIXED64:
        return { field, number: 0n, bytes: this.#take(8) };
      case FIXED32:
        return { field, number: 0n, bytes: this.#take(4) };
      default:
        throw badRequest("the protobuf body uses an unknown wire type");
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw badRequest("the protobuf body ends too early");
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte = 0] = this.#take(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw badRequest("the protobuf body has an endless number");
  }
}

function tokensOf(bytes: Uint8Array): readonly Token[] {
  const reader = new Reader(bytes);
  const tokens: Token[] = [];
  while (!reader.atEnd) tokens.push(reader.token());
  return tokens;
}

function intOrString(bytes: Uint8Array): Json {
  const tokens = tokensOf(bytes);
  const isString = tokens.some((token) => token.field === 1 && token.number === 1n);
  if (isString) return decoder.decode(tokens.find((token) => token.field === 3)?.bytes ?? NOTHING);
  return Number(BigInt.asIntN(32, tokens.find((token) => token.field === 2)?.number ?? 0n));
}

function mapEntry(bytes: Uint8Array, valueType: string): readonly [string, Json] {
  const tokens = tokensOf(bytes);
  const part = (field: number): Uint8Array =>
    tokens.find((token) => token.field === field)?.bytes ?? NOTHING;
  return [decoder.decode(part(1)), scalar({ field: 2, number: 0n, bytes: part(2) }, valueType)];
}

function scalar(token: Token, type: string): Json {
  switch (type) {
    case "string":
      return decoder.decode(token.bytes);
    case "bytes":
      return Buffer.from(token.bytes).toString("base64");
    case "int":
    case "count":
      return Number(BigInt.asIntN(64, token.number));
    case "bool":
      return token.number !== 0n;
    case "IntOrString":
      return intOrString(token.bytes);
    default:
      return message(token.bytes, messageNamed(type));
  }
}

function messageNamed(name: string): Message {
  const found = MESSAGES.get(name);
  if (found === undefined) throw unsupportedMediaType(["application/json", "application/yaml"]);
  return found;
}

/** Protobuf writes out the empty values that JSON leaves out. */
function isUnset(value: Json, { type, isRepeated }: MessageField): boolean {
  if (isRepeated) return false;
  return value === "" || value === false || (value === 0 && type === "int");
}

function message(bytes: Uint8Array, fields: Message): JsonObject {
  const result: Record<string, Json> = {};
  for (const token of tokensOf(bytes)) {
    const field = fields.get(token.field);
    if (field === undefined) continue;
    const { name, type } = field;
    if (type.startsWith("{")) {
      const [key, value] = mapEntry(token.bytes, type.slice(1, -1));
      result[name] = { ...objectAt(result, name), [key]: value };
      continue;
    }
    const value = scalar(token, type);
    const former = result[name];
    if (field.isRepeated) result[name] = [...(Array.isArray(former) ? former : []), value];
    else if (!isUnset(value, field)) result[name] = value;
  }
  return result;
}

/** Throws a 415 for kinds that are not in the table: those must come as JSON. */
export function decodeProtobuf(body: Uint8Array): JsonObject {
  if (decoder.decode(body.subarray(0, MAGIC.length)) !== MAGIC)
    throw badRequest("the body is no Kubernetes protobuf");
  const envelope = tokensOf(body.subarray(MAGIC.length));
  const part = (field: number): Uint8Array =>
    envelope.find((token) => token.field === field)?.bytes ?? NOTHING;
  const typeMeta = message(part(1), messageNamed("TypeMeta"));
  const content = message(part(2), messageNamed(stringAt(typeMeta, "kind") ?? ""));
  return { ...typeMeta, ...content };
}
