/** The four kinds of patches, and how each fails. */
import {
  applyPatch,
  type ConformanceCase,
  get,
  jsonPatch,
  mergePatch,
  post,
  strategicPatch,
  textAt,
} from "../case.ts";
import { configMap, deployment, deployments, maps, widget, widgets } from "./objects.ts";

/** Why a message is not compared. */
const wording = "the real server speaks of the Go type that it decodes into";

const one = `${maps}/one`;
const data = { a: "1", b: "2" };

export const patchCases: readonly ConformanceCase[] = [
  {
    what: "a JSON patch tests, adds, replaces, moves, copies and removes",
    *calls() {
      yield post(maps, configMap("one", data), { code: 201 });
      const operations = [
        { op: "test", path: "/data/a", value: "1" },
        { op: "add", path: "/data/c", value: "3" },
        { op: "replace", path: "/data/b", value: "two" },
        { op: "copy", from: "/data/c", path: "/data/d" },
        { op: "move", from: "/data/c", path: "/data/e" },
        { op: "remove", path: "/data/a" },
        { op: "add", path: "/metadata/labels", value: { "x/y": "z" } },
        { op: "test", path: "/metadata/labels/x~1y", value: "z" },
      ];
      yield jsonPatch(one, operations, { code: 200 });
    },
  },
  {
    what: "a JSON patch whose test fails changes nothing",
    *calls() {
      yield post(maps, configMap("one", data), { code: 201 });
      const operations = [
        { op: "replace", path: "/data/a", value: "new" },
        { op: "test", path: "/data/b", value: "other" },
      ];
      yield jsonPatch(one, operations, { code: 422 });
      yield get(one, { code: 200 });
    },
  },
  {
    what: "a JSON patch tests what is not there",
    *calls() {
      yield post(maps, configMap("one", data), { code: 201 });
      yield jsonPatch(one, [{ op: "test", path: "/data/z", value: "1" }], { code: 422 });
      yield jsonPatch(one, [{ op: "test", path: "/none/z", value: "1" }], { code: 422 });
      yield jsonPatch(one, [{ op: "test", path: "/data/z", value: null }], { code: 200 });
      yield jsonPatch(one, [{ op: "test", path: "/none/z", value: null }], { code: 422 });
    },
  },
  {
    what: "a JSON patch at a path that is not there",
    *calls() {
      yield post(maps, configMap("one", data), { code: 201 });
      yield jsonPatch(one, [{ op: "replace", path: "/data/z", value: "1" }], { code: 200 });
      yield jsonPatch(one, [{ op: "remove", path: "/data/z" }], { code: 200 });
      yield jsonPatch(one, [{ op: "remove", path: "/none/z" }], { code: 422 });
      yield jsonPatch(one, [{ op: "add", path: "/none/z", value: "1" }], { code: 422 });
      yield jsonPatch(one, [{ op: "copy", from: "/data/z", path: "/data/y" }], {
        code: 200,
        embedded: {
          code: 422,
          because: "nothing is copied to nowhere, where Go makes an empty text",
        },
      });
      yield jsonPatch(one, [{ op: "move", from: "/data/z", path: "/data/y" }], { code: 422 });
      yield jsonPatch(one, [{ op: "replace", path: "/none/z", value: "1" }], { code: 422 });
    },
  },
  {
    what: "a JSON patch of lists",
    *calls() {
      const parts = [{ name: "a" }, { name: "b" }];
      yield post(widgets, widget("one", { parts, size: 9 }), { code: 201 });
      const at = `${widgets}/one`;
      yield jsonPatch(at, [{ op: "add", path: "/spec/parts/-", value: { name: "c" } }], {
        code: 200,
      });
      yield jsonPatch(at, [{ op: "remove", path: "/spec/parts/0" }], { code: 200 });
      yield jsonPatch(at, [{ op: "add", path: "/spec/parts/0", value: { name: "z" } }], {
        code: 200,
      });
      yield jsonPatch(at, [{ op: "replace", path: "/spec/parts/7", value: { name: "q" } }], {
        code: 422,
      });
      yield jsonPatch(at, [{ op: "add", path: "/spec/parts/7", value: { name: "q" } }], {
        code: 422,
      });
      yield jsonPatch(at, [{ op: "test", path: "/spec/parts/0/name", value: "z" }], { code: 200 });
      yield jsonPatch(at, [{ op: "test", path: "/spec/parts/0", value: { name: "z" } }], {
        code: 422,
      });
      yield jsonPatch(at, [{ op: "test", path: "/spec/parts/0/weight", value: 1 }], { code: 200 });
    },
  },
  {
    what: "a JSON patch that is none",
    *calls() {
      yield post(maps, configMap("one", data), { code: 201 });
      yield jsonPatch(one, { op: "add" }, { code: 400, wording });
      yield jsonPatch(one, "nonsense", { code: 400, wording });
      yield jsonPatch(one, [{ op: "grow", path: "/data/a" }], { code: 422 });
      yield jsonPatch(one, [], { code: 200 });
      yield jsonPatch(one, [{ op: "replace", path: "/metadata/name", value: "two" }], {
        code: 400,
      });
      yield jsonPatch(one, [{ op: "replace", path: "/kind", value: "Secret" }], {
        code: 422,
        codeOnly: "the real one shows the whole object in its message",
        embedded: { code: 400, because: "it judges all writes by one rule" },
      });
      yield jsonPatch(`${maps}/two`, [], { code: 404 });
    },
  },
  {
    what: "a JSON patch tests the resourceVersion",
    *calls() {
      const made = yield post(widgets, widget("one"), { code: 201 });
      const test = (value: string) => ({ op: "test", path: "/metadata/resourceVersion", value });
      const grow = { op: "replace", path: "/spec/size", value: 4 };
      const seen = textAt(made, "metadata.resourceVersion");
      yield jsonPatch(`${widgets}/one`, [test(seen), grow], { code: 200 });
      yield jsonPatch(`${widgets}/one`, [test(seen), grow], { code: 422 });
      const uid = { op: "test", path: "/metadata/uid", value: textAt(made, "metadata.uid") };
      yield jsonPatch(`${widgets}/one`, [uid, grow], { code: 200 });
    },
  },
  {
    what: "a merge patch sets, removes and replaces lists",
    *calls() {
      const parts = [{ name: "a" }, { name: "b" }];
      yield post(widgets, widget("one", { parts, free: { x: { y: 1 } } }), { code: 201 });
      const at = `${widgets}/one`;
      const spec = { parts: [{ name: "c" }], free: { x: { z: 2 } }, colour: null };
      yield mergePatch(at, { spec }, { code: 200 });
      yield mergePatch(at, { spec: { free: null, size: null } }, { code: 200 });
      yield mergePatch(
        at,
        { spec: { size: "big" } },
        {
          code: 422,
          embedded: { because: "it does not say that a scale could not read a wrong value either" },
        },
      );
      yield mergePatch(at, { metadata: { name: "two" } }, { code: 400 });
      yield mergePatch(at, { kind: "Gadget" }, { code: 422 });
      yield mergePatch(at, [], { code: 400, wording });
      yield mergePatch(at, {}, { code: 200 });
    },
  },
  {
    what: "a merge patch with a resourceVersion that is not the latest",
    *calls() {
      const made = yield post(maps, configMap("one", data), { code: 201 });
      const metadata = { resourceVersion: textAt(made, "metadata.resourceVersion") };
      yield mergePatch(one, { metadata, data: { a: "new" } }, { code: 200 });
      yield mergePatch(one, { metadata, data: { a: "newer" } }, { code: 409 });
      yield strategicPatch(one, { metadata, data: { a: "newer" } }, { code: 409 });
      const uid = "11111111-2222-3333-4444-555555555555";
      yield mergePatch(one, { metadata: { uid } }, { code: 422 });
    },
  },
  {
    what: "a strategic merge patch merges lists by their keys",
    *calls() {
      yield post(deployments, deployment("one"), { code: 201 });
      const template = (spec: object) => ({ spec: { template: { spec } } });
      const at = `${deployments}/one`;
      yield strategicPatch(at, template({ containers: [{ name: "app", image: "app:2" }] }), {
        code: 200,
      });
      yield strategicPatch(
        at,
        template({
          containers: [
            {
              name: "app",
              env: [
                { name: "B", value: "2" },
                { name: "A", $patch: "delete" },
              ],
            },
          ],
        }),
        { code: 200 },
      );
      yield strategicPatch(at, template({ containers: [{ name: "side", $patch: "delete" }] }), {
        code: 200,
      });
      yield strategicPatch(
        at,
        template({
          "$setElementOrder/containers": [{ name: "first" }, { name: "app" }],
          containers: [{ name: "first", image: "first:1" }],
        }),
        { code: 200 },
      );
      yield strategicPatch(
        at,
        template({
          containers: [{ $patch: "replace" }, { name: "only", image: "only:1" }],
        }),
        { code: 200 },
      );
      yield strategicPatch(at, template({ containers: [{ image: "nameless:1" }] }), {
        code: 500,
        wording,
      });
    },
  },
  {
    what: "a strategic merge patch as kubectl sends it",
    *calls() {
      yield post(deployments, deployment("one", { replicas: 2 }), { code: 201 });
      const at = `${deployments}/one`;
      const strategy = (patch: object) => ({ spec: { strategy: patch } });
      yield strategicPatch(at, strategy({ $retainKeys: ["type"], type: "Recreate" }), {
        code: 200,
      });
      yield strategicPatch(
        at,
        {
          metadata: { annotations: { note: "one" }, finalizers: ["test.dev/a", "test.dev/b"] },
          spec: { replicas: 3 },
        },
        { code: 200 },
      );
      yield strategicPatch(
        at,
        {
          metadata: {
            annotations: { note: null },
            "$deleteFromPrimitiveList/finalizers": ["test.dev/a"],
            "$setElementOrder/finalizers": ["test.dev/b"],
          },
        },
        { code: 200 },
      );
      yield strategicPatch(at, { metadata: { finalizers: null } }, { code: 200 });
    },
  },
  {
    what: "a strategic merge patch of a custom resource",
    *calls() {
      yield post(widgets, widget("one"), { code: 201 });
      yield strategicPatch(`${widgets}/one`, { spec: { size: 4 } }, { code: 415 });
    },
  },
  {
    what: "an apply creates, changes and takes back its own fields",
    *calls() {
      const at = `${widgets}/one?fieldManager=owner`;
      const parts = [{ name: "a" }];
      yield applyPatch(at, widget("one", { size: 5, parts, labels: { a: "1", b: "2" } }), {
        code: 201,
      });
      yield applyPatch(at, widget("one", { size: 6, labels: { b: "2" } }), { code: 200 });
      yield applyPatch(at, widget("one", {}), { code: 200 });
      yield applyPatch(at, widget("one", {}), { code: 200 });
    },
  },
  {
    what: "an apply of built in kinds merges lists by their keys",
    *calls() {
      const at = `${deployments}/one?fieldManager=owner`;
      yield applyPatch(at, deployment("one"), { code: 201 });
      const containers = [{ name: "side", image: "side:2" }];
      const other = {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "one" },
        spec: { template: { spec: { containers } } },
      };
      yield applyPatch(`${deployments}/one?fieldManager=other&force=true`, other, { code: 200 });
      yield applyPatch(
        `${deployments}/one?fieldManager=other&force=true`,
        {
          ...other,
          spec: {},
        },
        { code: 422, embedded: { code: 200, because: "who owns which field is not kept" } },
      );
    },
  },
  {
    what: "an apply that is not well formed",
    *calls() {
      yield applyPatch(`${widgets}/one`, widget("one"), { code: 422 });
      const at = `${widgets}/one?fieldManager=owner`;
      yield applyPatch(at, widget("two"), { code: 400 });
      yield applyPatch(at, { ...widget("one"), kind: "Gadget" }, { code: 400 });
      yield applyPatch(at, widget("one", { size: 200 }), { code: 422 });
      yield applyPatch(at, widget("one", { shape: "round" }), { code: 500 });
      yield applyPatch(at, widget("one", {}, { managedFields: [{ manager: "x" }] }), {
        code: 400,
      });
      yield applyPatch(`${at}&force=maybe`, widget("one"), { code: 201 });
    },
  },
  {
    what: "an apply over a field of another manager",
    *calls() {
      yield applyPatch(`${maps}/one?fieldManager=owner`, configMap("one", data), { code: 201 });
      const other = `${maps}/one?fieldManager=other`;
      const because = "who owns which field is not kept: the last writer wins";
      yield applyPatch(other, configMap("one", { a: "new" }), {
        code: 409,
        embedded: { code: 200, because },
      });
      yield applyPatch(`${other}&force=true`, configMap("one", { a: "new" }), { code: 200 });
    },
  },
  {
    what: "a patch of another media type",
    *calls() {
      yield post(maps, configMap("one", data), { code: 201 });
      yield { method: "PATCH", path: one, body: {}, contentType: "application/json", code: 415 };
      yield {
        method: "PATCH",
        path: one,
        body: {},
        contentType: "text/plain",
        code: 415,
        embedded: { because: "it looks at the type of a body before it looks what it is for" },
      };
    },
  },
];
