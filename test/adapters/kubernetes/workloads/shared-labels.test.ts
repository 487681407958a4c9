import { describe, expect, it } from "vitest";
import { decodeDeployment } from "../../../../src/adapters/kubernetes/workloads/decode.ts";
import { sharedLabels } from "../../../../src/adapters/kubernetes/workloads/shared-labels.ts";
import { known, missing } from "../../../../src/core/fact.ts";

const labelled = (labels: Readonly<Record<string, string>> | undefined) => {
  const raw = {
    metadata: { name: "orders", namespace: "shop" },
    spec: { selector: {}, template: { metadata: { labels } } },
  };
  return known({ view: decodeDeployment(raw), raw });
};
const gone = missing("PrimaryNotFound", "not there");
const selector = { label: "app", value: "orders" };

describe("labels of both versions", () => {
  it.each([
    [
      "those that both have with one value",
      labelled({ app: "orders", part: "orders", version: "2", team: "shop" }),
      labelled({ app: "orders-primary", part: "orders", version: "1" }),
      { part: "orders" },
    ],
    [
      "the target's while there is no primary",
      labelled({ app: "orders", part: "orders" }),
      gone,
      { part: "orders" },
    ],
    [
      "the primary's when the target is gone",
      gone,
      labelled({ app: "orders-primary", part: "x" }),
      { part: "x" },
    ],
    [
      "none where a template has none",
      labelled({ app: "orders", part: "orders" }),
      labelled(undefined),
      {},
    ],
    ["none of workloads that are not there", gone, gone, {}],
  ])("are %s", (_, target, primary, expected) => {
    expect(sharedLabels(selector, [target, primary])).toEqual(expected);
  });
});
