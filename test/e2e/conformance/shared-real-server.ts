/**
 * Many API servers in one: each opening is given namespaces of its own on one real server and sees nothing of the
 * others, as if the server were its own. Names of namespaces are rewritten on the way there and back.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ContractServer, Replacement } from "../../support/contract-server.ts";
import { createDeliveries } from "./deliveries.ts";
import type { Server } from "./server.ts";

/** Without news for so long, nobody is about to ask for more. */
const quietMs = 40;
const patienceMs = 10_000;
/** What every cluster has, and what Serin has of its own. */
const usual = ["default", "kube-system", "serin-system"];

export interface SharedServer extends Replacement {
  /** After each test: ends the watches that it left, since those of hundreds of tests would all be told of every write. */
  endTest(): void;
}

export function shareRealServer(server: Server): SharedServer {
  let opened = 0;
  let test = new AbortController();
  let underWay = 0;
  let lastHeard = 0;
  const deliveries = createDeliveries();
  const hear = () => {
    lastHeard = performance.now();
  };

  function open(): ContractServer {
    opened += 1;
    const mark = `-zq${String(opened).padStart(4, "0")}`;
    const { signal } = test;
    let begun: Promise<void> | undefined;
    const begin = async () => {
      for (const name of usual) {
        const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
        await exchange(namespaceCreation(body), mark, signal);
      }
    };
    return {
      async fetch(request) {
        begun ??= begin();
        await begun;
        return exchange(request, mark, signal);
      },
    };
  }

  async function exchange(request: Request, mark: string, end: AbortSignal): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const streaming = searchParams.has("watch");
    if (streaming && end.aborted) return noAnswer;
    underWay += 1;
    try {
      const body = await request.text();
      const answer = await server.fetch(there(pathname, mark) + search, {
        method: request.method,
        headers: Object.fromEntries(request.headers),
        ...(body !== "" && { body: bodyThere(body, mark) }),
        signal: streaming ? AbortSignal.any([request.signal, end]) : request.signal,
        streaming,
      });
      const headers = { "content-type": "application/json" };
      const { status } = answer;
      if (streaming && status === 200) {
        const watch = deliveries.watch(there(pathname, mark), searchParams);
        const told = (line: string) => {
          hear();
          watch.told(line);
        };
        const lines = linesBack(answer.chunks(), mark, { told, end: watch.end });
        return new Response(lines, { status, headers });
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of answer.chunks()) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString("utf8");
      if (isWrite(request.method) && status < 300) deliveries.written(there(pathname, mark), text);
      return new Response(back(text, mark), { status, headers });
    } finally {
      underWay -= 1;
      hear();
    }
  }

  return {
    open,
    endTest() {
      test.abort();
      test = new AbortController();
    },
    async settle() {
      const startedAt = performance.now();
      hear();
      const isBusy = () =>
        underWay > 0 || deliveries.pending() || performance.now() - lastHeard < quietMs;
      while (isBusy()) {
        if (performance.now() - startedAt > patienceMs) return;
        await sleep(5);
      }
    },
  };
}

/** A deleted object is told with a version that the answer does not have. */
const isWrite = (method: string): boolean => method !== "GET" && method !== "DELETE";

const noAnswer = new Promise<Response>(() => undefined);

function namespaceCreation(body: object): Request {
  return new Request("http://api.test/api/v1/namespaces", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

function there(pathname: string, mark: string): string {
  return pathname.replace(/\/namespaces\/([^/]+)/, `/namespaces/$1${mark}`);
}

/** Namespaces are named in objects' metadata and in references; that of a Namespace is its name. */
function bodyThere(body: string, mark: string): string {
  const isNamespace = /"kind":"Namespace"/.test(body);
  const named = body.replaceAll(/"namespace":"([^"]+)"/g, `"namespace":"$1${mark}"`);
  return isNamespace ? named.replaceAll(/"name":"([^"]+)"/g, `"name":"$1${mark}"`) : named;
}

/** Without what belongs to others, and without marks. */
function back(text: string, mark: string): string {
  return withoutOthers(text, mark).replaceAll(mark, "");
}

const otherMark = /-zq\d{4}/;

function withoutOthers(text: string, mark: string): string {
  if (!/"kind":"\w+List"/.test(text)) return text;
  const list: unknown = JSON.parse(text);
  if (typeof list !== "object" || list === null || !("items" in list)) return text;
  if (!Array.isArray(list.items)) return text;
  const items = list.items.filter((item) => isOwn(JSON.stringify(item), mark));
  return JSON.stringify({ ...list, items });
}

function isOwn(text: string, mark: string): boolean {
  return text.includes(mark) || !otherMark.test(text);
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + Buffer.from(chunk).toString("utf8")).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

interface Watcher {
  told(line: string): void;
  end(): void;
}

function linesBack(chunks: AsyncIterable<Uint8Array>, mark: string, { told, end }: Watcher) {
  async function* lines() {
    try {
      for await (const line of linesOf(chunks)) {
        told(line);
        if (isOwn(line, mark)) yield new TextEncoder().encode(`${line.replaceAll(mark, "")}\n`);
      }
    } finally {
      end();
    }
  }
  return ReadableStream.from(lines());
}
