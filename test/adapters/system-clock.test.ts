import { afterEach, describe, expect, it, vi } from "vitest";
import { createSystemClock } from "../../src/adapters/system-clock.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("the system clock", () => {
  it("tells the machine's two times", () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const clock = createSystemClock();
    const before = clock.monotonic();
    vi.advanceTimersByTime(250);
    expect(clock.now()).toBe(1_000_250);
    expect(clock.monotonic() - before).toBe(250);
  });

  it("fires once, not before its time, unless cancelled", () => {
    vi.useFakeTimers();
    const clock = createSystemClock();
    const fired: string[] = [];
    clock.setTimer(100, () => fired.push("a"));
    const cancel = clock.setTimer(100, () => fired.push("b"));
    vi.advanceTimersByTime(99);
    expect(fired).toEqual([]);
    cancel();
    cancel();
    vi.advanceTimersByTime(10_000);
    expect(fired).toEqual(["a"]);
  });

  it("does not fire a timer of months at once, as Node does", () => {
    vi.useFakeTimers();
    let fired = 0;
    const months = 3 * 2 ** 31;
    createSystemClock().setTimer(months, () => {
      fired += 1;
    });
    vi.advanceTimersByTime(months - 1);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });

  it("lets what has come in go before its next turn", async () => {
    const order: string[] = [];
    setImmediate(() => order.push("answer"));
    await createSystemClock().nextTurn();
    order.push("next");
    expect(order).toEqual(["answer", "next"]);
  });
});
