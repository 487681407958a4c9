import { describe, expect, it } from "vitest";
import { ownValue } from "../../src/core/own-value.ts";

describe("a member by a name that somebody else chose", () => {
  it("is the object's own", () => {
    expect(ownValue({ app: "shop" }, "app")).toBe("shop");
    expect(ownValue(JSON.parse('{"__proto__":"shop"}'), "__proto__")).toBe("shop");
  });

  it.each(["constructor", "toString", "hasOwnProperty", "__proto__", "other"])(
    "is not what every object inherits: %s",
    (name) => {
      expect(ownValue({ app: "shop" }, name)).toBeUndefined();
    },
  );
});
