import { describe, expect, it } from "vitest";
import {
  isSameTemplate,
  templateHash,
  withHash,
} from "../../../src/sandbox/workloads/template-hash.ts";

const template = {
  metadata: { labels: { app: "orders" } },
  spec: { containers: [{ name: "app", image: "orders:1" }] },
};

describe("a pod template's hash", () => {
  it("does not depend on the order of fields, nor on the label that carries it", () => {
    const reordered = { spec: template.spec, metadata: { labels: { app: "orders" } } };
    expect(templateHash(reordered)).toBe(templateHash(template));
    const labelled = withHash(template, templateHash(template));
    expect(templateHash(labelled)).toBe(templateHash(template));
    expect(isSameTemplate(labelled, template)).toBe(true);
  });

  it("differs with the content", () => {
    const other = { ...template, metadata: { labels: { app: "orders", tier: "web" } } };
    expect(templateHash(other)).not.toBe(templateHash(template));
    expect(isSameTemplate(other, template)).toBe(false);
  });

  it("is fit for the name of an object", () => {
    expect(templateHash(template)).toMatch(/^[a-z0-9]{10}$/);
  });
});
