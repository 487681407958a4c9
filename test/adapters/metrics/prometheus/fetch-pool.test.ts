import { describe, expect, it } from "vitest";
import { createFetchPool } from "../../../../src/adapters/metrics/prometheus/fetch-pool.ts";
import { MAX_TRUSTED_AUTHORITIES } from "../../../../src/adapters/metrics/prometheus/limits.ts";
import type { HttpFetch } from "../../../../src/adapters/outbound/http-fetch.ts";

const unused: HttpFetch = () => Promise.reject(new Error("not called"));

function world() {
  const open = new Set<string>();
  const pool = createFetchPool(unused, (ca) => {
    open.add(ca);
    return {
      fetch: (url, init) => unused(url, init),
      close: async () => {
        open.delete(ca);
      },
    };
  });
  return { pool, open };
}

describe("createFetchPool", () => {
  it("gives the plain fetch without an authority and one fetch per authority", () => {
    const { pool, open } = world();
    expect(pool.for(undefined)).toBe(unused);
    expect(pool.for("a")).toBe(pool.for("a"));
    expect(pool.for("a")).not.toBe(pool.for("b"));
    expect([...open]).toStrictEqual(["a", "b"]);
  });

  it("closes the least recently used one beyond the bound", () => {
    const { pool, open } = world();
    for (let index = 0; index < MAX_TRUSTED_AUTHORITIES; index += 1) pool.for(`ca-${index}`);
    pool.for("ca-0");
    expect(open.size).toBe(MAX_TRUSTED_AUTHORITIES);
    pool.for("one-more");
    expect(open.size).toBe(MAX_TRUSTED_AUTHORITIES);
    expect([open.has("ca-0"), open.has("ca-1")]).toStrictEqual([true, false]);
  });

  it("closes all that are open", async () => {
    const { pool, open } = world();
    pool.for("a");
    pool.for("b");
    await pool.close();
    expect(open.size).toBe(0);
  });
});
