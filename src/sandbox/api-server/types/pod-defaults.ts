/** The defaults of pods and pod templates, as a real API server fills them in, and the rules users run into. */
import { duplicate, invalidValue, required } from "../field-error.ts";
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  mapList,
  objectAt,
  type Path,
  stringAt,
  withAt,
  withDefaults,
} from "../json.ts";
import type { Cause } from "../status-error.ts";

const POD_SPEC: JsonObject = {
  restartPolicy: "Always",
  dnsPolicy: "ClusterFirst",
  schedulerName: "default-scheduler",
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};
const CONTAINER: JsonObject = {
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  resources: {},
};
const PROBE: JsonObject = {
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
};
const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"];
/** Read-write for the owner, readable for all. */
const FILE_MODE = 0o644;
const FILE_SOURCES = ["configMap", "secret", "downwardAPI", "projected"];

function changeMember(
  object: JsonObject,
  key: string,
  change: (value: JsonObject) => JsonObject,
): JsonObject {
  const value = object[key];
  if (!isObject(value)) return object;
  const next = change(value);
  return next === value ? object : { ...object, [key]: next };
}

function changeItems(
  object: JsonObject,
  key: string,
  change: (item: JsonObject) => JsonObject,
): JsonObject {
  const list = listAt(object, key);
  const next = mapList(list, (item) => (isObject(item) ? change(item) : item));
  return next === list ? object : { ...object, [key]: next };
}

function withProbeDefaults(probe: JsonObject): JsonObject {
  const timed = withDefaults(probe, PROBE);
  return changeMember(timed, "httpGet", (get) => withDefaults(get, { path: "/", scheme: "HTTP" }));
}

/** A tag that moves is pulled every time. */
function pullPolicyFor(image: string): string {
  const name = image.slice(image.lastIndexOf("/") + 1);
  if (name.includes("@")) return "IfNotPresent";
  const tag = name.split(":")[1] ?? "latest";
  return tag === "latest" ? "Always" : "IfNotPresent";
}

function withContainerDefaults(container: JsonObject): JsonObject {
  const policy = pullPolicyFor(stringAt(container, "image") ?? "");
  const complete = withDefaults(container, { ...CONTAINER, imagePullPolicy: policy });
  const ported = changeItems(complete, "ports", (port) => withDefaults(port, { protocol: "TCP" }));
  const variables = changeItems(ported, "env", (variable) =>
    changeMember(variable, "valueFrom", (source) =>
      changeMember(source, "fieldRef", (field) => withDefaults(field, { apiVersion: "v1" })),
    ),
  );
  return PROBES.reduce(
    (result, probe) => changeMember(result, probe, withProbeDefaults),
    variables,
  );
}

function withVolumeDefaults(volume: JsonObject): JsonObject {
  if (Object.keys(volume).length === 1) return { ...volume, emptyDir: {} };
  const filed = FILE_SOURCES.reduce(
    (result, source) =>
      changeMember(result, source, (value) => withDefaults(value, { defaultMode: FILE_MODE })),
    volume,
  );
  return changeMember(filed, "hostPath", (path) => withDefaults(path, { type: "" }));
}

/** A ServiceAccount has two names in a pod; each is the other's default. */
function withServiceAccount(spec: JsonObject): JsonObject {
  const name = stringAt(spec, "serviceAccountName") ?? stringAt(spec, "serviceAccount");
  return name === undefined
    ? spec
    : withDefaults(spec, { serviceAccountName: name, serviceAccount: name });
}

function withPodSpecDefaults(spec: JsonObject): JsonObject {
  const complete = withServiceAccount(withDefaults(spec, POD_SPEC));
  const volumes = changeItems(complete, "volumes", withVolumeDefaults);
  const containers = changeItems(volumes, "containers", withContainerDefaults);
  return changeItems(containers, "initContainers", withContainerDefaults);
}

/** The object with the defaults of the pod template at `spec.template`. */
export function withTemplateDefaults(object: JsonObject): JsonObject {
  return changeMember(object, "spec", (spec) =>
    changeMember(spec, "template", (template) =>
      changeMember(template, "spec", withPodSpecDefaults),
    ),
  );
}

export function completePod(pod: JsonObject, previous: JsonObject | undefined): JsonObject {
  const spec = withPodSpecDefaults(
    withDefaults(objectAt(pod, "spec"), {
      serviceAccountName: "default",
      enableServiceLinks: true,
    }),
  );
  const complete = withAt(pod, ["spec"], spec);
  return previous === undefined
    ? { ...complete, status: { phase: "Pending", qosClass: "BestEffort" } }
    : complete;
}

const CONTAINER_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function containerCauses(container: Json, path: Path): readonly Cause[] {
  const causes: Cause[] = [];
  const name = stringAt(container, "name") ?? "";
  if (name === "") causes.push(required([...path, "name"]));
  else if (!CONTAINER_NAME.test(name)) {
    causes.push(
      invalidValue(
        [...path, "name"],
        name,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'",
      ),
    );
  }
  if ((stringAt(container, "image") ?? "") === "") causes.push(required([...path, "image"]));
  return causes;
}

export function podSpecCauses(spec: Json | undefined, path: Path): readonly Cause[] {
  const containers = listAt(spec, "containers");
  if (containers.length === 0) return [required([...path, "containers"])];
  const all = [...containers, ...listAt(spec, "initContainers")];
  const causes = all.flatMap((container, i) => {
    const isMain = i < containers.length;
    const place = [
      ...path,
      isMain ? "containers" : "initContainers",
      isMain ? i : i - containers.length,
    ];
    const name = at(container, "name") ?? null;
    const isRepeated = all.findIndex((other) => at(other, "name") === name) < i;
    return [
      ...containerCauses(container, place),
      ...(isRepeated ? [duplicate([...place, "name"], name)] : []),
    ];
  });
  return causes;
}

export function checkPod(pod: JsonObject): readonly Cause[] {
  return podSpecCauses(pod["spec"], ["spec"]);
}
