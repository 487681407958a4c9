import { describe, expect, test } from "vitest";
import { humanDuration } from "../../../../src/sandbox/api-server/print/age.ts";
import { compileJsonPath } from "../../../../src/sandbox/api-server/print/json-path.ts";
import { labelSelectorText } from "../../../../src/sandbox/api-server/print/selector-text.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [-5 * SECOND, "<invalid>"],
  [0, "0s"],
  [119 * SECOND, "119s"],
  [120 * SECOND, "2m"],
  [125 * SECOND, "2m5s"],
  [10 * MINUTE, "10m"],
  [179 * MINUTE, "179m"],
  [3 * HOUR, "3h"],
  [3 * HOUR + 5 * MINUTE, "3h5m"],
  [8 * HOUR, "8h"],
  [47 * HOUR, "47h"],
  [2 * DAY, "2d"],
  [2 * DAY + 3 * HOUR, "2d3h"],
  [8 * DAY, "8d"],
  [729 * DAY, "729d"],
  [731 * DAY, "2y1d"],
])("%d ms are written %s", (ms, expected) => {
  expect(humanDuration(ms)).toBe(expected);
});

describe("a JSON path", () => {
  const object = {
    spec: { hosts: ["a", "b"], stages: [{ weight: 10 }, { weight: 50 }], "odd.name": 1 },
    status: {
      conditions: [
        { type: "Ready", status: "True" },
        { type: "Stalled", status: "False" },
      ],
    },
  };

  test.each([
    [".spec.hosts", [["a", "b"]]],
    [".spec.hosts[*]", ["a", "b"]],
    [".spec.hosts[1]", ["b"]],
    [".spec.stages[*].weight", [10, 50]],
    ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
    [".status.conditions[?(@.type=='Stalled')].status", ["False"]],
    [".status.conditions[?(@.type!='Ready')].type", ["Stalled"]],
    [".spec['odd.name']", [1]],
    [".spec.none.deeper", []],
    ["{.spec.hosts[0]}", ["a"]],
  ])("%s finds %j", (path, expected) => {
    expect(compileJsonPath(path)?.(object)).toEqual(expected);
  });

  test("that is none is refused", () => {
    expect(compileJsonPath(".spec[?(]")).toBeUndefined();
  });
});

test("a selector is written as kubectl reads it", () => {
  const selector = {
    matchLabels: { b: "2", a: "1" },
    matchExpressions: [
      { key: "c", operator: "In", values: ["x", "y"] },
      { key: "d", operator: "NotIn", values: ["z"] },
      { key: "e", operator: "Exists" },
      { key: "f", operator: "DoesNotExist" },
    ],
  };
  expect(labelSelectorText(selector)).toBe("a=1,b=2,c in (x,y),d notin (z),e,!f");
});
