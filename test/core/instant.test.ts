import { expect, it } from "vitest";
import { fromInstant, fromOptionalInstant, toInstant } from "../../src/core/instant.ts";

it("writes instants as Kubernetes does, and reads them again", () => {
  const ms = Date.UTC(2026, 10, 21, 12, 0, 0, 250);
  expect(toInstant(ms)).toBe("2026-11-21T12:00:00.250Z");
  expect(fromInstant("2026-11-21T12:00:00.250Z")).toBe(ms);
  expect(fromOptionalInstant("2026-11-21T12:00:00Z")).toBe(ms - 250);
});

it("takes what is no instant for long ago, and what has not come for nothing", () => {
  expect(fromInstant("soon")).toBe(0);
  expect(fromOptionalInstant(undefined)).toBeUndefined();
});
