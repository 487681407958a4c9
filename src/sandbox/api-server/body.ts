/** Reads a request's body within its bounds. Judges size, depth and syntax, not meaning. */
import { parse as parseYaml } from "yaml";
import { MAX_JSON_DEPTH, MAX_REQUEST_BODY_BYTES } from "../limits.ts";
import { decodeJson, decodeYaml } from "./decode.ts";
import { isDeeperThan, type Json } from "./json.ts";
import { badRequest, bodyTooLarge, unsupportedMediaType } from "./status-error.ts";

export function mediaTypeOf(request: Request): string {
  return (request.headers.get("content-type") ?? "application/json").split(";")[0]?.trim() ?? "";
}

async function textOfBody(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_REQUEST_BODY_BYTES)
    throw bodyTooLarge(MAX_REQUEST_BODY_BYTES);
  const text = await request.text();
  if (Buffer.byteLength(text) > MAX_REQUEST_BODY_BYTES) throw bodyTooLarge(MAX_REQUEST_BODY_BYTES);
  return text;
}

function parseText(text: string, mediaType: string): Json {
  try {
    return mediaType.endsWith("yaml") ? decodeYaml(parseYaml(text)) : decodeJson(text);
  } catch (cause) {
    throw badRequest(
      `the body of the request is not valid: ${cause instanceof Error ? cause.message : "unreadable"}`,
    );
  }
}

/** The body as JSON; undefined when there is none. Throws 400, 413 or 415. */
export async function readBody(request: Request): Promise<Json | undefined> {
  const text = await textOfBody(request);
  if (text === "") return undefined;
  const mediaType = mediaTypeOf(request);
  if (mediaType.includes("protobuf") || mediaType.includes("cbor"))
    throw unsupportedMediaType(["application/json", "application/yaml"]);
  const value = parseText(text, mediaType);
  if (isDeeperThan(value, MAX_JSON_DEPTH))
    throw badRequest(`the body of the request is nested deeper than ${MAX_JSON_DEPTH} levels`);
  return value;
}
