import { describe, expect, it } from "vitest";
import { decodeService } from "../../../src/sandbox/mesh/decode.ts";
import { planLoad } from "../../../src/sandbox/mesh/load.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import { service } from "../workloads/simulated-cluster.ts";

function plan(annotations: Readonly<Record<string, string>> = {}, name = "orders") {
  const log = createRecordingLog();
  const load = planLoad(decodeService(service(name, { app: "orders" }, annotations)), log);
  return { load, warnings: log.lines.length };
}

const rate = "sandbox.serin.dev/requests-per-second";
const kinds = "sandbox.serin.dev/header-requests";

describe("a Service's load", () => {
  it.each([
    { annotations: {}, name: "orders", is: 100 },
    { annotations: {}, name: "orders-primary", is: undefined },
    { annotations: {}, name: "orders-canary", is: undefined },
    { annotations: { [rate]: "5" }, name: "orders-canary", is: 5 },
    { annotations: { [rate]: "0" }, name: "orders", is: undefined },
    { annotations: { [rate]: "0.5" }, name: "orders", is: 0.5 },
    { annotations: { [rate]: "1e9" }, name: "orders", is: 100_000 },
  ])("of $name with $annotations is $is requests per second", ({ annotations, name, is }) => {
    const { load, warnings } = plan(annotations, name);
    expect(load?.requestsPerSecond).toBe(is);
    expect(warnings).toBe(0);
  });

  it.each([
    { [rate]: "many" },
    { [rate]: "-1" },
    { [kinds]: "{" },
    { [kinds]: '{"percent":101}' },
    { [kinds]: '{"percent":10,"header":{"a":"b"}}' },
    { [kinds]: '[{"percent":60},{"percent":60}]' },
  ])("with %o is the default, with a warning", (annotations) => {
    const { load, warnings } = plan(annotations);
    expect(load).toMatchObject({ requestsPerSecond: 100, cumulative: [1] });
    expect(warnings).toBe(1);
  });

  it("divides into the declared kinds of requests and plain ones", () => {
    const declared = '[{"percent":30,"headers":{"X-Beta":"1"}},{"percent":20,"uri":"/a"}]';
    const { load } = plan({ [kinds]: declared });
    expect(load?.classes).toEqual([
      { share: 0.3, uri: "/", method: "GET", headers: { "x-beta": "1" } },
      { share: 0.2, uri: "/a", method: "GET", headers: {} },
      { share: 0.5, uri: "/", method: "GET", headers: {} },
    ]);
  });

  it("is none without a selector or a port that speaks HTTP", () => {
    const log = createRecordingLog();
    const portsOnly = (ports: readonly unknown[]) =>
      planLoad(
        decodeService({ metadata: { name: "db" }, spec: { selector: { app: "db" }, ports } }),
        log,
      );
    expect(portsOnly([{ name: "tcp-sql", port: 5432 }])).toBeUndefined();
    expect(portsOnly([{ name: "dns", port: 53, protocol: "UDP" }])).toBeUndefined();
    expect(
      portsOnly([
        { name: "tcp-sql", port: 1 },
        { name: "grpc", port: 2 },
      ]),
    ).toBeDefined();
    expect(planLoad(decodeService({ metadata: { name: "headless" } }), log)).toBeUndefined();
  });
});
