/** Speaks to an embedded API server in-process, the way the tests of it want to: plain values in and out, no sockets. */
import { type ApiServer, createApiServer } from "../../src/sandbox/api-server/api-server.ts";
import type { ContractServer } from "./contract-server.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

export interface Answer {
  readonly code: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
  readonly warnings: string | null;
}

export interface Call {
  readonly contentType?: string;
  readonly accept?: string;
  readonly agent?: string;
}

export interface Client<Server extends ContractServer = ApiServer> {
  readonly server: Server;
  readonly clock: ManualClock;
  send(method: string, path: string, body?: unknown, call?: Call): Promise<Answer>;
  get(path: string, call?: Call): Promise<Answer>;
  post(path: string, body: unknown, call?: Call): Promise<Answer>;
  put(path: string, body: unknown, call?: Call): Promise<Answer>;
  jsonPatch(path: string, body: unknown): Promise<Answer>;
  mergePatch(path: string, body: unknown): Promise<Answer>;
  strategicPatch(path: string, body: unknown): Promise<Answer>;
  apply(path: string, body: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
  watch(path: string, call?: Call): Promise<WatchReader>;
}

export interface WatchReader {
  readonly code: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into events of every shape
  next(): Promise<any>;
  /** `TYPE name` of the next events. */
  names(count: number): Promise<readonly string[]>;
  cancel(): Promise<void>;
}

const BASE = "http://cluster.test";

function readerOf(response: Response): WatchReader {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const next: WatchReader["next"] = async () => {
    const chunk = await reader?.read();
    return chunk?.value === undefined ? undefined : JSON.parse(decoder.decode(chunk.value));
  };
  return {
    code: response.status,
    next,
    names: async (count) => {
      const seen: string[] = [];
      while (seen.length < count) {
        const event = await next();
        seen.push(`${event?.type} ${event?.object.metadata.name}`);
      }
      return seen;
    },
    cancel: async () => reader?.cancel(),
  };
}

function requestOf(method: string, path: string, body: unknown, call: Call): Request {
  const headers = new Headers({
    accept: call.accept ?? "application/json",
    "user-agent": call.agent ?? "tests/1.0",
  });
  if (body !== undefined) headers.set("content-type", call.contentType ?? "application/json");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Request(
    BASE + path,
    body === undefined ? { method, headers } : { method, headers, body: text },
  );
}

/** Nothing is served at a path: that alone is said in plain text. */
function bodyOf(text: string): unknown {
  return text.startsWith("404 page") ? text : JSON.parse(text);
}

export function createClient(): Client {
  const clock = createManualClock();
  return createClientOf(createApiServer({ clock }), clock);
}

export function createClientOf<Server extends ContractServer>(
  server: Server,
  clock: ManualClock,
): Client<Server> {
  const send: Client["send"] = async (method, path, body, call = {}) => {
    const response = await server.fetch(requestOf(method, path, body, call));
    return {
      code: response.status,
      body: bodyOf(await response.text()),
      warnings: response.headers.get("warning"),
    };
  };
  const patch = (type: string) => (path: string, body: unknown) =>
    send("PATCH", path, body, { contentType: `application/${type}` });
  return {
    server,
    clock,
    send,
    get: (path, call) => send("GET", path, undefined, call),
    post: (path, body, call) => send("POST", path, body, call),
    put: (path, body, call) => send("PUT", path, body, call),
    jsonPatch: patch("json-patch+json"),
    mergePatch: patch("merge-patch+json"),
    strategicPatch: patch("strategic-merge-patch+json"),
    apply: patch("apply-patch+yaml"),
    delete: (path, body) => send("DELETE", path, body),
    watch: async (path, call = {}) =>
      readerOf(await server.fetch(requestOf("GET", path, undefined, call))),
  };
}
