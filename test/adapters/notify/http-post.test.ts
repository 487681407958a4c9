import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Answer, postJson } from "../../../src/adapters/notify/http-post.ts";
import { createManualClock } from "../../support/manual-clock.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(handler: Handler): Promise<URL> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return new URL(`http://127.0.0.1:${address.port}/hook/very-secret`);
}

const clock = createManualClock();
const deps = { fetch: globalThis.fetch, clock };
const post = (url: URL): Promise<Answer> =>
  postJson(deps, { url, headers: {}, body: { text: "é" } });

describe("a POST over a real socket", () => {
  it("brings JSON there and the answer back", async () => {
    let received = "";
    const url = await listen((request, response) => {
      request.setEncoding("utf8");
      request.on("data", (text: string) => {
        received += text;
      });
      request.on("end", () => response.writeHead(200, { "retry-after": "3" }).end("ok"));
    });
    expect(await post(url)).toEqual({
      kind: "Answer",
      status: 200,
      body: "ok",
      retryAfterMs: 3000,
    });
    expect(received).toBe('{"text":"é"}');
    expect(clock.pending()).toBe(0);
  });

  it("gives up on a server that never answers, by the clock", async () => {
    const arrived = Promise.withResolvers<void>();
    const url = await listen(() => arrived.resolve());
    const answer = post(url);
    await arrived.promise;
    clock.step(4_999);
    expect(clock.pending()).toBe(1);
    clock.step(1);
    expect(await answer).toEqual({ kind: "NoAnswer", because: "no answer within 5 s" });
  });

  it("gives up on a body that trickles", async () => {
    const arrived = Promise.withResolvers<void>();
    const url = await listen((_, response) => {
      response.writeHead(200).write("o", () => arrived.resolve());
    });
    const answer = post(url);
    await arrived.promise;
    clock.step(5_000);
    expect(await answer).toMatchObject({ kind: "NoAnswer" });
  });

  it("reads no more of an answer than its bound", async () => {
    const url = await listen((_, response) => {
      response.writeHead(200).end("x".repeat(1_000_000));
    });
    const answer = await post(url);
    expect(answer.kind === "Answer" && answer.body.length).toBeLessThanOrEqual(65_536);
  });

  it("does not follow a redirect", async () => {
    let requests = 0;
    const url = await listen((_, response) => {
      requests += 1;
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    expect(await post(url)).toMatchObject({ kind: "Answer", status: 307 });
    expect(requests).toBe(1);
  });

  it("names the failure of a connection by its code, without the address", async () => {
    const url = await listen(() => undefined);
    for (const close of closers.splice(0)) close();
    expect(await post(url)).toEqual({ kind: "NoAnswer", because: "ECONNREFUSED" });
  });
});
