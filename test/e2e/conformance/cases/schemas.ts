/** What a definition's schema makes of an object: defaults, unknown fields, bounds, rules in CEL, tables. */
import { type ConformanceCase, get, mergePatch, post, put, remove, textAt } from "../case.ts";
import {
  configMap,
  deployment,
  deployments,
  maps,
  service,
  services,
  widget,
  widgets,
} from "./objects.ts";

const accessor = "it does not say that a scale could not read a wrong value either";
const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

export const schemaCases: readonly ConformanceCase[] = [
  {
    what: "defaults",
    *calls() {
      yield post(widgets, widget("one", { parts: [{ name: "a" }] }), { code: 201 });
      yield post(widgets, widget("two", { options: { fast: false }, size: null }), { code: 201 });
      yield post(deployments, deployment("one", { replicas: 0, paused: true }), { code: 201 });
      yield post(services, service("one"), { code: 201 });
    },
  },
  {
    what: "unknown fields",
    *calls() {
      const odd = widget("one", { shape: "round", parts: [{ name: "a", odd: 1 }], free: { x: 1 } });
      yield post(widgets, odd, { code: 201 });
      yield post(`${widgets}?fieldValidation=Strict`, odd, { code: 400 });
      yield post(
        `${widgets}?fieldValidation=Ignore`,
        { ...odd, metadata: { name: "two" } },
        {
          code: 201,
        },
      );
      yield post(`${widgets}?fieldValidation=Loud`, odd, { code: 422 });
      yield mergePatch(
        `${widgets}/one?fieldValidation=Strict`,
        { spec: { shape: "round" } },
        { code: 422, codeOnly: "the real one shows the whole object in its message" },
      );
      yield mergePatch(`${widgets}/one`, { spec: { shape: "round" } }, { code: 200 });
      yield post(`${maps}?fieldValidation=Strict`, { ...configMap("one"), odd: 1 }, { code: 400 });
      yield post(maps, { ...configMap("one"), odd: 1 }, { code: 201 });
    },
  },
  {
    what: "a field given twice",
    *calls() {
      const text = JSON.stringify(widget("one", { size: 4 })).replace(
        '"size":4',
        '"size":4,"size":5',
      );
      const because = "it reads JSON as JavaScript does, which does not tell";
      yield post(widgets, text, { code: 201, embedded: { because } });
      yield post(`${widgets}?fieldValidation=Strict`, text, {
        code: 400,
        embedded: { code: 409, because },
      });
    },
  },
  {
    what: "values beyond their bounds",
    *calls() {
      const refused = (spec: object, because?: string) =>
        post(widgets, widget("one", spec), {
          code: 422,
          ...(because !== undefined && { embedded: { because } }),
        });
      yield refused({ size: 0 });
      yield refused({ size: 101 });
      yield refused({ size: 1.5 }, accessor);
      yield refused({ size: "3" }, accessor);
      yield refused({ colour: "blue" });
      yield refused({ parts: [{}] });
      yield refused({ parts: [{ name: "UPPER" }] });
      yield refused({ parts: [{ name: "muchtoolong" }] });
      yield refused({
        size: 9,
        parts: [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }],
      });
      yield refused({ parts: "none" });
      yield refused({ labels: { a: 1 } });
      yield refused({ port: true }, "it does not go through the branches of anyOf");
      yield refused({ options: [] });
      yield post(widgets, { ...widget("one"), spec: undefined }, { code: 422 });
      yield post(widgets, { ...widget("one"), spec: null }, { code: 422 });
      yield refused({ size: 0, colour: "blue" });
    },
  },
  {
    what: "rules in CEL",
    *calls() {
      const parts = [{ name: "a" }, { name: "b" }];
      yield post(widgets, widget("one", { size: 1, parts }), { code: 422 });
      yield post(widgets, widget("one", { parts: [{ name: "a", weight: 60 }] }), { code: 422 });
      yield post(widgets, widget("one", { parts }), { code: 201 });
      yield mergePatch(`${widgets}/one`, { spec: { colour: "green" } }, { code: 422 });
      yield mergePatch(`${widgets}/one`, { spec: { size: 1 } }, { code: 422 });
      yield mergePatch(`${widgets}/one`, { spec: { size: 2 } }, { code: 200 });
    },
  },
  {
    what: "tables",
    *calls() {
      yield post(widgets, widget("one", { size: 4 }), { code: 201 });
      yield mergePatch(
        `${widgets}/one/status`,
        {
          status: {
            conditions: [
              { type: "Other", status: "False" },
              { type: "Ready", status: "True" },
            ],
          },
        },
        { code: 200 },
      );
      yield post(widgets, widget("two"), { code: 201 });
      yield get(widgets, { accept: table, code: 200 });
      yield get(`${widgets}/one`, { accept: table, code: 200 });
      yield get(`${widgets}?includeObject=None`, { accept: table, code: 200 });
      yield get(`${widgets}/three`, { accept: table, code: 404 });
      yield post(maps, configMap("one", { a: "1" }), { code: 201 });
      yield get(`${maps}?fieldSelector=metadata.name%3Done`, { accept: table, code: 200 });
      yield post(deployments, deployment("one", { replicas: 0, paused: true }), { code: 201 });
      yield get(deployments, { accept: table, code: 200 });
      yield post(services, service("one", { clusterIP: "None" }), { code: 201 });
      yield get(services, { accept: table, code: 200 });
    },
  },
  {
    what: "metadata alone",
    *calls() {
      yield post(widgets, widget("one", { size: 4 }, { labels: { a: "1" } }), { code: 201 });
      const partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
      yield get(`${widgets}/one`, { accept: partial, code: 200 });
      const list = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
      yield get(widgets, { accept: list, code: 200 });
      yield get(widgets, { accept: "text/html", code: 406 });
    },
  },
  {
    what: "what was invalid before may stay",
    *calls() {
      const name = "gauges.ratchet.test.dev";
      const definition = (maximum: number) => ({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name },
        spec: {
          group: "ratchet.test.dev",
          scope: "Namespaced",
          names: { plural: "gauges", singular: "gauge", kind: "Gauge" },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  properties: {
                    spec: {
                      type: "object",
                      properties: {
                        level: { type: "integer", maximum },
                        other: { type: "integer" },
                      },
                    },
                  },
                },
              },
            },
          ],
        },
      });
      const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      const gauges = "/apis/ratchet.test.dev/v1/namespaces/NAMESPACE/gauges";
      const codeOnly = "definitions are not compared";
      yield post(crds, definition(10), { code: 201, codeOnly });
      yield get(gauges, { code: 200, isEventual: true });
      const gauge = { apiVersion: "ratchet.test.dev/v1", kind: "Gauge", metadata: { name: "one" } };
      yield post(gauges, { ...gauge, spec: { level: 9 } }, { code: 201 });
      const made = yield get(`${crds}/${name}`, { code: 200, codeOnly });
      const resourceVersion = textAt(made, "metadata.resourceVersion");
      const narrower = definition(5);
      yield put(
        `${crds}/${name}`,
        { ...narrower, metadata: { name, resourceVersion } },
        { code: 200, codeOnly },
      );
      const probe = { ...gauge, metadata: { name: "probe" }, spec: { level: 7 } };
      yield post(`${gauges}?dryRun=All`, probe, { code: 422, isEventual: true });
      yield mergePatch(`${gauges}/one`, { spec: { other: 1 } }, { code: 200 });
      yield mergePatch(`${gauges}/one`, { spec: { level: 8 } }, { code: 422 });
      yield remove(`${crds}/${name}`, { code: 200, codeOnly });
      yield get(gauges, { code: 404, isEventual: true });
    },
  },
];
