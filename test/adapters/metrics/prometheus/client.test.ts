/** The client against a real HTTP server: what it sends, and what it does when the wire misbehaves. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { afterEach, describe, expect, it } from "vitest";
import type { InstantQuery } from "../../../../src/adapters/metrics/prometheus/client.ts";
import { createPrometheusClient } from "../../../../src/adapters/metrics/prometheus/client.ts";
import { MAX_ANSWER_BYTES } from "../../../../src/adapters/metrics/prometheus/limits.ts";
import { createOutbound } from "../../../../src/compose/outbound.ts";
import { createManualClock, settleTasks } from "../../../support/manual-clock.ts";

const EMPTY = JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } });
const servers = new Set<Server>();

async function stopServers(): Promise<void> {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
  servers.clear();
}
afterEach(stopServers);

async function listening(server: Server, scheme = "http"): Promise<string> {
  servers.add(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `${scheme}://localhost:${port}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const ways = createOutbound({
  loopback: "Allow",
  metricsServer: "http://prometheus.invalid",
  providerHosts: "*",
});
const outbound = { fetch: ways.ask, createTrustingFetch: ways.askTrusting };

/** Without a Date, unless the listener sets one: the machine's clock is not the client's. */
async function serving(listener: Listener) {
  const clock = createManualClock();
  const client = createPrometheusClient({ clock, ...outbound });
  const address = await listening(
    createServer((request, response) => {
      response.sendDate = false;
      void listener(request, response);
    }),
  );
  const ask = (more: Partial<InstantQuery> = {}) =>
    client.instant({ endpoint: { address }, query: "up", timeoutMs: 5_000, ...more });
  return { clock, client, address, ask };
}

const answerEmpty = (_request: unknown, response: ServerResponse) => {
  response.sendDate = false;
  response.end(EMPTY);
};

describe("what the client sends", () => {
  it("posts a form under the address, with the instant and the time the server has", async () => {
    const seen: unknown[] = [];
    const { client, address } = await serving(async (request, response) => {
      const form = new URLSearchParams(await bodyOf(request));
      seen.push([request.method, request.url, Object.fromEntries(form)]);
      response.end(EMPTY);
    });
    const query = `sum(rate(x{a=~"b|c+", d="&=%é"}[1m]))`;
    const endpoint = { address: `${address}/prom/` };
    await client.instant({ endpoint, query, atMs: 1_767_225_600_123, timeoutMs: 5_000 });
    expect(seen).toStrictEqual([
      ["POST", "/prom/api/v1/query", { query, time: "1767225600.123", timeout: "5000ms" }],
    ]);
  });

  it("asks for the clock's now when no instant is given", async () => {
    const times: (string | null)[] = [];
    const { ask, clock } = await serving(async (request, response) => {
      times.push(new URLSearchParams(await bodyOf(request)).get("time"));
      response.end(EMPTY);
    });
    await ask();
    await ask({ atMs: 0 });
    expect(times).toStrictEqual([String(clock.now() / 1000), "0"]);
  });

  it.each([
    ["a server 5 min ahead is asked for its own instant, again at once", 300, [0, 300, 300]],
    ["a server 5 min behind is asked for its own instant, again at once", -300, [0, -300, -300]],
    ["a server 6 s ahead is, too", 6, [0, 6, 6]],
    ["a server 5 s ahead is believed to have our clock", 5, [0, 0]],
  ])("%s", async (_, aheadSeconds, asked) => {
    const seen: number[] = [];
    const { ask, clock } = await serving(async (request, response) => {
      const form = new URLSearchParams(await bodyOf(request));
      seen.push(Number(form.get("time")) - clock.now() / 1_000);
      response.setHeader("date", new Date(clock.now() + aheadSeconds * 1_000).toUTCString());
      response.end(EMPTY);
    });
    await clock.run(1_000 - (clock.now() % 1_000));
    await ask();
    await ask();
    expect(seen).toEqual(asked);
  });

  it("asks a server that is ahead for the same past, and tells it by our clock", async () => {
    const aheadMs = 300_000;
    const { client, address, clock } = await serving(async (request, response) => {
      const form = new URLSearchParams(await bodyOf(request));
      response.setHeader("date", new Date(clock.now() + aheadMs).toUTCString());
      const values = [[Number(form.get("start")), "7"]];
      const data = { resultType: "matrix", result: [{ metric: {}, values }] };
      response.end(JSON.stringify({ status: "success", data }));
    });
    await clock.run(1_000 - (clock.now() % 1_000));
    const startMs = clock.now() - 60_000;
    const range = { startMs, endMs: clock.now(), stepMs: 15_000 };
    const past = { endpoint: { address }, query: "up", timeoutMs: 5_000, ...range };
    for (const samples of [await client.range(past), await client.range(past)])
      expect(samples).toMatchObject({ kind: "Samples", samples: [{ value: 7, atMs: startMs }] });
  });

  it("follows a clock that is set right again", async () => {
    const seen: number[] = [];
    let aheadMs = 300_000;
    const { ask, clock } = await serving(async (request, response) => {
      const form = new URLSearchParams(await bodyOf(request));
      seen.push(Number(form.get("time")) - clock.now() / 1_000);
      response.setHeader("date", new Date(clock.now() + aheadMs).toUTCString());
      response.end(EMPTY);
    });
    await clock.run(1_000 - (clock.now() % 1_000));
    await ask();
    aheadMs = 0;
    await ask();
    await ask();
    expect(seen).toEqual([0, 300, 300, 0, 0]);
  });

  it("sends credentials and headers of its own, not those of another request", async () => {
    const seen: unknown[] = [];
    const { client, address } = await serving((request, response) => {
      seen.push([request.headers.authorization, request.headers["x-scope-orgid"]]);
      response.end(EMPTY);
    });
    const ask = (endpoint: Omit<InstantQuery["endpoint"], "address">) =>
      client.instant({ endpoint: { address, ...endpoint }, query: "up", timeoutMs: 5_000 });
    await ask({ auth: { bearer: "token-1" }, headers: { "X-Scope-OrgID": "shop" } });
    await ask({ auth: { username: "u", password: "" } });
    await ask({});
    expect(seen).toStrictEqual([
      ["Bearer token-1", "shop"],
      [`Basic ${Buffer.from("u:").toString("base64")}`, undefined],
      [undefined, undefined],
    ]);
  });

  it("keeps concurrent queries apart", async () => {
    const { ask } = await serving(async (request, response) => {
      const query = new URLSearchParams(await bodyOf(request)).get("query");
      const result = [1, query === "first" ? "1" : "2"];
      response.end(JSON.stringify({ status: "success", data: { resultType: "scalar", result } }));
    });
    const answers = await Promise.all(["first", "second", "first"].map((query) => ask({ query })));
    const values = answers.map((answer) =>
      answer.kind === "Samples" ? answer.samples[0]?.value : undefined,
    );
    expect(values).toStrictEqual([1, 2, 1]);
  });
});

describe("what the client endures", () => {
  it("ends a body that trickles when the time is up, and lets the connection go", async () => {
    const closed = Promise.withResolvers<string>();
    const started = Promise.withResolvers<undefined>();
    const { ask, clock } = await serving((_request, response) => {
      response.write('{"status":');
      response.on("close", () => closed.resolve("closed"));
      started.resolve(undefined);
    });
    const asked = ask();
    await started.promise;
    await clock.run(5_000);
    expect(await asked).toMatchObject({ error: { reason: "Timeout" } });
    expect(await closed.promise).toBe("closed");
  });

  it("ends with its caller, before and during the exchange", async () => {
    const started = Promise.withResolvers<undefined>();
    const { ask, clock } = await serving(() => started.resolve(undefined));
    const abort = new AbortController();
    const asked = ask({ signal: abort.signal });
    await started.promise;
    abort.abort();
    expect(await asked).toMatchObject({ error: { reason: "Aborted" } });
    expect(await ask({ signal: abort.signal })).toMatchObject({ error: { reason: "Aborted" } });
    expect(clock.pending()).toBe(0);
  });

  it("does not follow a redirect, and does not show where it leads but for the host", async () => {
    const paths: (string | undefined)[] = [];
    const { ask } = await serving((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: "http://elsewhere.example/login?state=s3cret" });
      response.end();
    });
    const answer = await ask({ query: "up" });
    expect(answer).toMatchObject({
      error: {
        reason: "Unreachable",
        message: expect.stringContaining("http://elsewhere.example,"),
      },
    });
    expect(JSON.stringify(answer)).not.toContain("s3cret");
    expect(paths).toStrictEqual(["/api/v1/query"]);
  });

  it.each([
    ["declares", { "content-length": String(MAX_ANSWER_BYTES + 1) }],
    ["streams", {}],
  ])("stops reading an answer that %s more than the bound", async (_how, headers) => {
    const chunk = Buffer.alloc(1024 * 1024, " ");
    const { ask } = await serving((_request, response) => {
      response.writeHead(200, headers);
      const pump = () => {
        while (response.write(chunk));
        response.once("drain", pump);
      };
      pump();
    });
    expect(await ask()).toMatchObject({ error: { reason: "TooLarge" } });
  });

  it("tells that a connection broke in the middle of an answer", async () => {
    const { ask } = await serving((_request, response) => {
      response.write('{"status":"succ', () => response.destroy());
    });
    expect(await ask()).toMatchObject({ error: { reason: "Unreachable" } });
  });

  it("names the code when nothing listens", async () => {
    const { ask, address } = await serving(answerEmpty);
    await stopServers();
    expect(await ask()).toStrictEqual({
      kind: "Error",
      error: {
        reason: "Unreachable",
        message: `${address}: the connection failed (ECONNREFUSED); query: up`,
      },
    });
  });

  it("shows no credential, even when the server repeats them", async () => {
    const { ask, address } = await serving((request, response) => {
      response.writeHead(500);
      const error = `cannot serve ${JSON.stringify(request.headers)}`;
      response.end(JSON.stringify({ status: "error", errorType: "internal", error }));
    });
    const port = new URL(address).port;
    const answers = await Promise.all([
      ask({ endpoint: { address, auth: { bearer: "tok3n-value" } } }),
      ask({ endpoint: { address, auth: { username: "user", password: "pa55word" } } }),
      ask({ endpoint: { address: `http://user:pa55word@localhost:${port}` } }),
    ]);
    const text = JSON.stringify(answers);
    expect(text).toContain("[redacted]");
    expect(text).not.toMatch(/tok3n-value|pa55word/);
    expect(text).not.toContain(Buffer.from("user:pa55word").toString("base64"));
  });

  it("does not ask at an address that is none", async () => {
    const { ask } = await serving(answerEmpty);
    expect(await ask({ endpoint: { address: "prometheus:9090" } })).toMatchObject({
      error: { reason: "Unreachable" },
    });
  });
});

describe("a certificate authority of its own", () => {
  const fixture = (name: string) => readFile(new URL(`fixtures/${name}`, import.meta.url), "utf8");

  async function tlsWorld() {
    const [key, cert, ca] = await Promise.all(
      ["server-key.pem", "server.pem", "authority.pem"].map(fixture),
    );
    const sockets = new Set<unknown>();
    const server = createTlsServer({ key, cert }, answerEmpty);
    server.on("secureConnection", (socket) => sockets.add(socket));
    const address = await listening(server, "https");
    const client = createPrometheusClient({ clock: createManualClock(), ...outbound });
    const ask = (trusted?: string) =>
      client.instant({
        endpoint: trusted === undefined ? { address } : { address, ca: trusted },
        query: "up",
        timeoutMs: 5_000,
      });
    return { ask, client, sockets, ca };
  }

  it("is trusted when given, on a connection that is kept", async () => {
    const { ask, client, sockets, ca } = await tlsWorld();
    expect(await ask(ca)).toMatchObject({ kind: "Samples" });
    // undici has the connection back a moment after the body has ended.
    await settleTasks();
    expect(await ask(ca)).toMatchObject({ kind: "Samples" });
    expect(sockets.size).toBe(1);
    await client.close();
  });

  it("is not trusted otherwise, and the message says so", async () => {
    const { ask } = await tlsWorld();
    expect(await ask()).toMatchObject({
      error: { reason: "Unreachable", message: expect.stringContaining("not trusted") },
    });
  });
});
