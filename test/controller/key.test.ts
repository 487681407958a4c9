import { describe, expect, it } from "vitest";
import { fromKey, toKey } from "../../src/controller/key.ts";

describe("keys", () => {
  it("carry namespace and name and nothing else", () => {
    expect(toKey({ namespace: "shop", name: "orders" })).toBe("shop/orders");
  });

  it.each(["shop/orders", "a/b.c-d", "kube-system/x"])("come back as they were: %s", (key) => {
    expect(toKey(fromKey(key))).toBe(key);
  });
});
