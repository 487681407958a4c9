import { describe, expect, it } from "vitest";
import { oncePer } from "../../src/adapters/once-per.ts";

describe("What follows from an object", () => {
  it("is found out once, also where it is undefined", () => {
    const asked: string[] = [];
    const find = oncePer(({ name }: { readonly name: string }) => {
      asked.push(name);
      return name === "nothing" ? undefined : `${name}!`;
    });
    const orders = { name: "orders" };
    const nothing = { name: "nothing" };
    expect([find(orders), find(orders)]).toEqual(["orders!", "orders!"]);
    expect([find(nothing), find(nothing)]).toEqual([undefined, undefined]);
    expect(asked).toEqual(["orders", "nothing"]);
  });

  it("is found out again for a later version, even if it is equal", () => {
    let asked = 0;
    const find = oncePer(({ name }: { readonly name: string }) => {
      asked += 1;
      return `${name} ${asked}`;
    });
    expect([find({ name: "orders" }), find({ name: "orders" })]).toEqual(["orders 1", "orders 2"]);
  });
});
