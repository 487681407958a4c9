import { describe, expect, it } from "vitest";
import { createEventRecorder, type EventFacts } from "../../../src/adapters/kubernetes/events.ts";
import { isRecord } from "../../../src/adapters/kubernetes/raw-object.ts";
import {
  createTransport,
  type TransportOptions,
} from "../../../src/adapters/kubernetes/transport.ts";
import { createApiServer } from "../../../src/sandbox/api-server/api-server.ts";
import { createContractServer } from "../../support/contract-server.ts";
import { fetchOf } from "../../support/embedded-api.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import { createScriptedApi, status } from "../../support/scripted-api.ts";

const regarding = {
  apiVersion: "serin.dev/v1alpha1",
  kind: "Canary",
  namespace: "default",
  name: "orders",
  uid: "u-1",
};

const event = (more: Partial<EventFacts> = {}): EventFacts => ({
  regarding,
  type: "Warning",
  reason: "RolledBack",
  message: "error-rate 20 % > 5 %",
  ...more,
});

function setUp(options: Partial<TransportOptions> = {}, open = createContractServer) {
  const clock = createManualClock();
  const server = open({ clock });
  const transport = createTransport({
    baseUrl: "http://api.test",
    fetch: fetchOf(server),
    clock,
    log: createRecordingLog(),
    random: () => 0,
    userAgent: "t",
    burst: 1_000,
    ...options,
  });
  const newRecorder = () =>
    createEventRecorder({ transport, clock, component: "serin-controller", instance: "pod-1" });
  const events = async (namespace = "default") => {
    const path = `/api/v1/namespaces/${namespace}/events`;
    const list = await transport.request({ method: "GET", path });
    return isRecord(list) && Array.isArray(list.items) ? list.items : [];
  };
  return { clock, events, newRecorder, recorder: newRecorder() };
}

describe("an Event", () => {
  it("says what kubectl describe shows", async () => {
    const { events, recorder } = setUp();
    expect(await recorder.record(event())).toEqual({ kind: "Recorded" });
    expect(await events()).toMatchObject([
      {
        metadata: { name: expect.stringMatching(/^orders\.[0-9a-f]{16}$/) },
        involvedObject: regarding,
        type: "Warning",
        reason: "RolledBack",
        message: "error-rate 20 % > 5 %",
        count: 1,
        firstTimestamp: "2026-01-01T00:00:00Z",
        lastTimestamp: "2026-01-01T00:00:00Z",
        source: { component: "serin-controller" },
        reportingComponent: "serin-controller",
        reportingInstance: "pod-1",
      },
    ]);
  });

  it("that repeats within its ten minutes is counted up, also by another process", async () => {
    const { clock, events, newRecorder, recorder } = setUp();
    await recorder.record(event());
    clock.step(60_000);
    await newRecorder().record(event());
    clock.step(539_999);
    await recorder.record(event());
    expect(await events()).toMatchObject([
      { count: 3, firstTimestamp: "2026-01-01T00:00:00Z", lastTimestamp: "2026-01-01T00:09:59Z" },
    ]);
    clock.step(1);
    await recorder.record(event());
    const counts = (await events()).map((one: unknown) => (isRecord(one) ? one.count : undefined));
    expect(counts).toHaveLength(2);
    expect(counts).toEqual(expect.arrayContaining([1, 3]));
  });

  it.each([
    ["reason", { reason: "Promoted" }],
    ["message", { message: "other" }],
    ["type", { type: "Normal" as const }],
    ["object", { regarding: { ...regarding, uid: "u-2" } }],
    ["id", { id: "t-1" }],
  ])("with another %s is another Event", async (_, more) => {
    const { events, recorder } = setUp();
    await recorder.record(event());
    await recorder.record(event(more));
    expect(await events()).toHaveLength(2);
  });

  it("with an id is told once, however often and by whomever it is tried", async () => {
    const { clock, events, newRecorder, recorder } = setUp();
    await recorder.record(event({ id: "r-1/Failed" }));
    clock.step(3_600_000);
    expect(await newRecorder().record(event({ id: "r-1/Failed" }))).toEqual({ kind: "Recorded" });
    expect(await events()).toMatchObject([{ count: 1 }]);
  });

  it("on an object outside namespaces is in default", async () => {
    // By that very name: a real server that several suites share has it under others.
    const { events, recorder } = setUp({}, createApiServer);
    const { namespace: _, ...clusterWide } = regarding;
    await recorder.record(event({ regarding: clusterWide }));
    expect(await events()).toHaveLength(1);
  });

  it("is cut to what the server takes", async () => {
    const { events, recorder } = setUp();
    const name = `${"a".repeat(235)}-${"b".repeat(17)}`;
    const long = { regarding: { ...regarding, name }, message: "x".repeat(5_000) };
    expect(await recorder.record(event(long))).toEqual({ kind: "Recorded" });
    const [stored]: unknown[] = await events();
    const { message } = isRecord(stored) ? stored : {};
    expect(String(message)).toHaveLength(1_024);
  });
});

describe("the rate of one object's Events", () => {
  it("is bounded, and leaves others alone", async () => {
    const { clock, recorder } = setUp();
    const outcomes: string[] = [];
    for (let count = 0; count < 52; count += 1) {
      outcomes.push((await recorder.record(event({ id: `${count}` }))).kind);
    }
    expect(outcomes.filter((kind) => kind === "Recorded")).toHaveLength(50);
    expect(outcomes.slice(50)).toEqual(["Dropped", "Dropped"]);
    const other = event({ regarding: { ...regarding, uid: "u-2" } });
    expect((await recorder.record(other)).kind).toBe("Recorded");
    clock.step(9_999);
    expect((await recorder.record(event({ id: "a" }))).kind).toBe("Dropped");
    clock.step(1);
    expect((await recorder.record(event({ id: "a" }))).kind).toBe("Recorded");
  });
});

describe("a failure to tell", () => {
  it.each([
    ["an error", status(500, "InternalError", "etcd"), { because: "POST events default: etcd" }],
    ["a 429", status(429, "Busy", "busy", { "retry-after": "7" }), { afterMs: 7_000 }],
    ["a denial", status(403, "Forbidden", "no"), { because: "POST events default: no" }],
    ["a namespace that is gone", status(404, "NotFound", "gone"), { because: expect.any(String) }],
  ])("by %s is an outcome, never an error", async (_, answer, expected) => {
    const { recorder } = setUp({ fetch: createScriptedApi(answer).fetch });
    expect(await recorder.record(event())).toMatchObject({ kind: "Failed", ...expected });
  });

  it("by a name that cannot be is an outcome too", async () => {
    const { recorder } = setUp();
    const odd = event({ regarding: { ...regarding, namespace: "../x" } });
    expect(await recorder.record(odd)).toMatchObject({ kind: "Failed" });
  });
});
