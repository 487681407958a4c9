/** Reads a request's body within its bounds. Judges size, depth and syntax, not meaning. */
import { parse as parseYaml } from "yaml";
import { MAX_JSON_DEPTH, MAX_REQUEST_BODY_BYTES } from "../limits.ts";
import { decodeJson, decodeYaml } from "./decode.ts";
import { isDeeperThan, type Json } from "./json.ts";
import { decodeProtobuf } from "./protobuf/decode-protobuf.ts";
import { badRequest, bodyTooLarge, unsupportedMediaType } from "./status-error.ts";

const PROTOBUF = "application/vnd.kubernetes.protobuf";
const READABLE = ["application/json", "application/yaml", PROTOBUF];

export function mediaTypeOf(request: Request): string {
  return (request.headers.get("content-type") ?? "application/json").split(";")[0]?.trim() ?? "";
}

async function bytesOf(request: Request): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > MAX_REQUEST_BODY_BYTES) throw bodyTooLarge(MAX_REQUEST_BODY_BYTES);
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > MAX_REQUEST_BODY_BYTES) throw bodyTooLarge(MAX_REQUEST_BODY_BYTES);
  return bytes;
}

function parseText(bytes: Uint8Array, mediaType: string): Json {
  const text = new TextDecoder().decode(bytes);
  try {
    return mediaType.endsWith("yaml") ? decodeYaml(parseYaml(text)) : decodeJson(text);
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : "unreadable";
    throw badRequest(`the body of the request is not valid: ${because}`);
  }
}

/** The body as JSON; undefined when there is none. Throws 400, 413 or 415. */
export async function readBody(request: Request): Promise<Json | undefined> {
  const bytes = await bytesOf(request);
  if (bytes.length === 0) return undefined;
  const mediaType = mediaTypeOf(request);
  if (mediaType === PROTOBUF) return decodeProtobuf(bytes);
  if (!mediaType.includes("json") && !mediaType.endsWith("yaml"))
    throw unsupportedMediaType(READABLE);
  const value = parseText(bytes, mediaType);
  if (isDeeperThan(value, MAX_JSON_DEPTH)) {
    throw badRequest(`the body of the request is nested deeper than ${MAX_JSON_DEPTH} levels`);
  }
  return value;
}
