import { expect, it } from "vitest";
import { every, met, unmet } from "../../../src/core/canary/guard.ts";

it("gives the first condition that does not hold, and asks no further", () => {
  const asked: string[] = [];
  const ask =
    (name: string, guard = met(name)) =>
    () => {
      asked.push(name);
      return guard;
    };
  expect(every(ask("a"), ask("b", unmet("no b", 7)), ask("c"))).toEqual(unmet("no b", 7));
  expect(asked).toEqual(["a", "b"]);
});

it("gives the last one when all hold", () => {
  expect(
    every(
      () => met("a"),
      () => met("b"),
    ),
  ).toEqual({ holds: true, message: "b" });
  expect(every()).toEqual(met(""));
});

it("carries a time only where time alone may help", () => {
  expect(unmet("why")).toEqual({ holds: false, because: "why" });
  expect(unmet("why", 5)).toEqual({ holds: false, because: "why", dueAt: 5 });
});
