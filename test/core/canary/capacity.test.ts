import { expect, it } from "vitest";
import { neededReplicas } from "../../../src/core/canary/capacity.ts";

it.each([
  { primary: 1, weight: 10, needed: 1 },
  { primary: 1, weight: 100, needed: 1 },
  { primary: 2, weight: 1, needed: 2 },
  { primary: 2, weight: 100, needed: 2 },
  { primary: 10, weight: 20, needed: 2 },
  { primary: 10, weight: 21, needed: 3 },
  { primary: 3, weight: 67, needed: 3 },
  { primary: 4, weight: 50, needed: 2 },
  { primary: 4, weight: 51, needed: 3 },
  { primary: 0, weight: 100, needed: 1 },
])(
  "gives $weight % beside $primary primary pods only to $needed",
  ({ primary, weight, needed }) => {
    expect(neededReplicas(primary, weight)).toBe(needed);
  },
);
