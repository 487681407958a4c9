import { expect, it } from "vitest";
import { clip } from "../../../src/core/canary/clip.ts";

it.each([
  [1023, 1023],
  [1024, 1024],
  [1025, 1024],
])("cuts a text of %i characters to %i", (length, left) => {
  expect(clip("x".repeat(length))).toHaveLength(left);
});

it("shows that something was cut", () => {
  expect(clip("abcdef", 4)).toBe("abc…");
  expect(clip("abcd", 4)).toBe("abcd");
});
