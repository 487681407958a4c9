import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { istioCrds } from "../../../src/sandbox/crds/istio.ts";
import { widgetDefinition } from "../../support/api-server-fixtures.ts";
import { hasKubectl, type Kubectl, startKubectl } from "../../support/api-server-kubectl.ts";

const APP = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          ports: [{containerPort: 80}]
          env: [{name: A, value: "1"}]
          readinessProbe: {httpGet: {port: 80}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
    - name: primary
      route:
        - {destination: {host: web, subset: stable}, weight: 100}
        - {destination: {host: web, subset: canary}, weight: 0}
`;

const READY = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const TIMEOUT_MS = 60_000;

describe.skipIf(!hasKubectl())("kubectl", { timeout: TIMEOUT_MS }, () => {
  let kubectl: Kubectl;
  let app: string;

  async function succeed(args: string, env?: Record<string, string>): Promise<string> {
    const { code, out, err } = await kubectl.run(args, env);
    expect(err).toBe("");
    expect(code).toBe(0);
    return out;
  }

  /** Writes the status that the controllers of a real cluster would write. */
  async function reportReady(observedGeneration: number): Promise<void> {
    const conditions = [
      { type: "Available", status: "True", reason: "MinimumReplicasAvailable" },
      { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" },
    ];
    await kubectl.server.fetch(
      new Request(`${kubectl.url}/apis/apps/v1/namespaces/shop/deployments/web/status`, {
        method: "PATCH",
        headers: { "content-type": "application/merge-patch+json" },
        body: JSON.stringify({ status: { ...READY, observedGeneration, conditions } }),
      }),
    );
  }

  beforeAll(async () => {
    kubectl = await startKubectl();
    const definitions = kubectl.file(
      "definitions.json",
      JSON.stringify({ apiVersion: "v1", kind: "List", items: [...istioCrds, widgetDefinition] }),
    );
    app = kubectl.file("app.yaml", APP);
    await kubectl.run(`apply --server-side -f ${definitions}`);
  }, TIMEOUT_MS);
  afterAll(() => kubectl.close());

  test("sees a server of version 1.33", async () => {
    // One that is three versions newer says so on stderr.
    const { code, out } = await kubectl.run("version");
    expect(code).toBe(0);
    expect(out).toContain("Server Version: v1.33");
  });

  test("waits for definitions", async () => {
    expect(
      await succeed(
        "wait --for=condition=Established crd/virtualservices.networking.istio.io --timeout=5s",
      ),
    ).toContain("condition met");
  });

  test("applies, and applying again changes nothing", async () => {
    const first = await succeed(`apply -f ${app}`);
    expect(first.match(/ created/g)).toHaveLength(4);
    const second = await succeed(`apply -f ${app}`);
    expect(second.match(/ unchanged/g)).toHaveLength(4);
    const third = await succeed(`apply --server-side --force-conflicts -f ${app}`);
    expect(third.match(/ serverside-applied/g)).toHaveLength(4);
    expect((await kubectl.run(`diff -f ${app}`)).code).toBe(0);
  });

  test("names a field it does not know", async () => {
    const bad = kubectl.file("bad.yaml", APP.replace("hosts: [web]", "hosts: [web]\n  htpp: []"));
    const { code, err } = await kubectl.run(`apply -f ${bad}`);
    expect(code).not.toBe(0);
    expect(err).toContain('unknown field "spec.htpp"');
  });

  test("shows objects in every way", async () => {
    expect(await succeed("get deployments -n shop")).toMatch(
      /NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/2/,
    );
    expect(await succeed("get deployments -n shop -o wide")).toMatch(
      /CONTAINERS +IMAGES +SELECTOR\n.*web +web:1 +app=web/,
    );
    expect(await succeed("get vs -A")).toMatch(/shop +web +\["web"\]/);
    expect(await succeed("get deploy web -n shop -o yaml")).toContain(
      "progressDeadlineSeconds: 600",
    );
    expect(await succeed("get vs web -n shop -o jsonpath={.spec.http[0].route[*].weight}")).toBe(
      "100 0",
    );
    expect(await succeed("get all -n shop")).toContain("service/web");
    expect(
      await succeed("get deploy -n shop -l app=web --field-selector metadata.name=web -o name"),
    ).toBe("deployment.apps/web\n");
  });

  test("describes with defaults and events", async () => {
    const text = await succeed("describe deployment web -n shop");
    expect(text).toContain("2 desired");
    expect(text).toContain("25% max unavailable, 25% max surge");
    expect(await succeed("describe vs web -n shop")).toContain("Subset:  canary");
  });

  test("sets variables and images, scales, labels and annotates", async () => {
    await succeed("set env deployment/web -n shop B=2");
    await succeed("set image deployment/web -n shop web=web:2");
    await succeed("scale deployment/web -n shop --replicas=3");
    await succeed("annotate deployment web -n shop note=hello");
    await succeed("label deployment web -n shop team=red");
    const path =
      "{.spec.replicas} {.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].env[*].name} {.metadata.annotations.note} {.metadata.labels.team}";
    const { out } = await kubectl.exec([
      "get",
      "deploy",
      "web",
      "-n",
      "shop",
      "-o",
      `jsonpath=${path}`,
    ]);
    expect(out).toBe("3 web:2 A B hello red");
    await succeed("set env deployment/web -n shop B-");
    expect(
      await succeed(
        "get deploy web -n shop -o jsonpath={.spec.template.spec.containers[0].env[*].name}",
      ),
    ).toBe("A");
  });

  test("patches in every way", async () => {
    const patch = (type: string, body: unknown, kind = "deployment") =>
      kubectl.exec([
        "patch",
        kind,
        "web",
        "-n",
        "shop",
        `--type=${type}`,
        "-p",
        JSON.stringify(body),
      ]);
    expect(
      (
        await patch("strategic", {
          spec: { template: { spec: { containers: [{ name: "web", image: "web:3" }] } } },
        })
      ).out,
    ).toContain("patched");
    expect((await patch("merge", { spec: { replicas: 4 } })).out).toContain("patched");
    expect(
      (await patch("json", [{ op: "replace", path: "/spec/replicas", value: 2 }])).out,
    ).toContain("patched");
    expect((await patch("json", [{ op: "test", path: "/spec/replicas", value: 9 }])).err).toContain(
      "The request is invalid",
    );
    expect((await patch("strategic", { spec: {} }, "vs")).code).not.toBe(0);
    expect(
      await succeed(
        "get deploy web -n shop -o jsonpath={.spec.replicas}{.spec.template.spec.containers[0].image}",
      ),
    ).toBe("2web:3");
  });

  test("edits", async () => {
    const text = await succeed("edit vs web -n shop", { EDITOR: "sed -i s/canary/next/" });
    expect(text).toContain("edited");
    expect(
      await succeed("get vs web -n shop -o jsonpath={.spec.http[0].route[1].destination.subset}"),
    ).toBe("next");
  });

  test("follows a roll-out and waits for conditions", async () => {
    const generation = Number(
      await succeed("get deploy web -n shop -o jsonpath={.metadata.generation}"),
    );
    const rollout = kubectl.start("rollout status deployment/web -n shop --timeout=20s");
    await rollout.seen("Waiting for deployment");
    await reportReady(generation);
    await rollout.seen("successfully rolled out");
    await rollout.stop();
    expect(
      await succeed("wait --for=condition=Available deployment/web -n shop --timeout=5s"),
    ).toContain("condition met");
    await succeed("rollout restart deployment/web -n shop");
  });

  test("watches", async () => {
    const watch = kubectl.start("get deployments -n shop -w");
    await watch.seen("web ");
    await kubectl.run("scale deployment/web -n shop --replicas=5");
    expect(await watch.seen("2/5")).toMatch(/^NAME +READY/);
    await watch.stop();
  });

  test("creates what it encodes in its own way", async () => {
    await succeed("create namespace extra");
    await succeed("create deployment api -n extra --image=api:1 --replicas=0 --port=8080");
    await succeed("create service clusterip api -n extra --tcp=80:8080");
    await succeed("create configmap settings -n extra --from-literal=k=v");
    await succeed("create secret generic token -n extra --from-literal=k=v");
    expect(
      await succeed(
        "get deploy api -n extra -o jsonpath={.spec.replicas}{.spec.template.spec.containers[0].ports[0].containerPort}",
      ),
    ).toBe("08080");
    expect(await succeed("get svc api -n extra -o jsonpath={.spec.ports[0].targetPort}")).toBe(
      "8080",
    );
    expect(await succeed("get secret token -n extra -o jsonpath={.data.k}")).toBe("dg==");
    expect(await succeed("auth can-i delete pods")).toBe("yes\n");
    expect(
      (await kubectl.run("create configmap settings -n nowhere --from-literal=k=v")).err,
    ).toContain('namespaces "nowhere" not found');
  });

  test("explains built-in and custom kinds", async () => {
    expect(await succeed("explain deployment.spec.strategy")).toContain("rollingUpdate");
    expect(await succeed("explain pod.spec.containers.env")).toContain("valueFrom");
    expect(await succeed("explain virtualservice.spec.http.route")).toContain("weight");
    expect(await succeed("explain widget.spec --api-version=test.dev/v1")).toContain("How big.");
  });

  test("knows short names and categories", async () => {
    const resources = await succeed("api-resources");
    expect(resources).toMatch(/widgets +wg +test.dev\/v1 +true +Widget/);
    expect(resources).toMatch(/virtualservices +vs /);
  });

  test("deletes, and a namespace with what is in it", async () => {
    expect(await succeed("delete vs web -n shop")).toContain("deleted");
    expect(await succeed("delete deployment web -n shop")).toContain("deleted");
    await succeed("delete namespace shop extra");
    expect((await kubectl.run("get svc web -n shop")).err).toContain("not found");
  });
});
