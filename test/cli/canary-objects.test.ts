import { describe, expect, it } from "vitest";
import { toView } from "../../src/cli/canary-objects.ts";

const raw = (status?: object) => ({
  metadata: { name: "orders", namespace: "shop", creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: {
    targetRef: { name: "orders" },
    routing: { istio: { virtualServices: [{ name: "orders" }] } },
  },
  ...(status !== undefined && { status }),
});

describe("a Canary as commands see it", () => {
  it("has an empty status when there is none", () => {
    const view = toView(raw());
    expect(view).toMatchObject({ name: "orders", namespace: "shop", status: {} });
    expect(view.isStatusWhole).toBe(true);
    expect(view.createdAt).toBe(Date.parse("2026-01-01T00:00:00Z"));
    expect(view.spec?.targetRef.name).toBe("orders");
  });

  it("of a controller of another version keeps what can be read, and says that it is not all", () => {
    const view = toView(raw({ phase: "Celebrating", canaryWeight: 25, message: "hurrah" }));
    expect(view.status).toEqual({ canaryWeight: 25, message: "hurrah" });
    expect(view.isStatusWhole).toBe(false);
  });

  it("has no spec when that is of another version", () => {
    const view = toView({
      metadata: { name: "orders", namespace: "shop" },
      spec: { targetRef: 1 },
    });
    expect(view.spec).toBeUndefined();
    expect(view.createdAt).toBeUndefined();
  });

  it("has those annotations that are text", () => {
    const { annotations } = toView({
      ...raw(),
      metadata: { name: "orders", annotations: { a: "text", b: 1 } },
    });
    expect(annotations).toEqual({ a: "text" });
  });
});
