import { describe, expect, test } from "vitest";
import {
  parseFieldSelector,
  parseLabelSelector,
} from "../../../src/sandbox/api-server/selectors.ts";

const object = {
  metadata: { name: "a", labels: { app: "web", "serin.dev/role": "canary", size: "5" } },
  spec: { on: true },
};

describe("a label selector", () => {
  test.each([
    ["app=web", true],
    ["app==web", true],
    ["app=api", false],
    ["app!=api", true],
    ["none!=api", true],
    ["app in (web,api)", true],
    ["app in (api)", false],
    ["app notin (api)", true],
    ["none notin (api)", true],
    ["none in (api)", false],
    ["app", true],
    ["none", false],
    ["!none", true],
    ["!app", false],
    ["size>4", true],
    ["size>5", false],
    ["size<6", true],
    ["serin.dev/role=canary,app in (web)", true],
    ["serin.dev/role=canary,app in (api)", false],
    ["none=", false],
  ])("%s selects: %s", (text, expected) => {
    expect(parseLabelSelector(text)?.(object)).toBe(expected);
  });

  test.each(["a b", "=x", "a in web", "a=b=c"])("%s is refused", (text) => {
    expect(() => parseLabelSelector(text)).toThrow("not a valid label selector");
  });

  test.each([undefined, "", " "])("%j selects everything", (text) => {
    expect(parseLabelSelector(text)).toBeUndefined();
  });
});

describe("a field selector", () => {
  const supported = new Set(["metadata.name", "spec.on"]);

  test.each([
    ["metadata.name=a", true],
    ["metadata.name==b", false],
    ["metadata.name!=b,spec.on=true", true],
  ])("%s selects: %s", (text, expected) => {
    expect(parseFieldSelector(text, supported)?.(object)).toBe(expected);
  });

  test.each([
    ["spec.off=1", "field label not supported: spec.off"],
    ["metadata.name", "invalid selector"],
  ])("%s is refused", (text, because) => {
    expect(() => parseFieldSelector(text, supported)).toThrow(because);
  });
});
