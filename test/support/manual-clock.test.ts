/** The manual clock must be right, or every test that steps it proves nothing. */
import { describe, expect, it } from "vitest";
import { createManualClock } from "./manual-clock.ts";

describe("the manual clock", () => {
  it("fires timers in the order they are due, each at its own time", () => {
    const clock = createManualClock();
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name} at ${clock.monotonic()}`);
    clock.setTimer(20, note("b"));
    clock.setTimer(10, () => {
      note("a")();
      clock.setTimer(5, note("set while firing"));
    });
    clock.setTimer(20, note("c"));
    clock.setTimer(31, note("late"));
    clock.step(30);
    expect(fired).toEqual(["a at 10", "set while firing at 15", "b at 20", "c at 20"]);
    expect([clock.pending(), clock.nextDueAt(), clock.monotonic()]).toEqual([1, 31, 30]);
  });

  it("fires nothing that was cancelled", () => {
    const clock = createManualClock();
    let fired = 0;
    const cancel = clock.setTimer(10, () => {
      fired += 1;
    });
    cancel();
    clock.step(10);
    expect([fired, clock.pending(), clock.nextDueAt()]).toEqual([0, 0, undefined]);
  });

  it("fires late what fell due while it was frozen", () => {
    const clock = createManualClock();
    const firedAt: number[] = [];
    clock.setTimer(10, () => firedAt.push(clock.monotonic()));
    clock.freeze(60);
    expect([firedAt, clock.monotonic()]).toEqual([[], 60]);
    clock.step(0);
    expect(firedAt).toEqual([60]);
  });

  it("moves the wall time alone", () => {
    const clock = createManualClock(1_000);
    clock.step(5);
    clock.jumpWall(-3_000);
    expect([clock.now(), clock.monotonic()]).toEqual([-1_995, 5]);
  });
});
