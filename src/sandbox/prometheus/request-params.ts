/** Reads the parameters of Prometheus' HTTP API from an address and a form, or says which one is bad. */
import { MAX_FORM_BYTES } from "./limits.ts";
import { QueryError } from "./promql/errors.ts";
import { parseDurationMs } from "./promql/literals.ts";

export async function readParams(request: Request): Promise<URLSearchParams> {
  const params = new URL(request.url).searchParams;
  if (request.method !== "POST") return params;
  const body = await request.text();
  if (body.length > MAX_FORM_BYTES) throw new QueryError("bad_data", "request body is too large");
  const form = new URLSearchParams(body);
  for (const [name, value] of params) form.append(name, value);
  return form;
}

export function timeParam(params: URLSearchParams, name: string, otherwiseMs: number): number {
  const text = params.get(name);
  if (text === null || text === "") return otherwiseMs;
  const timeMs = parseTimeMs(text);
  if (timeMs === undefined) {
    throw invalidParam(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
  }
  return timeMs;
}

function parseTimeMs(text: string): number | undefined {
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.round(seconds * 1000);
  const timeMs = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

export function durationParam(params: URLSearchParams, name: string): number {
  const text = params.get(name) ?? "";
  const seconds = text.trim() === "" ? Number.NaN : Number(text);
  const durationMs = Number.isFinite(seconds) ? seconds * 1000 : parseDurationMs(text);
  if (durationMs === undefined) {
    throw invalidParam(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
  }
  if (durationMs <= 0) {
    throw invalidParam(
      name,
      "zero or negative query resolution step widths are not accepted. Try a positive integer",
    );
  }
  return durationMs;
}

export function invalidParam(name: string, message: string): QueryError {
  return new QueryError("bad_data", `invalid parameter "${name}": ${message}`);
}
