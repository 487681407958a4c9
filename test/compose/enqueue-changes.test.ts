/** Which Canaries look again when something changes: those that it may concern, and no others. */
import { describe, expect, it } from "vitest";
import type { Change, ChangeHandler } from "../../src/adapters/kubernetes/informer-cache.ts";
import type { CanarySpec } from "../../src/api/canary-spec.ts";
import { enqueueChanges } from "../../src/compose/enqueue-changes.ts";
import { type Fact, known, missing } from "../../src/core/fact.ts";
import type { CanaryObject } from "../../src/ports/cluster.ts";
import { canarySpec } from "../support/fake-ports.ts";

/** A cache that tells of what a test says has changed. */
function createSource() {
  const handlers: ChangeHandler<unknown>[] = [];
  return {
    onChange(handler: ChangeHandler<unknown>) {
      handlers.push(handler);
      return () => undefined;
    },
    change(namespace: string | undefined, name: string) {
      const change: Change<unknown> = { key: `${namespace}/${name}`, namespace, name };
      for (const handler of handlers) handler(change);
    },
  };
}

function createBench(canaries: Readonly<Record<string, Fact<CanarySpec>>>) {
  const list = (namespace?: string) =>
    Object.entries(canaries)
      .map(([key, spec]) => ({ view: canaryObject(key, spec) }))
      .filter(({ view }) => namespace === undefined || view.identity.namespace === namespace);
  const sources = {
    canaries: createSource(),
    templates: createSource(),
    clusterTemplates: createSource(),
    named: createSource(),
    nearby: createSource(),
  };
  const enqueued: string[] = [];
  enqueueChanges(
    {
      cluster: {
        canaries: { ...sources.canaries, list },
        templates: sources.templates,
        clusterTemplates: sources.clusterTemplates,
      },
      named: [sources.named],
      nearby: [sources.nearby],
    },
    { isLeading: true, enqueue: (key) => enqueued.push(key) },
  );
  /** Keys that look again after a change, in the order of the alphabet. */
  const after = (source: keyof typeof sources, namespace: string | undefined, name: string) => {
    enqueued.length = 0;
    sources[source].change(namespace, name);
    return enqueued.toSorted();
  };
  return { after };
}

function canaryObject(key: string, spec: Fact<CanarySpec>): CanaryObject {
  const [namespace = "", name = ""] = key.split("/");
  const identity = { namespace, name, uid: key, generation: 1, resourceVersion: "1" };
  return { identity, spec, status: {} };
}

const withOwnTemplate = canarySpec("web", {
  analysis: {
    metrics: [
      {
        name: "errors",
        templateRef: { kind: "AnalysisTemplate", name: "errors" },
        limit: { max: 5 },
      },
    ],
  },
});

const { after } = createBench({
  "shop/web": known(canarySpec("web")),
  "shop/mail": known(canarySpec("mail")),
  "bank/web": known(canarySpec("web")),
  "own/web": known(withOwnTemplate),
  "bank/broken": missing("Invalid", "spec.stages: too few"),
});

describe("a change", () => {
  it("of a Canary concerns it alone, also when it is gone", () => {
    expect(after("canaries", "shop", "web")).toEqual(["shop/web"]);
    expect(after("canaries", "shop", "deleted")).toEqual(["shop/deleted"]);
  });

  it.each(["web", "web-primary", "web-canary"])(
    "of an object named %s concerns the Canary of that name in its namespace",
    (name) => {
      expect(after("named", "shop", name)).toEqual(["shop/web"]);
    },
  );

  it("of an object that nobody names concerns nobody", () => {
    expect(after("named", "shop", "api")).toEqual([]);
    expect(after("named", "elsewhere", "web")).toEqual([]);
  });

  it("concerns every Canary of its namespace where a name does not tell", () => {
    expect(after("nearby", "shop", "anything")).toEqual(["shop/mail", "shop/web"]);
  });

  it("concerns a Canary whose spec cannot be read: it may be what mends it", () => {
    expect(after("named", "bank", "web")).toEqual(["bank/broken", "bank/web"]);
  });

  it("of a template concerns those that name it, by kind", () => {
    // A template outside namespaces may concern Canaries in all of them.
    expect(after("clusterTemplates", undefined, "errors")).toEqual([
      "bank/broken",
      "bank/web",
      "shop/mail",
      "shop/web",
    ]);
    expect(after("clusterTemplates", undefined, "other")).toEqual(["bank/broken"]);
    expect(after("templates", "shop", "errors")).toEqual([]);
    expect(after("templates", "own", "errors")).toEqual(["own/web"]);
  });
});
