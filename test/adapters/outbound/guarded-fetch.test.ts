/** The guard on real sockets of loopback: what is refused sends nothing, by whichever name it is called. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { LookupFunction } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAddressGuard } from "../../../src/adapters/outbound/address-guard.ts";
import {
  addressRefused,
  createGuardedFetch,
  type GuardedFetchOptions,
} from "../../../src/adapters/outbound/guarded-fetch.ts";

let server: Server;
let port = 0;
const connections = { count: 0 };

beforeAll(async () => {
  server = createServer((_request, response) => response.end("served"));
  server.on("connection", () => {
    connections.count += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = typeof address === "object" ? (address?.port ?? 0) : 0;
});
beforeEach(() => {
  connections.count = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const inPod = createAddressGuard({ loopback: "Refuse" });
const atHome = createAddressGuard({ loopback: "Allow" });

/** What names mean, one answer after the other; the last one stays. */
function names(...answers: (readonly string[])[]): LookupFunction {
  return (_name, options, done) => {
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    const found = addresses.map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    if (options.all === true) done(null, found);
    else done(null, found[0]?.address ?? "", found[0]?.family);
  };
}

async function post(url: string, options: GuardedFetchOptions): Promise<string> {
  const { fetch, close } = createGuardedFetch(options);
  try {
    const signal = AbortSignal.timeout(5_000);
    const response = await fetch(url, {
      method: "POST",
      headers: {},
      body: "{}",
      redirect: "manual",
      signal,
    });
    const { value } = (await response.body?.getReader().read()) ?? {};
    return Buffer.from(value ?? []).toString("utf8");
  } catch (error) {
    const codes = [error, error instanceof Error ? error.cause : undefined].map((one) =>
      one instanceof Error && "code" in one ? one.code : undefined,
    );
    return String(codes.find((code) => code !== undefined) ?? error);
  } finally {
    await close();
  }
}

describe("a guarded fetch", () => {
  it.each([
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "2130706433",
    "127.0.0.1.",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    "LOCALHOST",
  ])("does not connect to the machine itself, written as %s", async (host) => {
    expect(await post(`http://${host}:${port}/`, { guard: inPod })).toBe(addressRefused);
    expect(connections.count).toBe(0);
  });

  it("connects where the guard allows", async () => {
    expect(await post(`http://127.0.0.1:${port}/`, { guard: atHome })).toBe("served");
    expect(await post(`http://localhost:${port}/`, { guard: atHome })).toBe("served");
  });

  it.each(["http:", "https:"])(
    "asks what a name means for the connection itself, over %s",
    async (scheme) => {
      const lookup = names(["127.0.0.1"]);
      const answer = await post(`${scheme}//shop.example:${port}/`, { guard: inPod, lookup });
      expect(answer).toBe(addressRefused);
      expect(connections.count).toBe(0);
    },
  );

  it("is not led astray by a name that means something else the second time", async () => {
    // The first meaning is nobody's and harmless to ask; what the connection would be made to is the second.
    const lookup = names(["203.0.113.1"], ["127.0.0.1"]);
    lookup("shop.example", {}, () => undefined);
    expect(await post(`http://shop.example:${port}/`, { guard: inPod, lookup })).toBe(
      addressRefused,
    );
    expect(connections.count).toBe(0);
  });

  it("takes of a name's addresses those that are allowed", async () => {
    const lookup = names(["169.254.169.254", "127.0.0.1"]);
    expect(await post(`http://shop.example:${port}/`, { guard: atHome, lookup })).toBe("served");
  });

  it("connects to the address that Serin was started with, wherever it is, and to nothing beside it", async () => {
    const trusted = `http://127.0.0.1:${port}/prometheus`;
    expect(await post(`http://127.0.0.1:${port}/api`, { guard: inPod, trusted })).toBe("served");
    expect(connections.count).toBe(1);
    for (const other of [`http://localhost:${port}/`, `http://127.0.0.1:${port + 1}/`])
      expect(await post(other, { guard: inPod, trusted })).toBe(addressRefused);
    expect(connections.count).toBe(1);
  });

  it("does not tell what a name means inside the cluster", async () => {
    const { fetch, close } = createGuardedFetch({ guard: inPod, lookup: names(["127.0.0.1"]) });
    const signal = AbortSignal.timeout(5_000);
    const init = { method: "POST", headers: {}, body: "", redirect: "manual", signal } as const;
    const error: unknown = await fetch("http://shop.example/", init).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(Error);
    const cause = error instanceof Error ? error.cause : undefined;
    expect(`${String(error)} ${String(cause)}`).not.toContain("127.0.0.1");
    await close();
  });
});
