/** Builds HTTP responses. Knows headers, not contents. */
import { NothingServedError, type StatusError } from "./status-error.ts";

const JSON_TYPE = "application/json";

export function jsonResponse(
  text: string,
  code: number,
  warnings: readonly string[] = [],
): Response {
  const headers = new Headers({ "content-type": JSON_TYPE });
  for (const warning of warnings) headers.append("warning", `299 - ${JSON.stringify(warning)}`);
  return new Response(text, { status: code, headers });
}

export function typedResponse(text: string, type: string): Response {
  return new Response(text, { status: 200, headers: { "content-type": type } });
}

export function watchResponse(stream: ReadableStream<Uint8Array>): Response {
  return new Response(stream, { status: 200, headers: { "content-type": JSON_TYPE } });
}

export function errorResponse(error: StatusError): Response {
  if (error instanceof NothingServedError) return textResponse(`${error.message}\n`, error.code);
  return jsonResponse(JSON.stringify(error.status), error.code);
}

export function textResponse(text: string, status = 200): Response {
  return new Response(text, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
