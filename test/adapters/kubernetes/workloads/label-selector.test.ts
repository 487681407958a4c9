import { describe, expect, it } from "vitest";
import {
  LabelSelector,
  selects,
} from "../../../../src/adapters/kubernetes/workloads/label-selector.ts";

const labels = { app: "orders", tier: "web" };
const one = (operator: string, key: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, values }],
});

describe("a label selector", () => {
  it.each<[object, boolean]>([
    [{}, true],
    [{ matchLabels: { app: "orders" } }, true],
    [{ matchLabels: { app: "orders", tier: "db" } }, false],
    [{ matchLabels: { team: "shop" } }, false],
    [one("In", "app", "mails", "orders"), true],
    [one("In", "app", "mails"), false],
    [one("In", "team", "shop"), false],
    [one("NotIn", "app", "orders"), false],
    [one("NotIn", "app", "mails"), true],
    [one("NotIn", "team", "shop"), true],
    [one("Exists", "app"), true],
    [one("Exists", "team"), false],
    [one("DoesNotExist", "team"), true],
    [one("DoesNotExist", "app"), false],
    [one("Gt", "app", "1"), false],
    [{ matchLabels: { app: "orders" }, ...one("Exists", "team") }, false],
  ])("%j selects the pod: %s", (selector, is) => {
    expect(selects(LabelSelector.parse(selector), labels)).toBe(is);
  });
});
