/** Create, replace and delete: identity, conflicts, preconditions, dry runs, generations, the status beside the rest. */
import {
  applyPatch,
  type ConformanceCase,
  get,
  jsonPatch,
  mergePatch,
  post,
  put,
  remove,
  textAt,
} from "../case.ts";
import {
  configMap,
  deployment,
  deployments,
  leases,
  maps,
  revisions,
  secret,
  secrets,
  service,
  services,
  widget,
  widgets,
} from "./objects.ts";

/** Why a message is not compared. */
const wording = "the real server speaks of the Go type that it decodes into";
const accessor = "it does not say that a scale could not read a wrong value either";

const stranger = "11111111-2222-3333-4444-555555555555";

export const writeCases: readonly ConformanceCase[] = [
  {
    what: "a create of what is there",
    *calls() {
      yield post(widgets, widget("one"), { code: 201 });
      yield post(widgets, widget("one"), { code: 409 });
      yield post(maps, configMap("one"), { code: 201 });
      yield post(maps, configMap("one"), { code: 409 });
    },
  },
  {
    what: "a create of what is not meant for its path",
    *calls() {
      yield post(maps, widget("one"), { code: 400, wording });
      const because = "it does not look for unknown fields first";
      yield post(
        widgets,
        { ...widget("one"), apiVersion: "test.dev/v2" },
        {
          code: 400,
          embedded: { because },
        },
      );
      yield post(widgets, { ...widget("one"), kind: "Gadget" }, { code: 422 });
      yield post(maps, configMap("one", {}, { namespace: "elsewhere" }), { code: 400 });
      yield post(maps, configMap("one", {}, { resourceVersion: "5" }), { code: 500 });
      yield post(widgets, widget("one", {}, { resourceVersion: "5" }), { code: 500 });
      yield post(maps, "{", { code: 400, wording });
      yield post(maps, [], { code: 400, wording });
      yield post(`${maps}/one`, configMap("one"), { code: 405 });
      yield post("/api/v1/namespaces/nowhere/configmaps", configMap("one"), { code: 404 });
    },
  },
  {
    what: "names that are none",
    *calls() {
      yield post(maps, configMap("Not_A_Name"), { code: 422 });
      yield post(maps, configMap(""), { code: 422 });
      yield post(maps, configMap("x".repeat(254)), { code: 422 });
      yield post(services, service("1st"), { code: 201 });
      yield post(services, service("a.b"), { code: 422 });
      yield post(widgets, widget("Not_A_Name"), { code: 422 });
      yield post("/api/v1/namespaces", namespace("a.b"), { code: 422 });
      const because = "it does not warn of names that are allowed and unwise";
      yield post(deployments, deployment("a.b"), { code: 201, embedded: { because } });
    },
  },
  {
    what: "labels and annotations that are none",
    *calls() {
      const labelled = (labels: object) => configMap("one", {}, { labels });
      yield post(maps, labelled({ a: "not valid" }), { code: 422 });
      yield post(maps, labelled({ a: "x".repeat(64) }), { code: 422 });
      yield post(maps, labelled({ "not valid": "a" }), { code: 422 });
      yield post(maps, labelled({ "a/b/c": "a" }), { code: 422 });
      yield post(maps, labelled({ a: 1 }), { code: 400, wording });
      yield post(maps, configMap("one", {}, { annotations: { "not valid": "a" } }), { code: 422 });
      yield post(widgets, widget("one", {}, { labels: { a: "not valid" } }), { code: 422 });
      yield post(widgets, widget("one", {}, { labels: { a: 1 } }), { code: 400, wording });
    },
  },
  {
    what: "a generated name",
    *calls() {
      const made = yield post(
        maps,
        { ...configMap(""), metadata: { generateName: "made-" } },
        {
          code: 201,
        },
      );
      yield get(`${maps}/${textAt(made, "metadata.name")}`, { code: 200 });
    },
  },
  {
    what: "a replacement that is not of the latest version",
    *calls() {
      const made = yield post(widgets, widget("one"), { code: 201 });
      const resourceVersion = textAt(made, "metadata.resourceVersion");
      const at = `${widgets}/one`;
      yield put(at, widget("one", { size: 4 }, { resourceVersion }), { code: 200 });
      yield put(at, widget("one", { size: 5 }, { resourceVersion }), { code: 409 });
      yield put(at, widget("one", { size: 5 }), { code: 422 });
      yield put(at, widget("one", { size: 5 }, { resourceVersion: "nonsense" }), { code: 500 });
      yield put(`${widgets}/two`, widget("two", {}, { resourceVersion }), { code: 404 });
      yield put(at, widget("two", {}, { resourceVersion }), { code: 400 });
    },
  },
  {
    what: "a replacement without a version",
    *calls() {
      yield post(maps, configMap("one", { a: "1" }), { code: 201 });
      yield put(`${maps}/one`, configMap("one", { a: "2" }), { code: 200 });
      yield put(`${maps}/one`, configMap("one", {}, { uid: stranger }), {
        code: 409,
        wording: "the real one tells of its storage",
      });
      yield put(`${maps}/two`, configMap("two"), { code: 404 });
      const lease = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: "one" },
        spec: { holderIdentity: "a", leaseDurationSeconds: 15 },
      };
      yield post(leases, lease, { code: 201 });
      yield put(`${leases}/one`, lease, { code: 422 });
    },
  },
  {
    what: "generations of a custom resource",
    *calls() {
      yield post(widgets, widget("one"), { code: 201 });
      const at = `${widgets}/one`;
      yield mergePatch(at, { metadata: { labels: { a: "1" } } }, { code: 200 });
      yield mergePatch(at, { spec: { size: 4 } }, { code: 200 });
      yield mergePatch(at, { spec: { size: 4 } }, { code: 200 });
      yield mergePatch(`${at}/status`, { status: { phase: "Fine" } }, { code: 200 });
      yield mergePatch(at, { metadata: { generation: 40 } }, { code: 200 });
      yield mergePatch(at, { metadata: { finalizers: ["test.dev/hold"] } }, { code: 200 });
      yield remove(at, { code: 200 });
      yield mergePatch(at, { metadata: { finalizers: [] } }, { code: 200 });
      yield get(at, { code: 404 });
    },
  },
  {
    what: "generations of a Deployment",
    *calls() {
      yield post(deployments, deployment("one", { paused: true, replicas: 0 }), { code: 201 });
      const at = `${deployments}/one`;
      yield mergePatch(at, { metadata: { labels: { a: "1" } } }, { code: 200 });
      yield mergePatch(at, { spec: { minReadySeconds: 4 } }, { code: 200 });
      yield mergePatch(at, { spec: { selector: { matchLabels: { app: "two" } } } }, { code: 422 });
      yield mergePatch(`${at}/status`, { status: { observedGeneration: 2 } }, { code: 200 });
      const beside = { annotations: { note: "beside" }, labels: { a: "2" } };
      yield mergePatch(`${at}/status`, { metadata: beside }, { code: 200 });
      yield mergePatch(at, { metadata: { annotations: { note: "new" } } }, { code: 200 });
    },
  },
  {
    what: "the status of a custom resource stands apart",
    *calls() {
      const at = `${widgets}/one`;
      yield post(widgets, { ...widget("one"), status: { phase: "Set" } }, { code: 201 });
      yield mergePatch(at, { status: { phase: "Set" } }, { code: 200 });
      yield mergePatch(
        `${at}/status`,
        { metadata: { labels: { a: "1" } }, spec: { size: 9 }, status: { phase: "Fine" } },
        { code: 200 },
      );
      yield jsonPatch(`${at}/status`, [{ op: "add", path: "/status/size", value: 3 }], {
        code: 200,
      });
      yield jsonPatch(`${at}/status`, [{ op: "add", path: "/status/size", value: "x" }], {
        code: 422,
        embedded: { because: accessor },
      });
      const shown = yield get(`${at}/status`, { code: 200 });
      const resourceVersion = textAt(shown, "metadata.resourceVersion");
      yield put(
        `${at}/status`,
        { ...widget("one", {}, { resourceVersion }), status: { phase: "Put" } },
        { code: 200 },
      );
      yield mergePatch(`${at}/status`, { metadata: { resourceVersion } }, { code: 409 });
      yield get(`${at}/nothing`, { code: 404 });
      yield mergePatch(`${widgets}/two/status`, { status: {} }, { code: 404 });
    },
  },
  {
    what: "finalizers hold an object",
    *calls() {
      const at = `${widgets}/one`;
      const finalizers = ["test.dev/hold"];
      yield post(widgets, widget("one", {}, { finalizers }), { code: 201 });
      yield remove(at, { code: 200 });
      yield remove(at, { code: 200 });
      yield mergePatch(at, { spec: { size: 4 } }, { code: 200 });
      yield mergePatch(
        at,
        { metadata: { finalizers: ["test.dev/hold", "test.dev/more"] } },
        {
          code: 422,
        },
      );
      yield mergePatch(at, { metadata: { deletionTimestamp: null } }, { code: 200 });
      yield post(widgets, widget("one"), { code: 409 });
      yield jsonPatch(at, [{ op: "remove", path: "/metadata/finalizers" }], { code: 200 });
      yield get(at, { code: 404 });
      yield post(widgets, widget("two", {}, { finalizers: ["unqualified"] }), { code: 201 });
      yield post(widgets, widget("three", {}, { finalizers: ["not valid/x"] }), { code: 422 });
      yield mergePatch(`${widgets}/two`, { metadata: { finalizers: null } }, { code: 200 });
    },
  },
  {
    what: "a deletion with preconditions",
    *calls() {
      const made = yield post(maps, configMap("one"), { code: 201 });
      const at = `${maps}/one`;
      const options = (preconditions: object) => ({
        apiVersion: "v1",
        kind: "DeleteOptions",
        preconditions,
      });
      yield remove(at, { code: 409 }, options({ uid: stranger }));
      yield remove(at, { code: 409 }, options({ resourceVersion: "1" }));
      yield remove(at, { code: 200 }, options({ uid: textAt(made, "metadata.uid") }));
      yield remove(at, { code: 404 });
    },
  },
  {
    what: "what a deletion answers",
    *calls() {
      yield post(maps, configMap("one"), { code: 201 });
      yield remove(`${maps}/one`, { code: 200 });
      yield post(widgets, widget("one"), { code: 201 });
      yield remove(`${widgets}/one`, { code: 200 });
      yield post(services, service("one"), { code: 201 });
      yield remove(`${services}/one`, { code: 200 });
      yield post(maps, configMap("one", {}, { labels: { a: "1" } }), { code: 201 });
      yield post(maps, configMap("two", {}, { labels: { a: "2" } }), { code: 201 });
      yield remove(`${maps}?labelSelector=a%3D1`, { code: 200 });
      yield get(`${maps}?labelSelector=a`, { code: 200 });
      yield remove(`${maps}/two?propagationPolicy=Never`, { code: 422 });
    },
  },
  {
    what: "dry runs",
    *calls() {
      yield post(`${widgets}?dryRun=All`, widget("one"), { code: 201 });
      yield get(`${widgets}/one`, { code: 404 });
      yield post(widgets, widget("one"), { code: 201 });
      yield mergePatch(`${widgets}/one?dryRun=All`, { spec: { size: 9 } }, { code: 200 });
      yield remove(`${widgets}/one?dryRun=All`, { code: 200 });
      yield get(`${widgets}/one`, { code: 200 });
      yield post(`${widgets}?dryRun=Some`, widget("two"), { code: 422 });
      yield applyPatch(`${widgets}/two?dryRun=All&fieldManager=owner`, widget("two"), {
        code: 201,
      });
    },
  },
  {
    what: "a Secret given as text",
    *calls() {
      yield post(secrets, secret("one", { stringData: { a: "hello" }, data: { b: "Yg==" } }), {
        code: 201,
      });
      yield mergePatch(`${secrets}/one`, { stringData: { a: "bye" } }, { code: 200 });
      yield get(`${secrets}/one`, { code: 200 });
      yield mergePatch(`${secrets}/one`, { type: "test.dev/other" }, { code: 422 });
      yield post(secrets, secret("two", { data: { a: "not base64!" } }), { code: 400, wording });
      yield post(secrets, secret("two", { data: { "not a key": "" } }), { code: 422 });
      yield post(secrets, secret("two", { immutable: true, data: { a: "" } }), { code: 201 });
      yield mergePatch(`${secrets}/two`, { data: { a: "Yg==" } }, { code: 422 });
    },
  },
  {
    what: "a ControllerRevision cannot change",
    *calls() {
      const revision = {
        apiVersion: "apps/v1",
        kind: "ControllerRevision",
        metadata: { name: "one" },
        data: { kept: { a: [1, "2"] } },
        revision: 1,
      };
      yield post(revisions, revision, { code: 201 });
      yield mergePatch(`${revisions}/one`, { data: { kept: { a: [2] } } }, { code: 422 });
      yield mergePatch(`${revisions}/one`, { metadata: { labels: { a: "1" } } }, { code: 200 });
      yield post(
        revisions,
        { ...revision, metadata: { name: "two" }, data: undefined },
        {
          code: 422,
        },
      );
    },
  },
  {
    what: "a scale",
    *calls() {
      const at = `${widgets}/one/scale`;
      yield post(widgets, widget("one"), { code: 201 });
      yield get(at, { code: 200 });
      yield mergePatch(at, { spec: { replicas: 7 } }, { code: 200 });
      yield get(`${widgets}/one`, { code: 200 });
      yield mergePatch(at, { spec: { replicas: 700 } }, { code: 422 });
      yield post(deployments, deployment("one", { replicas: 0 }), { code: 201 });
      yield get(`${deployments}/one/scale`, { code: 200 });
    },
  },
  {
    what: "a namespace that ends",
    *calls() {
      const name = "NAMESPACE-ending";
      const inside = `/api/v1/namespaces/${name}/configmaps`;
      yield post("/api/v1/namespaces", namespace(name), { code: 201 });
      const finalizers = ["test.dev/hold"];
      yield post(inside, configMap("held", {}, { finalizers }), { code: 201 });
      yield post(inside, configMap("free"), { code: 201 });
      yield remove(`/api/v1/namespaces/${name}`, { code: 200 });
      yield post(inside, configMap("late"), { code: 403 });
      yield get(`${inside}/free`, { code: 404, isEventual: true });
      yield mergePatch(`${inside}/held`, { data: { a: "1" } }, { code: 200 });
      yield get(`/api/v1/namespaces/${name}`, {
        code: 200,
        codeOnly: "the conditions that a real one gets count what is left",
      });
      yield mergePatch(`${inside}/held`, { metadata: { finalizers: null } }, { code: 200 });
      yield get(`/api/v1/namespaces/${name}`, { code: 404, isEventual: true });
      yield remove("/api/v1/namespaces/default", { code: 403 });
    },
  },
  {
    what: "dependents go with their owner",
    *calls() {
      const owner = yield post(maps, configMap("owner"), { code: 201 });
      const uid = textAt(owner, "metadata.uid");
      const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid }];
      yield post(maps, configMap("dependent", {}, { ownerReferences }), { code: 201 });
      yield remove(`${maps}/owner`, { code: 200 });
      yield get(`${maps}/dependent`, { code: 404, isEventual: true });
    },
  },
  {
    what: "dependents that are left alone",
    *calls() {
      const owner = yield post(maps, configMap("owner"), { code: 201 });
      const uid = textAt(owner, "metadata.uid");
      const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid }];
      yield post(maps, configMap("dependent", {}, { ownerReferences }), { code: 201 });
      const because = "it lets dependents go in the same breath";
      yield remove(`${maps}/owner?propagationPolicy=Orphan`, { code: 200, embedded: { because } });
      yield get(`${maps}/owner`, { code: 404, isEventual: true });
      yield get(`${maps}/dependent`, { code: 200 });
      const bad = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner" }];
      yield post(maps, configMap("bad", {}, { ownerReferences: bad }), { code: 422 });
    },
  },
  {
    what: "an owner that waits for its dependents",
    *calls() {
      const owner = yield post(maps, configMap("owner"), { code: 201 });
      const uid = textAt(owner, "metadata.uid");
      const ownerReferences = [
        { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid, blockOwnerDeletion: true },
      ];
      const finalizers = ["test.dev/hold"];
      yield post(maps, configMap("dependent", {}, { ownerReferences, finalizers }), { code: 201 });
      yield remove(`${maps}/owner?propagationPolicy=Foreground`, { code: 200 });
      yield get(`${maps}/owner`, { code: 200 });
      yield mergePatch(
        `${maps}/dependent`,
        { metadata: { finalizers: null } },
        {
          code: 200,
          codeOnly: "the garbage collector may not have marked it yet",
        },
      );
      yield get(`${maps}/owner`, { code: 404, isEventual: true });
      yield get(`${maps}/dependent`, { code: 404, isEventual: true });
    },
  },
];

function namespace(name: string) {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}
