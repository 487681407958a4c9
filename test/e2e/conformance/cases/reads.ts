/** Lists, pages, selectors and watches; paths that lead nowhere. */
import { type ConformanceCase, get, mergePatch, post, remove, textAt } from "../case.ts";
import { configMap, maps, service, services, widget, widgets } from "./objects.ts";

/** Why a message is not compared. */
const wording = "each has a parser of its own";

/** The maps that a case made, without those that controllers put into every namespace. */
const mine = `${maps}?labelSelector=mine`;
const my = (name: string, labels: object = {}) =>
  configMap(name, {}, { labels: { mine: "", ...labels } });

export const readCases: readonly ConformanceCase[] = [
  {
    what: "lists",
    *calls() {
      yield post(maps, my("b"), { code: 201 });
      yield post(maps, my("a"), { code: 201 });
      yield get(mine, { code: 200 });
      yield get(`${mine}&resourceVersion=0`, { code: 200 });
      yield get(widgets, { code: 200 });
      yield get(`${mine}&resourceVersion=nonsense`, { code: 400 });
      yield get(`${mine}&resourceVersion=0&resourceVersionMatch=Exact`, { code: 422 });
      yield get(`${mine}&limit=nonsense`, { code: 400, wording });
    },
  },
  {
    what: "pages",
    *calls() {
      for (const name of ["a", "b", "c"]) yield post(widgets, widget(name), { code: 201 });
      const first = yield get(`${widgets}?limit=2`, { code: 200 });
      const token = encodeURIComponent(textAt(first, "metadata.continue"));
      yield post(widgets, widget("d"), { code: 201 });
      const second = yield get(`${widgets}?limit=2&continue=${token}`, { code: 200 });
      const third = textAt(second, "kind") === "WidgetList" ? "&limit=1" : "";
      yield get(`${widgets}?continue=${token}${third}`, { code: 200 });
      yield get(`${widgets}?limit=2&continue=nonsense`, { code: 400, wording });
      yield get(`${widgets}?limit=4`, { code: 200 });
    },
  },
  {
    what: "selection by labels",
    *calls() {
      yield post(maps, my("a", { app: "x", tier: "1" }), { code: 201 });
      yield post(maps, my("b", { app: "y" }), { code: 201 });
      yield post(maps, my("c"), { code: 201 });
      const selectors = [
        "app=x",
        "app==x",
        "app!=x",
        "app in (x,y)",
        "app notin (x)",
        "app,tier",
        "!app",
        "app=x,tier=1",
        "tier>0",
        "app=",
      ];
      for (const selector of selectors)
        yield get(`${mine},${encodeURIComponent(selector)}`, { code: 200 });
      for (const selector of ["app in x", "=x", "app=a b", "app=(", "not valid=1", "tier>x"])
        yield get(`${maps}?labelSelector=${encodeURIComponent(selector)}`, { code: 400, wording });
    },
  },
  {
    what: "selection by fields",
    *calls() {
      yield post(maps, my("a"), { code: 201 });
      yield post(maps, my("b"), { code: 201 });
      for (const selector of [
        "metadata.name=a",
        "metadata.name!=a",
        "metadata.namespace=NAMESPACE",
        "metadata.name==a,metadata.namespace=other",
      ])
        yield get(`${mine}&fieldSelector=${encodeURIComponent(selector)}`, { code: 200 });
      yield get(`${maps}?fieldSelector=data.a%3D1`, { code: 400, wording });
      yield get(`${maps}?fieldSelector=nonsense`, { code: 400 });
      yield get(`${widgets}?fieldSelector=spec.size%3D1`, { code: 400, wording });
      yield post(services, service("a"), { code: 201 });
      yield get(`${services}?fieldSelector=spec.type%3DClusterIP`, { code: 200 });
    },
  },
  {
    what: "a watch from a version",
    *calls() {
      const made = yield post(widgets, widget("a"), { code: 201 });
      yield post(widgets, widget("b", {}, { labels: { mine: "" } }), { code: 201 });
      yield mergePatch(`${widgets}/a`, { spec: { size: 4 } }, { code: 200 });
      yield mergePatch(`${widgets}/a`, { metadata: { labels: { mine: "" } } }, { code: 200 });
      yield mergePatch(`${widgets}/a`, { metadata: { labels: null } }, { code: 200 });
      yield remove(`${widgets}/b`, { code: 200 });
      const from = `watch=1&resourceVersion=${textAt(made, "metadata.resourceVersion")}`;
      yield get(`${widgets}?${from}`, { code: 200, events: 5 });
      yield get(`${widgets}?${from}&labelSelector=mine`, { code: 200, events: 4 });
      yield get(`${widgets}?${from}&fieldSelector=metadata.name%3Db`, { code: 200, events: 2 });
      yield get(`${widgets}/b?${from}`, { code: 404 });
    },
  },
  {
    what: "a watch from what is there now",
    *calls() {
      yield post(widgets, widget("a"), { code: 201 });
      yield get(`${widgets}?watch=true`, { code: 200, events: 1 });
      yield get(`${widgets}?watch=true&resourceVersion=0`, { code: 200, events: 1 });
      yield get(`${widgets}?watch=true&timeoutSeconds=1`, { code: 200, events: 2 });
      yield get(`${widgets}?watch=true&resourceVersion=nonsense`, { code: 500, events: 1 });
    },
  },
  {
    what: "a watch that asks for bookmarks",
    *calls() {
      const listed = yield get(widgets, { code: 200 });
      const version = textAt(listed, "metadata.resourceVersion");
      const asked = `watch=1&resourceVersion=${version}&allowWatchBookmarks=true`;
      const codeOnly = "a real one sends them when it likes, in so short a time also none";
      yield get(`${widgets}?${asked}&timeoutSeconds=3`, { code: 200, events: 1, codeOnly });
    },
  },
  {
    what: "a watch that streams its first list",
    *calls() {
      yield post(widgets, widget("a"), { code: 201 });
      const asked = "watch=1&sendInitialEvents=true&allowWatchBookmarks=true";
      const match = "resourceVersionMatch=NotOlderThan";
      yield get(`${widgets}?${asked}&${match}`, { code: 200, events: 2 });
      yield get(`${widgets}?${asked}`, { code: 422, events: 1 });
      yield get(`${widgets}?watch=1&sendInitialEvents=true&${match}`, { code: 200, events: 1 });
    },
  },
  {
    what: "a watch from a version that is too old",
    *calls() {
      yield post(widgets, widget("a"), { code: 201 });
      const because = "it remembers all that happened since it began";
      const embedded = { because };
      yield get(`${widgets}?watch=1&resourceVersion=1`, { code: 200, events: 1, embedded });
    },
  },
  {
    what: "a watch of tables",
    *calls() {
      yield post(widgets, widget("a"), { code: 201 });
      const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
      yield get(`${widgets}?watch=1`, { code: 200, events: 1, accept });
    },
  },
  {
    what: "paths that lead nowhere",
    *calls() {
      yield get("/apis/test.dev/v1/namespaces/NAMESPACE/gadgets", { code: 404 });
      yield get("/apis/test.dev/v9/namespaces/NAMESPACE/widgets", { code: 404 });
      yield get("/apis/none.dev/v1/gadgets", { code: 404 });
      yield get("/nothing", { code: 404 });
      yield get(`${widgets}/none`, { code: 404 });
      yield get(`${maps}/none`, { code: 404 });
      yield get("/api/v1/namespaces/none", { code: 404 });
      yield get("/api/v1/namespaces/none/configmaps", { code: 200 });
      yield post("/api/v1/configmaps", configMap("one"), { code: 405 });
    },
  },
];
