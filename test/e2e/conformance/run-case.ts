/** Runs one row of the table on one server, in a namespace of its own, and says what each call was answered. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Call, ConformanceCase } from "./case.ts";
import { normalise } from "./normalise.ts";
import type { HttpAnswer, Server } from "./server.ts";

const patience = { timeoutMs: 20_000, pollMs: 100 };

export interface Exchange {
  readonly call: Call;
  readonly answer: Answer;
}

export async function runCase(server: Server, { what, calls }: ConformanceCase) {
  const namespace = namespaceOf(what);
  const create: Call = {
    method: "POST",
    path: "/api/v1/namespaces",
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    code: 201,
  };
  const created = await ask(server, create, namespace);
  if (created.code !== 201) throw new Error(`no namespace: ${JSON.stringify(created.body)}`);
  const exchanges: Exchange[] = [];
  const running = calls();
  for (let next = running.next(); next.done !== true; ) {
    const call = next.value;
    const answer = await settled(server, call, namespace);
    const { code, warnings } = answer;
    const body = call.codeOnly === undefined ? normalise(answer.body, namespace) : "not compared";
    exchanges.push({ call, answer: { code, warnings, body } });
    next = running.next(answer);
  }
  return exchanges;
}

function namespaceOf(what: string): string {
  const words = what.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `case-${words}`.slice(0, 60).replace(/-$/, "");
}

/** One call, again and again if it is one that needs its time. */
export async function settled(server: Server, call: Call, namespace: string): Promise<Answer> {
  const startedAt = performance.now();
  for (;;) {
    const answer = await ask(server, call, namespace);
    const isLate = performance.now() - startedAt > patience.timeoutMs;
    if (call.isEventual !== true || answer.code === call.code || isLate) return answer;
    await sleep(patience.pollMs);
  }
}

async function ask(server: Server, call: Call, namespace: string): Promise<Answer> {
  const { method, body, contentType = "application/json", accept = "application/json" } = call;
  const own = (text: string) => text.replaceAll("NAMESPACE", namespace);
  const text = typeof body === "string" ? own(body) : own(JSON.stringify(body) ?? "");
  const answer = await server.fetch(own(call.path), {
    method,
    headers: {
      accept,
      "user-agent": "conformance/1.0",
      ...(text !== "" && { "content-type": contentType }),
    },
    ...(text !== "" && { body: text }),
    signal: AbortSignal.timeout(patience.timeoutMs),
    streaming: call.events !== undefined,
  });
  return {
    code: answer.status,
    warnings: warningsOf(answer.warning),
    body:
      call.events === undefined || answer.status !== 200
        ? await whole(answer)
        : await eventsOf(answer, call.events),
  };
}

function warningsOf(header: string | null): readonly string[] {
  const quoted = (header ?? "").matchAll(/299 - ("(?:[^"\\]|\\.)*")/g);
  return Array.from(quoted, ([, text = '""']) => String(JSON.parse(text)));
}

async function whole(answer: HttpAnswer): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.chunks()) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The first `count` events, or fewer when the server ends the watch. */
async function eventsOf(answer: HttpAnswer, count: number): Promise<unknown> {
  const events: unknown[] = [];
  let text = "";
  for await (const chunk of answer.chunks()) {
    text += Buffer.from(chunk).toString("utf8");
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) events.push(JSON.parse(line));
    if (events.length >= count) break;
  }
  return events.slice(0, count);
}
