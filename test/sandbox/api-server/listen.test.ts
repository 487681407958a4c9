import { afterEach, expect, test } from "vitest";
import { type Listener, listenLoopback } from "../../../src/sandbox/api-server/listen.ts";
import { createClient } from "../../support/api-server-client.ts";
import { configMap } from "../../support/api-server-fixtures.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
let listener: Listener | undefined;
afterEach(() => listener?.close());

test("serves requests and watches over a socket, and lets go of a watch whose reader leaves", async () => {
  const { server, post } = createClient();
  listener = await listenLoopback((request) => server.fetch(request), 0);
  const leave = new AbortController();
  const response = await fetch(`http://127.0.0.1:${listener.port}${MAPS}?watch=true`, {
    signal: leave.signal,
  });
  await post(MAPS, configMap("a"));
  const chunk = await response.body?.getReader().read();
  expect(Buffer.from(chunk?.value ?? []).toString()).toContain('"type":"ADDED"');

  leave.abort();
  await expect
    .poll(() =>
      post(MAPS, { ...configMap(""), metadata: { generateName: "b-" } }).then(() =>
        server.undeliveredEvents(),
      ),
    )
    .toBe(0);
});

test("closes while a watch is open", async () => {
  const { server } = createClient();
  const open = await listenLoopback((request) => server.fetch(request), 0);
  const response = await fetch(`http://127.0.0.1:${open.port}${MAPS}?watch=true`);
  await open.close();
  await expect(response.text()).rejects.toThrow("terminated");
});

test("leaves the process's Request and Response alone, and says when a port is taken", async () => {
  const { server } = createClient();
  const before = [globalThis.Request, globalThis.Response];
  listener = await listenLoopback((request) => server.fetch(request), 0);
  expect([globalThis.Request, globalThis.Response]).toEqual(before);
  await expect(listenLoopback((request) => server.fetch(request), listener.port)).rejects.toThrow(
    "EADDRINUSE",
  );
});
