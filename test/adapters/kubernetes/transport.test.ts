import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../../src/adapters/kubernetes/api-error.ts";
import {
  createTransport,
  inBackground,
  type TransportOptions,
} from "../../../src/adapters/kubernetes/transport.ts";
import { InvariantError, RetryableError, StallError } from "../../../src/ports/errors.ts";
import { createManualClock, settleTasks } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import {
  type Answer,
  createOpenBody,
  createScriptedApi,
  json,
  status,
} from "../../support/scripted-api.ts";

const path = "/apis/apps/v1/namespaces/shop/deployments/orders";

function setUp(answers: Answer[], options: Partial<TransportOptions> = {}) {
  const api = createScriptedApi(...answers);
  const clock = createManualClock();
  const transport = createTransport({
    baseUrl: "http://api.test/",
    fetch: api.fetch,
    clock,
    log: createRecordingLog(),
    random: () => 0,
    userAgent: "serin/test",
    ...options,
  });
  return { api, clock, transport };
}

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

describe("a request", () => {
  it("gives back the raw JSON, unknown fields included", async () => {
    const { transport } = setUp([json({ spec: { futureField: 1 } })]);
    expect(await transport.request({ method: "GET", path })).toEqual({ spec: { futureField: 1 } });
  });

  it("keeps a base path and carries headers and query", async () => {
    const { api, transport } = setUp([json({})], {
      baseUrl: "https://proxy.test/k8s/clusters/c-1/",
      headers: () => Promise.resolve({ authorization: "Bearer t" }),
    });
    await transport.request({
      method: "GET",
      path,
      query: { limit: 5, labelSelector: "a=b", no: undefined },
    });
    const [sent] = api.sent;
    expect(sent?.url.href).toBe(
      `https://proxy.test/k8s/clusters/c-1${path}?limit=5&labelSelector=a%3Db`,
    );
    expect(sent?.headers).toEqual({
      authorization: "Bearer t",
      accept: "application/json",
      "user-agent": "serin/test",
    });
  });

  it.each([
    ["json", "application/json-patch+json"],
    ["merge", "application/merge-patch+json"],
    ["strategic", "application/strategic-merge-patch+json"],
    ["apply", "application/apply-patch+yaml"],
  ] as const)("names its manager and is strict in a %s patch", async (patch, contentType) => {
    const { api, transport } = setUp([json({})]);
    await transport.request({ method: "PATCH", path, patch, body: [] });
    expect(api.sent[0]?.url.search).toBe("?fieldManager=serin-controller&fieldValidation=Strict");
    expect(api.sent[0]?.headers["content-type"]).toBe(contentType);
  });

  it("sends no manager with a DELETE", async () => {
    const { api, transport } = setUp([json({})]);
    await transport.request({ method: "DELETE", path });
    expect(api.sent[0]?.url.search).toBe("");
  });

  it("takes a patch without its kind for a bug", async () => {
    const { transport } = setUp([json({})]);
    expect(await caught(transport.request({ method: "PATCH", path, body: {} }))).toBeInstanceOf(
      InvariantError,
    );
  });

  it("gives undefined for an empty answer", async () => {
    const { transport } = setUp([() => new Response("")]);
    expect(await transport.request({ method: "GET", path })).toBeUndefined();
  });

  it("counts as in flight until it has its answer, also while it waits its turn", async () => {
    const body = createOpenBody();
    const { transport } = setUp([body.answer, json({})], { qps: 1, burst: 1 });
    const both = [
      transport.request({ method: "GET", path }),
      transport.request({ method: "GET", path }),
    ];
    await settleTasks();
    expect(transport.inFlight).toBe(2);
    body.write("{}");
    body.end();
    await both[0];
    expect(transport.inFlight).toBe(1);
  });

  it("is reported with its verb, resource, status and duration", async () => {
    const reports: unknown[] = [];
    const { clock, transport } = setUp([json({}), status(404, "NotFound")], {
      onRequest: (report) => reports.push(report),
    });
    await transport.request({ method: "PATCH", path: `${path}/scale`, patch: "merge", body: {} });
    await caught(transport.request({ method: "GET", path }));
    const hanging = caught(transport.request({ method: "GET", path: "/api/v1/pods" }));
    await clock.run(30_000);
    await hanging;
    expect(reports).toEqual([
      { verb: "patch", resource: "deployments/scale", status: 200, durationMs: 0 },
      { verb: "get", resource: "deployments", status: 404, durationMs: 0 },
      { verb: "list", resource: "pods", status: 0, durationMs: 30_000 },
    ]);
  });
});

describe("a failure", () => {
  it.each([
    [404, "NotFound", ApiError, "NotFound"],
    [409, "Conflict", ApiError, "Conflict"],
    [410, "Expired", ApiError, "Expired"],
    [422, "Invalid", ApiError, "Invalid"],
    [400, "BadRequest", StallError, "BadRequest"],
    [401, "Unauthorized", StallError, "Unauthorized"],
    [403, "Forbidden", StallError, "Forbidden"],
    [408, "Timeout", RetryableError, "Timeout"],
    [429, "TooManyRequests", RetryableError, "TooManyRequests"],
    [500, "InternalError", RetryableError, "ServerError"],
    [503, "ServiceUnavailable", RetryableError, "ServerError"],
  ] as const)("with %i %s is a %o %s", async (code, said, kind, reason) => {
    const { transport } = setUp([status(code, said)]);
    const error = await caught(transport.request({ method: "GET", path }));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ reason });
  });

  it("names verb and resource when access is denied", async () => {
    const { transport } = setUp([status(403, "Forbidden", "no")]);
    const error = await caught(transport.request({ method: "PUT", path, body: {} }));
    expect(error).toMatchObject({ message: "PUT deployments.apps shop/orders: no" });
  });

  it("quotes nothing of an answer that is no Status", async () => {
    const { transport } = setUp([() => new Response("<html>token=abc", { status: 502 })]);
    const error = await caught(transport.request({ method: "GET", path }));
    expect(error).toMatchObject({
      reason: "ServerError",
      message: "GET deployments.apps shop/orders: the server answered 502",
    });
  });

  it("does not follow a redirect", async () => {
    const redirect = new Response(null, {
      status: 302,
      headers: { location: "http://elsewhere/" },
    });
    const { api, transport } = setUp([() => redirect]);
    const error = await caught(transport.request({ method: "GET", path }));
    expect(error).toMatchObject({ name: "StallError", reason: "RedirectRefused" });
    expect(api.sent).toHaveLength(1);
  });

  it("of the network says the code and never the header that caused it", async () => {
    const cause = Object.assign(new Error("Bearer secret-token"), { code: "ECONNREFUSED" });
    const { transport } = setUp([
      () => Promise.reject(new TypeError("fetch failed: Bearer secret-token", { cause })),
    ]);
    const error = await caught(transport.request({ method: "GET", path }));
    expect(error).toMatchObject({
      reason: "Unreachable",
      message: "GET deployments.apps shop/orders: ECONNREFUSED",
    });
    expect(inspect(error, { depth: 9 })).not.toContain("secret-token");
  });

  it("to get credentials is to be tried again", async () => {
    const { transport } = setUp([], { headers: () => Promise.reject(new Error("secret")) });
    const error = await caught(transport.request({ method: "GET", path }));
    expect(error).toMatchObject({ name: "RetryableError", reason: "CredentialsUnavailable" });
    expect(error).not.toMatchObject({ message: expect.stringContaining("secret") });
  });

  it("of the answer's format is to be tried again, without quoting it", async () => {
    const { transport } = setUp([() => new Response('{"password": "x')]);
    const error = await caught(transport.request({ method: "GET", path }));
    expect(error).toMatchObject({ reason: "BadResponse", message: "the answer is not JSON" });
  });

  it("is an answer beyond the bound", async () => {
    const mebibyte = new Uint8Array(1024 * 1024).fill(0x20);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(mebibyte);
      },
    });
    const { transport } = setUp([() => new Response(endless)]);
    const error = await caught(transport.request({ method: "GET", path }));
    expect(error).toMatchObject({ reason: "ResponseTooLarge" });
    expect(sent).toBeLessThan(70);
  });
});

describe("time", () => {
  it.each([
    ["GET", "/apis/apps/v1/namespaces/shop/deployments", 30_000],
    ["GET", path, 5_000],
    ["PATCH", path, 5_000],
  ] as const)("of a %s of %s ends after %i ms", async (method, target, limitMs) => {
    const { api, clock, transport } = setUp([]);
    const result = caught(transport.request({ method, path: target, patch: "json", body: [] }));
    await clock.run(limitMs - 1);
    expect(transport.inFlight).toBe(1);
    await clock.run(1);
    expect(await result).toMatchObject({ reason: "Timeout" });
    expect(api.sent[0]?.signal.aborted).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it("ends a body that hangs", async () => {
    const body = createOpenBody();
    const { clock, transport } = setUp([body.answer]);
    const result = caught(transport.request({ method: "GET", path }));
    await settleTasks();
    body.write('{"metadata": {');
    await clock.run(30_000);
    expect(await result).toMatchObject({ reason: "Timeout" });
    expect(body.cancelled).toBe(true);
  });

  it("ends a body that trickles", async () => {
    const body = createOpenBody();
    const { clock, transport } = setUp([body.answer]);
    const result = caught(transport.request({ method: "GET", path }));
    for (let seconds = 0; seconds < 5; seconds += 1) {
      body.write(" ");
      await clock.run(1_000);
    }
    expect(await result).toMatchObject({ reason: "Timeout" });
  });

  it("ends when the caller gives up, and leaves no timer", async () => {
    const { clock, transport } = setUp([]);
    const giveUp = new AbortController();
    const result = caught(transport.request({ method: "GET", path, signal: giveUp.signal }));
    await settleTasks();
    giveUp.abort();
    expect(await result).toMatchObject({ reason: "Aborted" });
    expect(clock.pending()).toBe(0);
  });

  it("is not even started for a caller that has given up", async () => {
    const { api, transport } = setUp([json({})]);
    const error = await caught(
      transport.request({ method: "GET", path, signal: AbortSignal.abort(), priority: "Urgent" }),
    );
    expect(error).toMatchObject({ reason: "Aborted" });
    expect(api.sent).toHaveLength(0);
  });
});

describe("Retry-After", () => {
  const busy = (code: number, seconds: number): Answer =>
    status(code, "Busy", "later", { "retry-after": `${seconds}` });

  it.each([429, 503])("of a read's %i is waited for once", async (code) => {
    const { api, clock, transport } = setUp([busy(code, 2), json({ ok: true })]);
    const result = transport.request({ method: "GET", path });
    await clock.run(1_999);
    expect(api.sent).toHaveLength(1);
    await clock.run(1);
    expect(await result).toEqual({ ok: true });
  });

  it("is not waited for twice", async () => {
    const { api, clock, transport } = setUp([busy(429, 1), busy(429, 1), json({})]);
    const result = caught(transport.request({ method: "GET", path }));
    await clock.run(10_000);
    expect(await result).toMatchObject({ reason: "TooManyRequests", afterMs: 1_000 });
    expect(api.sent).toHaveLength(2);
  });

  it.each([
    [5, 2],
    [6, 1],
  ])("of %i s makes a read send %i requests", async (seconds, requests) => {
    const { api, clock, transport } = setUp([busy(429, seconds), json({})]);
    const result = caught(transport.request({ method: "GET", path }));
    await clock.run(10_000);
    await result;
    expect(api.sent).toHaveLength(requests);
  });

  it("of a write is told to the caller", async () => {
    const { api, transport } = setUp([busy(429, 2), json({})]);
    const error = await caught(transport.request({ method: "PUT", path, body: {} }));
    expect(error).toMatchObject({ name: "RetryableError", afterMs: 2_000 });
    expect(api.sent).toHaveLength(1);
  });

  it("of an urgent read is told to the caller, who waits for nothing", async () => {
    const { api, transport } = setUp([busy(429, 2), json({})]);
    const error = await caught(transport.request({ method: "GET", path, priority: "Urgent" }));
    expect(error).toMatchObject({ name: "RetryableError", afterMs: 2_000 });
    expect(api.sent).toHaveLength(1);
  });

  it("is also read from the Status", async () => {
    const body = { kind: "Status", code: 504, details: { retryAfterSeconds: 3 } };
    const { transport } = setUp([json(body, 504)]);
    expect(await caught(transport.request({ method: "GET", path }))).toMatchObject({
      afterMs: 3_000,
    });
  });
});

describe("the client's rate limit", () => {
  it("lets Urgent pass", async () => {
    const { api, transport } = setUp([json({}), json({})], { qps: 1, burst: 1 });
    await transport.request({ method: "GET", path });
    const waiting = caught(transport.request({ method: "GET", path }));
    await transport.request({ method: "PATCH", path, patch: "json", body: [], priority: "Urgent" });
    expect(api.sent.map(({ method }) => method)).toEqual(["GET", "PATCH"]);
    expect(transport.inFlight).toBe(1);
    void waiting;
  });
});

describe("a transport in the background", () => {
  it("lets what comes later go first", async () => {
    const { api, clock, transport } = setUp([json({}), json({}), json({})], { qps: 1, burst: 1 });
    await transport.request({ method: "GET", path });
    const background = inBackground(transport);
    const late = background.request({ method: "GET", path: "/api/v1/pods" });
    const write = transport.request({ method: "PATCH", path, patch: "json", body: [] });
    expect(background.inFlight).toBe(2);
    await clock.run(2_000);
    await Promise.all([late, write]);
    expect(api.sent.map(({ method }) => method)).toEqual(["GET", "PATCH", "GET"]);
  });
});

describe("the guard before writes", () => {
  it("is asked after everything that takes time", async () => {
    let isLeader = true;
    const credentials = Promise.withResolvers<Record<string, string>>();
    const { api, transport } = setUp([json({})], {
      headers: () => credentials.promise,
      mayWrite: () => isLeader,
    });
    const result = caught(transport.request({ method: "PUT", path, body: {} }));
    await settleTasks();
    isLeader = false;
    credentials.resolve({});
    expect(await result).toMatchObject({ name: "RetryableError", reason: "NotLeader" });
    expect(api.sent).toHaveLength(0);
  });

  it("does not stop reads", async () => {
    const { transport } = setUp([json({})], { mayWrite: () => false });
    expect(await transport.request({ method: "GET", path })).toEqual({});
  });
});

describe("a stream", () => {
  const watch = { method: "GET", path: "/api/v1/pods", query: { watch: true } } as const;

  it("gives each line as it comes, however the bytes are cut", async () => {
    const body = createOpenBody();
    const { api, transport } = setUp([body.answer]);
    const lines = (await transport.stream(watch))[Symbol.asyncIterator]();
    body.write('{"n":1}\n{"n"');
    expect(await lines.next()).toEqual({ done: false, value: { n: 1 } });
    body.write(":2}");
    body.write('\n\n{"n":3}');
    expect(await lines.next()).toEqual({ done: false, value: { n: 2 } });
    body.end();
    expect(await lines.next()).toEqual({ done: false, value: { n: 3 } });
    expect(await lines.next()).toMatchObject({ done: true });
    expect(api.sent[0]?.streaming).toBe(true);
    expect(transport.inFlight).toBe(0);
  });

  it("fails when it ends inside a line", async () => {
    const body = createOpenBody();
    const { transport } = setUp([body.answer]);
    const lines = (await transport.stream(watch))[Symbol.asyncIterator]();
    body.write('{"n":');
    body.end();
    expect(await caught(Promise.resolve(lines.next()))).toMatchObject({ reason: "StreamCut" });
  });

  it("fails when the connection is lost", async () => {
    const body = createOpenBody();
    const { transport } = setUp([body.answer]);
    const lines = (await transport.stream(watch))[Symbol.asyncIterator]();
    body.fail();
    expect(await caught(Promise.resolve(lines.next()))).toMatchObject({ reason: "Unreachable" });
  });

  it("fails on a line beyond the bound", async () => {
    const body = createOpenBody();
    const { transport } = setUp([body.answer]);
    const lines = (await transport.stream(watch))[Symbol.asyncIterator]();
    const next = caught(Promise.resolve(lines.next()));
    for (let mebibytes = 0; mebibytes < 9; mebibytes += 1) body.write("x".repeat(1024 * 1024));
    expect(await next).toMatchObject({ reason: "ResponseTooLarge" });
  });

  it("fails when it says nothing for 90 s, and any byte counts", async () => {
    const body = createOpenBody();
    const { clock, transport } = setUp([body.answer]);
    const lines = (await transport.stream(watch))[Symbol.asyncIterator]();
    const next = caught(Promise.resolve(lines.next()));
    await clock.run(89_999);
    body.write(" ");
    await clock.run(89_999);
    expect(clock.pending()).toBe(1);
    await clock.run(1);
    expect(await next).toMatchObject({ reason: "Timeout" });
    expect(clock.pending()).toBe(0);
  });

  it("ends its connection and its timer when the consumer stops", async () => {
    const body = createOpenBody();
    const { clock, transport } = setUp([body.answer]);
    body.write('{"n":1}\n');
    for await (const line of await transport.stream(watch)) {
      expect(line).toEqual({ n: 1 });
      break;
    }
    expect(body.cancelled).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it("throws a refusal before the first line", async () => {
    const { transport } = setUp([status(410, "Expired")]);
    expect(await caught(transport.stream(watch))).toMatchObject({ name: "ApiError", code: 410 });
  });
});
