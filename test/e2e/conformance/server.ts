/** The two API servers that the table is run on, each behind the same few lines of HTTP. */
import { connectByKubeconfig } from "../../../src/adapters/kubernetes/kube-config.ts";
import { createSystemClock } from "../../../src/adapters/system-clock.ts";
import { silentLog } from "../../../src/cli/silent-log.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { createApiServer } from "../../../src/sandbox/api-server/api-server.ts";

export interface HttpCall {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** A watch. */
  readonly streaming: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly warning: string | null;
  chunks(): AsyncIterable<Uint8Array>;
}

export interface Server {
  readonly name: "real" | "embedded";
  fetch(path: string, call: HttpCall): Promise<HttpAnswer>;
  close(): Promise<void>;
}

interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { getReader(): Reader } | null;
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

export async function openRealServer(kubeconfig: string): Promise<Server> {
  const connection = await connectByKubeconfig({
    path: kubeconfig,
    clock: createSystemClock(),
    log: silentLog,
  });
  const { baseUrl, fetch, headers } = connection.wire;
  return {
    name: "real",
    async fetch(path, call) {
      const own = { ...call.headers, ...(await headers()) };
      return answerOf(await fetch(baseUrl + path, { ...call, headers: own, redirect: "manual" }));
    },
    close: () => connection.close(),
  };
}

export function openEmbeddedServer(clock: Clock = createSystemClock()): Server {
  const server = createApiServer({ clock });
  return {
    name: "embedded",
    fetch: async (path, call) =>
      answerOf(await server.fetch(new Request(`http://cluster.test${path}`, call))),
    async close() {
      server.close();
    },
  };
}

function answerOf({ status, headers, body }: FetchAnswer): HttpAnswer {
  return { status, warning: headers.get("warning"), chunks: () => chunksOf(body) };
}

async function* chunksOf(body: FetchAnswer["body"]): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value !== undefined) yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
