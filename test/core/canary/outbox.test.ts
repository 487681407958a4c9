import { describe, expect, it } from "vitest";
import type { OutboxEntry } from "../../../src/api/canary-status.ts";
import { addToOutbox, removeTold } from "../../../src/core/canary/outbox.ts";
import { ago } from "../../support/snapshots.ts";

const entry = (id: string, severity: OutboxEntry["severity"] = "Info"): OutboxEntry => ({
  id,
  reason: "StagePassed",
  severity,
  message: id,
  at: ago(0),
  facts: {},
});
const entries = (count: number, severity: OutboxEntry["severity"] = "Info") =>
  Array.from({ length: count }, (_, index) => entry(`e${index}`, severity));
const ids = (outbox: readonly OutboxEntry[] = []) => outbox.map(({ id }) => id);

describe("a message", () => {
  it("is added at the end, once", () => {
    const one = addToOutbox({}, entry("a"));
    expect(ids(addToOutbox(addToOutbox(one, entry("b")), entry("a")).outbox)).toEqual(["a", "b"]);
  });

  it.each([
    [19, undefined],
    [20, 1],
  ])("beside %i others drops %s", (count, dropped) => {
    const status = addToOutbox({ outbox: entries(count) }, entry("new"));
    expect(status.outbox).toHaveLength(20);
    expect(status.outboxDropped).toBe(dropped);
    expect(ids(status.outbox)).toContain("new");
  });

  it("of least importance and greatest age is dropped first", () => {
    const outbox = [entry("grave", "Error"), entry("old"), ...entries(18)];
    const status = addToOutbox({ outbox, outboxDropped: 4 }, entry("new"));
    expect(ids(status.outbox).slice(0, 2)).toEqual(["grave", "e0"]);
    expect(status.outboxDropped).toBe(5);
  });

  it("is itself dropped where all others matter more", () => {
    const status = addToOutbox({ outbox: entries(20, "Error") }, entry("new"));
    expect(ids(status.outbox)).not.toContain("new");
    expect(status.outboxDropped).toBe(1);
  });

  it("leaves once everyone was told", () => {
    const status = { outbox: [entry("a"), entry("b")] };
    expect(ids(removeTold(status, new Set(["a"])).outbox)).toEqual(["b"]);
    expect(removeTold(status, new Set(["a", "b"]))).toEqual({});
    expect(removeTold({}, new Set(["a"]))).toEqual({});
  });
});
