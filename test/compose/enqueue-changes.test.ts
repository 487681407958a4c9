/** Which Canaries look again when something changes: those that it may concern, and no others. */
import { describe, expect, it } from "vitest";
import type { Change, ChangeHandler } from "../../src/adapters/kubernetes/informer-cache.ts";
import type { SpecRevisionView } from "../../src/adapters/kubernetes/spec-revisions/decode.ts";
import type { CanarySpec } from "../../src/api/canary-spec.ts";
import { GeneratedRouting } from "../../src/api/generated-routing.ts";
import { enqueueChanges } from "../../src/compose/enqueue-changes.ts";
import type { Priority } from "../../src/controller/work-queue.ts";
import { claimsOf } from "../../src/core/canary/claims.ts";
import { type Fact, known, missing } from "../../src/core/fact.ts";
import type { CanaryObject } from "../../src/ports/cluster.ts";
import { canarySpec } from "../support/fake-ports.ts";
import { noCommands, progressing } from "../support/snapshots.ts";

const raw = { metadata: { name: "web" } };

/** A cache that tells of what a test says has changed. */
function createSource<T = unknown>() {
  const handlers: ChangeHandler<T>[] = [];
  return {
    onChange(handler: ChangeHandler<T>) {
      handlers.push(handler);
      return () => undefined;
    },
    change(namespace: string | undefined, name: string, views: { before?: T; after?: T } = {}) {
      const change: Change<T> = {
        key: `${namespace}/${name}`,
        namespace,
        name,
        ...(views.before !== undefined && { before: { raw, view: views.before } }),
        ...(views.after !== undefined && { after: { raw, view: views.after } }),
      };
      for (const handler of handlers) handler(change);
    },
  };
}

function createBench(canaries: Readonly<Record<string, Fact<CanarySpec>>>) {
  const list = (namespace?: string) =>
    Object.entries(canaries)
      .map(([key, spec]) => ({ view: canaryObject(key, spec) }))
      .filter(({ view }) => namespace === undefined || view.identity.namespace === namespace);
  const byIndex = (_index: string, value: string) =>
    list()
      .filter(({ view: { identity, spec } }) =>
        spec.kind === "Known"
          ? claimsOf(spec.value, identity.namespace).some(
              ({ key }) => `${identity.namespace}/${key}` === value,
            )
          : false,
      )
      .map(({ view }) => ({ view, raw }));
  const sources = {
    canaries: createSource<CanaryObject>(),
    templates: createSource(),
    clusterTemplates: createSource(),
    named: createSource(),
    routes: createSource(),
    nearby: createSource(),
  };
  const revisions = createRevisions();
  const enqueued: string[] = [];
  const priorities: Priority[] = [];
  enqueueChanges(
    {
      cluster: {
        canaries: { ...sources.canaries, list, byIndex },
        templates: sources.templates,
        clusterTemplates: sources.clusterTemplates,
      },
      specRevisions: revisions,
      named: [sources.named],
      routes: [sources.routes],
      nearby: [sources.nearby],
    },
    {
      isLeading: true,
      enqueue: (key, priority = "Normal") => {
        enqueued.push(key);
        priorities.push(priority);
      },
    },
  );
  /** Keys that look again after a change, in the order of the alphabet. */
  const after = (source: keyof typeof sources, namespace: string | undefined, name: string) => {
    enqueued.length = 0;
    sources[source].change(namespace, name);
    return enqueued.toSorted();
  };
  /** How urgently a Canary is looked at whose annotation serin.dev/abort changed so. */
  const priorityAfter = (before: string | undefined, now: string | undefined) => {
    const view = (abort: string | undefined): CanaryObject => ({
      ...canaryObject("shop/web", known(canarySpec("web"))),
      commands: { ...noCommands, abort },
    });
    sources.canaries.change("shop", "web", { before: view(before), after: view(now) });
    return priorities.at(-1);
  };
  const afterRevision = (change: Change<SpecRevisionView>) => {
    enqueued.length = 0;
    revisions.change(change);
    return enqueued;
  };
  /** Who looks again when a Canary that had this spec is deleted. */
  const afterDeletion = (key: string, spec: CanarySpec) => {
    enqueued.length = 0;
    const before = canaryObject(key, known(spec));
    sources.canaries.change(before.identity.namespace, before.identity.name, { before });
    return enqueued.toSorted();
  };
  return { after, afterDeletion, priorityAfter, afterRevision };
}

/** One release of shop/held is held to the spec of another workload than the Canary names by now. */
function createRevisions() {
  const handlers: ChangeHandler<SpecRevisionView>[] = [];
  const data = {
    canary: { name: "held", uid: "shop/held" },
    release: "r-1",
    spec: canarySpec("formerly"),
    templates: [],
  };
  const view = { name: "held-spec-1", namespace: "shop", canary: "held", revision: 1, data };
  return {
    onChange(handler: ChangeHandler<SpecRevisionView>) {
      handlers.push(handler);
      return () => undefined;
    },
    change(change: Change<SpecRevisionView>) {
      for (const handler of handlers) handler(change);
    },
    get: (namespace: string, name: string) =>
      namespace === "shop" && name === view.name
        ? { view, raw: { metadata: { name } } }
        : undefined,
  };
}

function canaryObject(key: string, spec: Fact<CanarySpec>): CanaryObject {
  const [namespace = "", name = ""] = key.split("/");
  const identity = { namespace, name, uid: key, generation: 1, resourceVersion: "1" };
  const status =
    name === "held"
      ? progressing(1, "confirmed", { release: { specRevision: "held-spec-1" } })
      : {};
  const deletion = { isAsked: false, isHeld: true };
  return { identity, commands: noCommands, deletion, createdAt: "", spec, status };
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

const generating = canarySpec("made", {
  routing: { istio: { generate: GeneratedRouting.parse({}), propagationSeconds: 5 } },
});

const { after, afterDeletion, priorityAfter, afterRevision } = createBench({
  "mesh/web": known(canarySpec("web")),
  "mesh/made": known(generating),
  "shop/held": known(canarySpec("now")),
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

  it.each([
    [undefined, "wrong prices", "Urgent"],
    ["wrong prices", "wrong prices", "Normal"],
    ["wrong prices", "wrong taxes", "Urgent"],
    ["wrong prices", undefined, "Normal"],
    [undefined, undefined, "Normal"],
  ] as const)(
    "of the abort from %s to %s is looked at with priority %s",
    (before, now, priority) => {
      expect(priorityAfter(before, now)).toBe(priority);
    },
  );

  it("of a Canary concerns those that want the same workload or route in its namespace", () => {
    expect(afterDeletion("shop/older", canarySpec("web"))).toEqual(["shop/older", "shop/web"]);
    expect(afterDeletion("shop/older", canarySpec("api"))).toEqual(["shop/older"]);
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

  it("of routes concerns whoever names them, or has his generated for what may be the same Service", () => {
    expect(after("routes", "mesh", "web")).toEqual(["mesh/made", "mesh/web"]);
    expect(after("routes", "mesh", "other")).toEqual(["mesh/made"]);
    expect(after("routes", "shop", "other")).toEqual([]);
  });

  it("concerns every Canary of its namespace where a name does not tell", () => {
    expect(after("nearby", "shop", "anything")).toEqual(["shop/held", "shop/mail", "shop/web"]);
  });

  it.each(["now", "formerly"])(
    "of an object named %s concerns a Canary whose spec, or whose release's, names it",
    (name) => {
      expect(after("named", "shop", name)).toEqual(["shop/held"]);
    },
  );

  it("of a spec that is kept concerns the Canary whose it is, also when it is gone", () => {
    const view = {
      name: "mail-spec-1",
      namespace: "shop",
      canary: "mail",
      revision: 1,
      data: undefined,
    };
    const change = { key: "shop/mail-spec-1", namespace: "shop", name: "mail-spec-1" };
    const object = { view, raw: { metadata: { name: "mail-spec-1" } } };
    expect(afterRevision({ ...change, after: object })).toEqual(["shop/mail"]);
    expect(afterRevision({ ...change, before: object })).toEqual(["shop/mail"]);
  });

  it("concerns a Canary whose spec cannot be read: it may be what mends it", () => {
    expect(after("named", "bank", "web")).toEqual(["bank/broken", "bank/web"]);
  });

  it("of a template concerns those that name it, by kind", () => {
    // A template outside namespaces may concern Canaries in all of them.
    expect(after("clusterTemplates", undefined, "errors")).toEqual([
      "bank/broken",
      "bank/web",
      "mesh/made",
      "mesh/web",
      "shop/held",
      "shop/mail",
      "shop/web",
    ]);
    expect(after("clusterTemplates", undefined, "other")).toEqual(["bank/broken"]);
    expect(after("templates", "shop", "errors")).toEqual([]);
    expect(after("templates", "own", "errors")).toEqual(["own/web"]);
  });
});
