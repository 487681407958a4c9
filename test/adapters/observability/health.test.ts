import { describe, expect, it } from "vitest";
import {
  createHealthApp,
  type HealthCheck,
} from "../../../src/adapters/observability/health-app.ts";
import { listenHealth } from "../../../src/adapters/observability/health-server.ts";

const well: HealthCheck = { name: "caches", problem: () => undefined };
const ill: HealthCheck = { name: "caches", problem: () => "virtualservices have not been listed" };
const metrics = async () => ({
  text: "serin_leader 1\n",
  contentType: "text/plain; version=0.0.4",
});

async function get(path: string, ready = [well], method = "GET") {
  const app = createHealthApp({
    alive: [{ name: "event loop", problem: () => undefined }],
    ready,
    metrics,
  });
  const response = await app.fetch(new Request(`http://localhost${path}`, { method }));
  return { status: response.status, text: await response.text(), headers: response.headers };
}

describe("the health application", () => {
  it("answers that the process lives, whatever the caches say", async () => {
    expect(await get("/healthz", [ill])).toMatchObject({
      status: 200,
      text: "[+] event loop\nok\n",
    });
  });

  it("is ready when every check is well", async () => {
    expect(await get("/readyz")).toMatchObject({ status: 200, text: "[+] caches\nok\n" });
  });

  it("names each check that is not well", async () => {
    expect(await get("/readyz", [{ name: "lease", problem: () => undefined }, ill])).toMatchObject({
      status: 503,
      text: "[+] lease\n[-] caches: virtualservices have not been listed\nfailed\n",
    });
  });

  it("shows the metrics in their format", async () => {
    const { status, text, headers } = await get("/metrics");
    expect([status, text]).toEqual([200, "serin_leader 1\n"]);
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4");
  });

  it.each([
    ["/", "GET"],
    ["/healthz/", "GET"],
    ["/metrics", "POST"],
  ])("has nothing else (%s %s)", async (path, method) => {
    expect((await get(path, [well], method)).status).toBe(404);
  });

  it("says nothing about a failure but that there is one", async () => {
    const app = createHealthApp({
      alive: [],
      ready: [],
      metrics: async () => {
        throw new Error("very secret");
      },
    });
    const response = await app.fetch(new Request("http://localhost/metrics"));
    expect([response.status, await response.text()]).toEqual([500, "failed\n"]);
  });
});

describe("the health server", () => {
  const app = createHealthApp({ alive: [], ready: [ill], metrics });

  it.each(["Loopback", "AllInterfaces"] as const)("answers on a socket (%s)", async (reach) => {
    const server = await listenHealth(app, { port: 0, reach });
    const response = await fetch(`http://127.0.0.1:${server.port}/readyz`);
    expect([response.status, await response.text()]).toEqual([
      503,
      "[-] caches: virtualservices have not been listed\nfailed\n",
    ]);
    await server.close();
    await expect(fetch(`http://127.0.0.1:${server.port}/readyz`)).rejects.toThrow("fetch failed");
  });

  it("says when its port is taken", async () => {
    const first = await listenHealth(app, { port: 0, reach: "Loopback" });
    const second = listenHealth(app, { port: first.port, reach: "Loopback" });
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
    await first.close();
  });
});
