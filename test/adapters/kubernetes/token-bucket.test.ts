import { describe, expect, it } from "vitest";
import { BACKGROUND_SHARE } from "../../../src/adapters/kubernetes/limits.ts";
import { createTokenBucket, type Lane } from "../../../src/adapters/kubernetes/token-bucket.ts";
import { createManualClock, settleTasks } from "../../support/manual-clock.ts";

function setUp(maxWaiting = 10) {
  const clock = createManualClock();
  const bucket = createTokenBucket({ clock, qps: 10, burst: 3, maxWaiting });
  const granted: string[] = [];
  const take = (name: string, signal?: AbortSignal, lane?: Lane) =>
    bucket.take(signal, lane).then(
      () => granted.push(name),
      (error: unknown) => granted.push(`${name}: ${error instanceof Error ? error.message : ""}`),
    );
  return { bucket, clock, granted, take };
}

describe("a token bucket", () => {
  it("gives a burst at once, then one token per interval, first come first served", async () => {
    const { bucket, clock, granted, take } = setUp();
    for (const name of ["a", "b", "c", "d", "e"]) void take(name);
    await settleTasks();
    expect(granted).toEqual(["a", "b", "c"]);
    expect(bucket.waiting).toBe(2);
    await clock.run(99);
    expect(granted).toHaveLength(3);
    await clock.run(1);
    expect(granted).toEqual(["a", "b", "c", "d"]);
    await clock.run(100);
    expect(granted).toEqual(["a", "b", "c", "d", "e"]);
    expect(clock.pending()).toBe(0);
  });

  it("saves up no more than the burst", async () => {
    const { clock, granted, take } = setUp();
    clock.step(3_600_000);
    for (const name of ["a", "b", "c", "d"]) void take(name);
    await settleTasks();
    expect(granted).toEqual(["a", "b", "c"]);
  });

  it("lets nobody overtake those who wait", async () => {
    const { clock, granted, take } = setUp();
    for (const name of ["a", "b", "c", "d"]) void take(name);
    clock.step(99);
    void take("e");
    await clock.run(1);
    expect(granted).toEqual(["a", "b", "c", "d"]);
  });

  it("gives the place of one who left to the next", async () => {
    const { clock, granted, take } = setUp();
    const leave = new AbortController();
    for (const name of ["a", "b", "c"]) void take(name);
    void take("d", leave.signal);
    void take("e");
    leave.abort();
    await clock.run(100);
    expect(granted.slice(3)).toEqual(["d: given up before the client's rate limit let it go", "e"]);
  });

  it("refuses one more than may wait", async () => {
    const { bucket, granted, take } = setUp(1);
    for (const name of ["a", "b", "c", "d", "e"]) void take(name);
    await settleTasks();
    expect(granted.at(-1)).toBe("e: too many requests wait for the client's rate limit");
    expect(bucket.waiting).toBe(1);
  });

  it("lets those in the background go last, first come first served", async () => {
    const { clock, granted, take } = setUp();
    for (const name of ["a", "b", "c"]) void take(name);
    for (const name of ["x", "y"]) void take(name, undefined, "Background");
    for (const name of ["d", "e"]) void take(name);
    await clock.run(400);
    expect(granted.slice(3)).toEqual(["d", "e", "x", "y"]);
    expect(clock.pending()).toBe(0);
  });

  it("gives the background its share while others never stop", async () => {
    const { clock, granted, take } = setUp(100);
    for (const name of ["x", "y", "z"]) void take(name, undefined, "Background");
    for (const name of ["late", "later"]) void take(name, undefined, "Background");
    for (let index = 0; index < 40; index += 1) void take("n");
    await clock.run(100 * 2 * BACKGROUND_SHARE);
    const waited = granted.slice(3);
    expect(waited).toHaveLength(2 * BACKGROUND_SHARE);
    expect(waited.filter((name) => name !== "n")).toEqual(["late", "later"]);
    expect(waited[BACKGROUND_SHARE - 1]).toBe("late");
  });

  it("counts those who wait in each lane apart", async () => {
    const { granted, take } = setUp(1);
    for (const name of ["a", "b", "c"]) void take(name);
    for (const name of ["x", "y"]) void take(name, undefined, "Background");
    void take("d");
    await settleTasks();
    expect(granted.slice(3)).toEqual(["y: too many requests wait for the client's rate limit"]);
  });
});
