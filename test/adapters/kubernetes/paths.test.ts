import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describePath, nameOfPath, resourcePath } from "../../../src/adapters/kubernetes/paths.ts";
import { StallError } from "../../../src/ports/errors.ts";
import { anyCharacters } from "../../support/hostile.ts";

const pods = { group: "", version: "v1", plural: "pods", namespaced: true };
const canaries = { group: "serin.dev", version: "v1alpha1", plural: "canaries", namespaced: true };
const nodes = { group: "", version: "v1", plural: "nodes", namespaced: false };

function pathOrError(namespace: string, name: string): unknown {
  try {
    return resourcePath(pods, { namespace, name });
  } catch (error) {
    return error;
  }
}

describe("the path of", () => {
  it.each([
    ["all pods", pods, {}, "/api/v1/pods"],
    ["a namespace's pods", pods, { namespace: "shop" }, "/api/v1/namespaces/shop/pods"],
    ["a pod", pods, { namespace: "shop", name: "a" }, "/api/v1/namespaces/shop/pods/a"],
    [
      "a canary's status",
      canaries,
      { namespace: "shop", name: "a", subresource: "status" },
      "/apis/serin.dev/v1alpha1/namespaces/shop/canaries/a/status",
    ],
    ["a node, whatever the namespace", nodes, { namespace: "x", name: "a" }, "/api/v1/nodes/a"],
    ["an odd name", nodes, { name: "a?b c" }, "/api/v1/nodes/a%3Fb%20c"],
  ])("%s is right", (_, resource, address, path) => {
    expect(resourcePath(resource, address)).toBe(path);
  });

  it.each(["..", ".", "", "a/b", "../../secrets/x"])("an object named %j leads nowhere", (name) => {
    expect(() => resourcePath(pods, { namespace: "shop", name })).toThrow("cannot be the name");
    expect(() => resourcePath(pods, { namespace: name, name: "a" })).toThrow("cannot be the name");
  });

  it("never leads anywhere else than its names say", () => {
    const odd = fc.constantFrom(
      "..",
      "%2e%2e",
      "a?b",
      "a#b",
      "a\\b",
      "..;",
      "\ud800",
      "a\n",
      "a%2fb",
    );
    const part = fc.oneof(odd, anyCharacters, fc.string());
    fc.assert(
      fc.property(part, part, (namespace, name) => {
        const found = pathOrError(namespace, name);
        expect(typeof found === "string" || found instanceof StallError).toBe(true);
        const path = typeof found === "string" ? found : "/api/v1/namespaces/x/pods/y";
        const url = new URL(`http://api.test${path}?watch=true`);
        expect(url.pathname + url.search).toBe(`${path}?watch=true`);
        expect(url.pathname.split("/")).toHaveLength(7);
      }),
    );
  });
});

describe("a path", () => {
  it.each([
    ["/api/v1/pods", "pods", "pods"],
    ["/api/v1/namespaces/shop", "namespaces", "namespaces shop"],
    ["/api/v1/namespaces/shop/pods/a/log", "pods/log", "pods/log shop/a"],
    ["/apis/apps/v1/namespaces/shop/deployments/a", "deployments", "deployments.apps shop/a"],
    ["/version", "/version", "/version"],
    ["/api/v1", "/api/v1", "/api/v1"],
  ])("%s speaks of %s", (path, resource, name) => {
    expect(describePath(path).resource).toBe(resource);
    expect(nameOfPath(path)).toBe(name);
  });
});
