/** The ways out, as the controller has them in a pod: what templates and alert providers may name, and what they may not. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createPrometheusClient } from "../../src/adapters/metrics/prometheus/client.ts";
import { createNotifier } from "../../src/adapters/notify/registry.ts";
import { createOutbound } from "../../src/compose/outbound.ts";
import { missing } from "../../src/core/fact.ts";
import { FakeMetrics } from "../support/fake-ports.ts";
import { createManualClock } from "../support/manual-clock.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(
  listener: Listener,
): Promise<{ readonly address: string; readonly seen: string[] }> {
  const seen: string[] = [];
  const server: Server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    // The machine's clock is not the client's.
    response.sendDate = false;
    listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { address: `http://127.0.0.1:${port}`, seen };
}

const message = {
  namespace: "shop",
  canary: "orders",
  entry: {
    id: "t-1",
    reason: "RolledBack",
    severity: "Error",
    message: "why",
    at: "now",
    facts: {},
  },
} as const;

/** A controller's two ways out, in a pod or on somebody's own machine. */
function ways(
  loopback: "Refuse" | "Allow",
  { metricsServer = "http://prometheus.invalid", providerHosts = "*" } = {},
) {
  const clock = createManualClock();
  const outbound = createOutbound({ loopback, metricsServer, providerHosts });
  closing.push(() => void outbound.close());
  const client = createPrometheusClient({
    clock,
    fetch: outbound.ask,
    createTrustingFetch: outbound.askTrusting,
  });
  const secrets = { read: async () => missing("SecretNotFound", "there is none") };
  const notifier = createNotifier({
    clock,
    fetch: outbound.tell,
    secrets,
    metrics: new FakeMetrics(),
  });
  return {
    ask: (address: string, ca?: string) =>
      client.instant({
        endpoint: { address, ...(ca !== undefined && { ca }) },
        query: "up",
        timeoutMs: 5_000,
      }),
    tellWebhook: (address: string) => notifier.send({ webhook: { address } }, "shop", message),
    tellSlack: (address: string) =>
      notifier.send({ slack: { address, apiAddress: "https://slack.com/api" } }, "shop", message),
  };
}

const refusal = "Serin does not connect to this address";

describe("in a pod, an address of the machine itself", () => {
  it("is asked for no metrics, and the reason is told", async () => {
    const { address, seen } = await serve((_, response) => response.end("{}"));
    const { ask } = ways("Refuse");
    for (const answer of [
      await ask(`${address}/quitquitquit`),
      await ask(address, "not a certificate"),
    ])
      expect(answer).toMatchObject({
        kind: "Error",
        error: { reason: "Unreachable", message: expect.stringContaining(refusal) },
      });
    expect(seen).toEqual([]);
  });

  it("is told nothing, once and for all", async () => {
    const { address, seen } = await serve((_, response) => response.end("ok"));
    const { tellWebhook, tellSlack } = ways("Refuse");
    const refused = { kind: "Refused", because: refusal };
    expect(await tellWebhook(`${address}/quitquitquit`)).toEqual(refused);
    expect(await tellSlack(`${address}/quitquitquit`)).toEqual(refused);
    expect(seen).toEqual([]);
  });

  it("is asked where Serin was started with it, and is told nothing even then", async () => {
    const { address, seen } = await serve((_, response) =>
      response.end('{"status":"success","data":{"resultType":"vector","result":[]}}'),
    );
    const { ask, tellWebhook } = ways("Refuse", { metricsServer: address });
    expect(await ask(address)).toMatchObject({ kind: "Samples" });
    expect(await tellWebhook(`${address}/-/quit`)).toMatchObject({ kind: "Refused" });
    expect(seen).toEqual(["POST /api/v1/query"]);
  });
});

describe("the hosts that whoever runs Serin allows", () => {
  it("are asked and told, the metrics server that Serin was started with too, and no others", async () => {
    const { address, seen } = await serve((_, response) =>
      response.end('{"status":"success","data":{"resultType":"vector","result":[]}}'),
    );
    const other = address.replace("127.0.0.1", "localhost");
    const { ask, tellWebhook } = ways("Allow", {
      metricsServer: other,
      providerHosts: "127.0.0.1,*.slack.com",
    });
    expect(await ask(address)).toMatchObject({ kind: "Samples" });
    expect(await ask(other)).toMatchObject({ kind: "Samples" });
    expect(await tellWebhook(address)).toEqual({ kind: "Delivered" });
    expect(await tellWebhook(other)).toEqual({ kind: "Refused", because: refusal });
    expect(seen).toHaveLength(3);
    const { ask: askNobody } = ways("Allow", { providerHosts: "slack.com" });
    expect(await askNobody(address)).toMatchObject({ error: { reason: "Unreachable" } });
  });
});

describe("a cloud's metadata", () => {
  it.each(["http://169.254.169.254/latest", "http://[fd00:ec2::254]/latest", "http://0xa9fea9fe/"])(
    "is asked from nowhere: %s",
    async (address) => {
      const { ask, tellWebhook } = ways("Allow");
      expect(await ask(address)).toMatchObject({
        error: { message: expect.stringContaining(refusal) },
      });
      expect(await tellWebhook(address)).toEqual({ kind: "Refused", because: refusal });
    },
  );
});

describe("a server that answers with more than it seems", () => {
  it("is given up at the bound: 64 MB packed into 64 KB", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
    const { address } = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    expect(bomb.length).toBeLessThan(100_000);
    const { ask, tellWebhook } = ways("Allow");
    expect(await ask(address)).toMatchObject({ error: { reason: "TooLarge" } });
    expect(await tellWebhook(address)).toEqual({ kind: "Delivered" });
  });

  it("leads nowhere else: redirects are followed neither by who asks nor by who tells", async () => {
    const other = await serve((_, response) => response.end("{}"));
    const { address } = await serve((_, response) => {
      response.writeHead(307, { location: other.address }).end();
    });
    const { ask, tellWebhook, tellSlack } = ways("Allow");
    expect(await ask(address)).toMatchObject({ error: { reason: "Unreachable" } });
    expect(await tellWebhook(address)).toMatchObject({ kind: "Refused" });
    expect(await tellSlack(address)).toMatchObject({ kind: "Refused" });
    expect(other.seen).toEqual([]);
  });

  it("hinders nobody by an error made to be read slowly", async () => {
    const error = "<".repeat(65_000);
    const { address } = await serve((_, response) => {
      response
        .writeHead(500)
        .end(JSON.stringify({ status: "error", errorType: "internal", error }));
    });
    const before = performance.now();
    expect(await ways("Allow").ask(address)).toMatchObject({ error: { reason: "ServerError" } });
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
