/** The ports of one simulated process: reads show what its watches have told it, writes fare as fate has it. */
import { AlertProviderSpec } from "../../src/api/alert-provider.ts";
import type { OutboxEntry } from "../../src/api/canary-status.ts";
import type { FrozenSpec } from "../../src/core/canary/freeze.ts";
import { type Fact, known, missing, unknown } from "../../src/core/fact.ts";
import type { Cluster } from "../../src/ports/cluster.ts";
import { RetryableError, StallError } from "../../src/ports/errors.ts";
import type {
  MetricRequest,
  MetricSource,
  PastReadings,
  Reading,
} from "../../src/ports/metric-source.ts";
import type { Delivery, Notifier } from "../../src/ports/notifier.ts";
import type { SpecRevisions } from "../../src/ports/spec-revisions.ts";
import type { TrafficRouter } from "../../src/ports/traffic-router.ts";
import type { Workloads } from "../../src/ports/workloads.ts";
import { errorRateTemplate } from "../support/fake-ports.ts";
import type { DelayedView } from "./delayed-view.ts";
import type { Fate } from "./fate.ts";
import type { CanaryTruth, Counts, Kind, RoutesTruth, Truth, WorkloadsTruth } from "./truth.ts";

export const canaryKey = { namespace: "shop", name: "web" };
const uid = "0a1b2c3d-77";

export interface Views {
  readonly Canary: DelayedView<CanaryTruth>;
  readonly Workloads: DelayedView<WorkloadsTruth>;
  readonly Routes: DelayedView<RoutesTruth>;
  readonly Specs: DelayedView<Truth["specs"]>;
}

/** What Prometheus has scraped, by who tells. */
export interface Scraped {
  readonly callers: Counts;
  readonly pods: Counts;
}

export interface PortDeps {
  readonly truth: Truth;
  readonly fate: Fate;
  readonly views: Views;
  /** Passes every write of this process: it may die before or after. Never resolves for the dead. */
  readonly write: (apply: () => void, answers: Kind) => Promise<void>;
  /** What Prometheus has scraped last. */
  readonly scraped: () => Scraped;
  /** The same at an instant of the past, ms. */
  readonly scrapedAt: (atMs: number) => Scraped | undefined;
  readonly onTold: (entry: OutboxEntry) => void;
  readonly onRead: (kind: Reading["kind"]) => void;
}

function conflict(what: string): RetryableError {
  return new RetryableError("Conflict", `${what} changed`);
}

export function clusterOf({ truth, views, write, onTold }: PortDeps): Cluster {
  return {
    canary() {
      const { spec, status, commands, deletion, isGone, generation, version } = views.Canary.get();
      if (isGone) return undefined;
      const identity = { ...canaryKey, uid, generation, resourceVersion: String(version) };
      return { identity, commands, deletion, createdAt: "", spec: known(spec), status };
    },
    claimants: () => [],
    canaries: () => (views.Canary.get().isGone ? [] : [canaryKey]),
    template: () => errorRateTemplate(),
    alertProvider: (): Fact<AlertProviderSpec> =>
      known(AlertProviderSpec.parse({ slack: { address: "http://slack.invalid/" } })),
    writeStatus: ({ identity, status, mode }) =>
      write(() => {
        const isSame = identity.resourceVersion === String(truth.canary.version);
        if (truth.canary.isGone) throw conflict("the Canary");
        if (mode === "Fenced" && !isSame) throw conflict("the Canary");
        truth.putStatus(status);
      }, "Canary"),
    removeAbort: (_identity, value) =>
      write(() => {
        if (truth.canary.commands.abort !== value) throw conflict("the annotation");
        truth.ask({ abort: undefined });
      }, "Canary"),
    async recordEvent(_identity, entry) {
      await write(() => onTold(entry), "Canary");
    },
    recordProviderProblem: () => Promise.resolve(),
    namespace: () => known({ isEnding: false, readAt: truth.now }),
    readNamespace: () => Promise.resolve(),
    setFinalizer: ({ resourceVersion }, wanted) =>
      write(() => {
        if (resourceVersion !== String(truth.canary.version)) throw conflict("the Canary");
        truth.hold(wanted);
      }, "Canary"),
  };
}

export function routerOf({ truth, views, write }: PortDeps): TrafficRouter {
  return {
    observe() {
      const { weight, mirror: percentage, writer, version } = views.Routes.get();
      return known({
        canaryWeight: weight,
        mirror: percentage === 0 ? undefined : { percentage, isUniform: true },
        isUniform: true,
        hasUnmanagedRules: false,
        otherRoutes: [],
        missingObjects: [],
        writer: { kind: writer, manager: writer },
        resourceVersions: { routes: String(version) },
      });
    },
    createObjects: () => Promise.resolve(),
    raise: (_scope, weight, { routes }) =>
      write(() => {
        if (routes !== String(truth.routes.version)) throw conflict("the routes");
        truth.route({ weight }, "Serin");
      }, "Routes"),
    mirror: (_scope, mirror, { routes }) =>
      write(() => {
        if (routes !== String(truth.routes.version)) throw conflict("the routes");
        truth.route({ mirror }, "Serin");
      }, "Routes"),
    generatedRoute: () => known("None"),
    removeGenerated: () => Promise.resolve(),
    lower: (_scope, weight) =>
      write(() => {
        const lower = Math.min(weight, truth.routes.weight);
        truth.route({ weight: lower, mirror: 0 }, "Serin");
      }, "Routes"),
  };
}

export function workloadsOf({ truth, views, write }: PortDeps): Workloads {
  let isWatched = false;
  const versionOf = (role: "Target" | "Primary") =>
    (role === "Target" ? truth.target : truth.primary)?.resourceVersion;
  return {
    observe() {
      const { target, primary, pods } = views.Workloads.get();
      const none = missing("PrimaryNotFound", "Deployment shop/web-primary does not exist");
      return {
        target: known(target),
        primary: primary === undefined ? none : known(primary),
        selector: known({ label: "app", value: "web" }),
        autoscaler: known(undefined),
        neighbours: known([]),
        pods: isWatched ? known(pods) : unknown("the pods are not watched"),
      };
    },
    watchPods(_scope, wanted) {
      isWatched = wanted;
    },
    createPrimary: (_scope, replicas, hash) =>
      write(() => {
        if (truth.target.hash !== hash) throw conflict("the target");
        truth.createPrimary(hash, replicas);
      }, "Workloads"),
    scale: (_scope, role, replicas, resourceVersion) =>
      write(() => {
        if (versionOf(role) !== resourceVersion) throw conflict(role);
        truth.change(role, { replicas });
      }, "Workloads"),
    deletePrimary: (_scope, resourceVersion) =>
      write(() => {
        if (truth.primary === undefined) return;
        if (versionOf("Primary") !== resourceVersion) throw conflict("the primary");
        truth.deletePrimary();
      }, "Workloads"),
    copyTemplate: (_scope, { templateHash, savedHash }, resourceVersion) =>
      write(() => {
        if (versionOf("Primary") !== resourceVersion) throw conflict("the primary");
        truth.savedTemplates.add(savedHash);
        truth.change("Primary", { hash: templateHash, restoreHash: savedHash });
      }, "Workloads"),
    restoreTemplate: (_scope, savedHash, resourceVersion) =>
      write(() => {
        if (!truth.savedTemplates.has(savedHash))
          throw new StallError("SavedTemplateMissing", `${savedHash} was not saved`);
        if (versionOf("Primary") !== resourceVersion) throw conflict("the primary");
        truth.change("Primary", { hash: savedHash });
      }, "Workloads"),
    confirmTemplate: (_scope, resourceVersion) =>
      write(() => {
        if (versionOf("Primary") !== resourceVersion) throw conflict("the primary");
        truth.confirmPrimary();
      }, "Workloads"),
  };
}

export function specRevisionsOf({ truth, fate, views, write }: PortDeps): SpecRevisions {
  const gone = new Set<string>();
  const nameOf = ({ releaseId }: FrozenSpec) => `web-spec-${releaseId}`;
  return {
    nameOf: (_canary, content) => nameOf(content),
    find(_canary, revision) {
      const found = views.Specs.get().kept.get(revision);
      if (found !== undefined) return known(found);
      return gone.has(revision)
        ? missing("SpecRevisionMissing", `${revision} is gone`)
        : unknown(`${revision} is being looked for`);
    },
    async look(_canary, revision) {
      if (!fate.isApiUp) throw new RetryableError("Unavailable", "nobody answers");
      views.Specs.answered();
      if (!truth.specs.kept.has(revision)) gone.add(revision);
    },
    save: (_canary, content) => write(() => truth.keepSpec(nameOf(content), content), "Specs"),
  };
}

/** Before the first scrape, and of what nobody has called. */
const none = { total: 0, bad: 0 };
const nothingScraped: Scraped = {
  callers: { web: none, "web-primary": none },
  pods: { web: none, "web-primary": none },
};

/** As the adapter has it: a query that takes longer has failed. */
const timeoutMs = 1_000;

export function sourceOf({ fate, scraped, scrapedAt, onRead }: PortDeps): MetricSource {
  const answer = ({ reporter }: MetricRequest, counted: Scraped = scraped()): Reading => {
    if (fate.provider === "Down" || fate.provider === "Slow")
      return { kind: "Failure", reason: fate.provider, message: "no answer", query: undefined };
    if (fate.provider === "Empty") return { kind: "Counters", counters: [], query: "errors" };
    const counters = Object.entries(counted[reporter === "Pods" ? "pods" : "callers"]).map(
      ([workload, counts]) => ({
        workload,
        pod: "caller",
        counts: { kind: "Ratio" as const, ...counts },
      }),
    );
    return { kind: "Counters", counters, query: "errors" };
  };
  return {
    groupKey: () => "all",
    async *read(group) {
      if (fate.provider === "Slow") await fate.wait(timeoutMs);
      const readings = new Map(group.map((request) => [request.id, answer(request)]));
      for (const { kind } of readings.values()) onRead(kind);
      yield readings;
    },
    async readPast(group, { fromMs, untilMs, stepMs }) {
      if (fate.provider === "Slow") await fate.wait(timeoutMs);
      const past: PastReadings[] = [];
      for (let atMs = fromMs; atMs <= untilMs; atMs += stepMs) {
        const counted = scrapedAt(atMs) ?? nothingScraped;
        past.push({
          atMs,
          readings: new Map(group.map((request) => [request.id, answer(request, counted)])),
        });
      }
      return past;
    },
    problems: () => [],
  };
}

export function notifierOf(isUp: () => boolean): Notifier {
  return {
    async send(): Promise<Delivery> {
      return isUp() ? { kind: "Delivered" } : { kind: "Failed", because: "nobody answers" };
    },
  };
}
