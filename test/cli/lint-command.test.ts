/** `serin lint`: one row for each kind of mistake that people make, and what it says of manifests that are right. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runSerin } from "../support/cli-run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const example = "deploy/examples/order-service";

const read = (name: string) => readFile(`${root}/${example}/${name}.yaml`, "utf8");

/** Everything that the example's Canary names, with some texts replaced. */
async function exampleWith(...edits: readonly (readonly [from: string, to: string])[]) {
  const names = ["canary", "deployment", "service", "virtual-service", "destination-rule"];
  const texts = await Promise.all([...names, "analysis-templates"].map(read));
  return edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the example has no ${from}`);
    return text.replaceAll(from, to);
  }, texts.join("\n---\n"));
}

const lint = (stdin: string, ...flags: readonly string[]) =>
  runSerin(["lint", "-", ...flags], { stdin });

const canary = (spec: string) => `apiVersion: serin.dev/v1alpha1
kind: Canary
metadata: { name: orders, namespace: shop }
spec:
  targetRef: { name: orders }
${spec}`;

const routed = "  routing: { istio: { virtualServices: [ { name: orders } ] } }\n";

const template = (measure: string) => `apiVersion: serin.dev/v1alpha1
kind: ClusterAnalysisTemplate
metadata: { name: errors }
spec:
  provider: { prometheus: {} }
${measure}`;

const provider = (slack: string) => `apiVersion: serin.dev/v1alpha1
kind: AlertProvider
metadata: { name: slack }
spec: { slack: ${slack} }
`;

const workload = 'destination_workload="{{ workload }}"';

describe("a mistake within one object", () => {
  it.each<[mistake: string, text: string, place: string, says: string]>([
    [
      "weights 25, 10",
      canary(`${routed}  stages: [ { weight: 25 }, { weight: 10 }, { weight: 100 } ]`),
      "7:3",
      "spec.stages: weights must rise from stage to stage, for example 10, 25, 50, 100",
    ],
    [
      "a last stage other than 100",
      canary(`${routed}  stages:\n    - weight: 10\n    - weight: 50\n`),
      "7:3",
      "spec.stages: the last stage must have weight 100; add { weight: 100 }",
    ],
    [
      "a weight above 100",
      canary(`${routed}  stages:\n    - weight: 10\n    - weight: 120\n`),
      "9:7",
      "spec.stages[1].weight: Invalid value: 120: should be less than or equal to 100",
    ],
    [
      "a misspelt field",
      canary(`${routed}  stages:\n    - weigth: 10\n    - weight: 100\n`),
      "8:7",
      "spec.stages[0].weigth: unknown field; did you mean weight?",
    ],
    [
      "a field in the wrong place",
      canary(`${routed}  withinSeconds: 60\n`),
      "7:3",
      "spec.withinSeconds: unknown field; there is spec.rollback.withinSeconds; did you mean that?",
    ],
    [
      "a field that is like none",
      canary(`  routing: { istio: { virtualServices: [ { name: orders } ] }, linkerd: {} }\n`),
      "6:64",
      "spec.routing.linkerd: unknown field; known are istio",
    ],
    [
      "a text instead of a number",
      canary(`${routed}  progressDeadlineSeconds: 10m\n`),
      "7:3",
      'spec.progressDeadlineSeconds: Invalid value: "string": must be of type integer',
    ],
    [
      "a word that is none of the choice",
      canary(`${routed}  alerts: [ { providerRef: { name: slack }, severity: Fatal } ]\n`),
      "7:45",
      'spec.alerts[0].severity: Unsupported value: "Fatal": supported values: "Info", "Warning", "Error"',
    ],
    ["a missing field", canary(""), "4:1", "spec.routing: Required value"],
    [
      "none of a union",
      canary("  routing: {}\n"),
      "6:3",
      "spec.routing: name exactly one routing provider: istio",
    ],
    [
      "a name that Kubernetes does not allow",
      canary(routed).replace("name: orders,", "name: Orders,"),
      "3:13",
      'metadata.name: Invalid value: "Orders": a lowercase RFC 1123 subdomain',
    ],
    [
      "a rollback that could take too long",
      canary(`${routed}  analysis: { intervalSeconds: 60 }\n`),
      "4:1",
      "spec.rollback: a fault could take 235 s to roll back, more than rollback.withinSeconds 120; lower analysis.intervalSeconds",
    ],
    [
      "PromQL that ends too early",
      template(
        `  ratio:\n    total: requests_total{${workload}\n    bad: errors_total{${workload}}\n`,
      ),
      "7:5",
      "spec.ratio.total: line 1, column 53: the query ends too early",
    ],
    [
      "PromQL that does not tell the versions apart",
      template(`  ratio:\n    total: requests_total\n    bad: errors_total{${workload}}\n`),
      "7:5",
      "spec.ratio.total: use {{ workload }}",
    ],
    [
      "both of a union",
      template(
        `  ratio: { total: 'a{${workload}}', bad: 'a{${workload}}' }\n  latency: { histogram: 'b_bucket{${workload}}' }\n`,
      ),
      "4:1",
      "exactly one of",
    ],
    ["no way to Slack", provider("{}"), "4:9", "spec.slack: give exactly one of address"],
    [
      "a channel for a webhook",
      provider("{ address: 'https://hooks.slack.com/x', channel: '#a' }"),
      "4:9",
      "spec.slack: channel needs botToken",
    ],
    [
      "a misspelt kind",
      canary(routed).replace("kind: Canary", "kind: Canery"),
      "2:1",
      "kind: unknown kind Canery; did you mean Canary?",
    ],
    [
      "another version",
      canary(routed).replace("v1alpha1", "v1"),
      "1:1",
      "apiVersion: unknown version serin.dev/v1; write serin.dev/v1alpha1",
    ],
    [
      "no version",
      canary(routed).replace("apiVersion: serin.dev/v1alpha1\n", ""),
      "1:1",
      "apiVersion: missing; write serin.dev/v1alpha1",
    ],
    ["a text that is no YAML", "kind: [\n", "2:1", "Flow sequence in block collection"],
    ["a text that is no object", "just words\n", "1:1", "this is no Kubernetes object"],
  ])("is found with its place: %s", async (_, text, place, says) => {
    const { code, stdout } = await lint(text);
    expect(code).toBe(1);
    const line = stdout.split("\n").find((one) => one.includes(says));
    expect(line ?? stdout).toContain(says);
    expect(line).toMatch(new RegExp(`^stdin:${place}: error: `));
  });
});

describe("a mistake between objects", () => {
  it.each<[mistake: string, edit: readonly [string, string], says: string]>([
    [
      "a route without the canary's destination",
      ["subset: canary", "subset: canarx"],
      'HTTP rule "primary" must have the destinations of both versions',
    ],
    ["a route name that is not there", ["- name: primary", "- name: main"], "has no HTTP rule"],
    [
      "a subset with another label",
      ["app: order-service-primary", "app: order-service-stable"],
      "order-service-primary",
    ],
    [
      "a Service that would lose its endpoints",
      ["    service: order-service\n  ports", "    app: order-service\n  ports"],
      "so it cannot select both versions",
    ],
    [
      "a selector label that is not there",
      ["spec:\n  targetRef", "spec:\n  selectorLabel: tier\n  targetRef"],
      "has none of tier in spec.selector.matchLabels",
    ],
    [
      "an argument that the template does not have",
      ["        templateRef:\n", "        args: { zone: eu }\n        templateRef:\n"],
      "unknown argument zone",
    ],
  ])("is found: %s", async (_, edit, says) => {
    const { code, stdout } = await lint(await exampleWith(edit));
    expect(stdout).toContain(says);
    expect(stdout).toMatch(/: error: Canary order-service: spec/);
    expect(code).toBe(1);
  });
});

describe("a mirror stage", () => {
  const mirrored = [
    "  stages:\n",
    "  stages:\n    - mirror: { percentage: 5, sideEffects: None }\n",
  ] as const;

  it("is refused with a template that asks callers, who know nothing of copies", async () => {
    const fixed = ['reporter=~"{{ reporter }}"', 'reporter="source"'] as const;
    const { code, stdout } = await lint(await exampleWith(mirrored, fixed));
    expect(stdout).toMatch(
      /error: Canary order-service: spec.*reporter="source" sees no copies.*write reporter=~"{{ reporter }}"/,
    );
    expect(code).toBe(1);
    expect((await lint(await exampleWith(fixed))).code).toBe(0);
  });

  it("is right with the shipped ones", async () => {
    expect((await lint(await exampleWith(mirrored))).code).toBe(0);
  });
});

describe("objects beside a workload", () => {
  const selecting = (apiVersion: string, kind: string, spec: object): string =>
    JSON.stringify({
      apiVersion,
      kind,
      metadata: { name: "beside", namespace: "order-prod" },
      spec,
    });
  const selector = { matchLabels: { app: "order-service" } };
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "order-service" };

  it.each<[kind: string, object: string, severity: string, says: string]>([
    [
      "an autoscaler",
      selecting("autoscaling/v2", "HorizontalPodAutoscaler", { maxReplicas: 3, scaleTargetRef }),
      "error",
      "HorizontalPodAutoscaler beside scales this workload",
    ],
    [
      "KEDA's, of which lint knows no definition",
      selecting("keda.sh/v1alpha1", "ScaledObject", { scaleTargetRef }),
      "error",
      "ScaledObject beside scales this workload",
    ],
    [
      "a policy that would not be the primary's",
      selecting("security.istio.io/v1", "PeerAuthentication", { selector }),
      "error",
      "PeerAuthentication",
    ],
    [
      "a network policy that would not be the primary's",
      selecting("networking.k8s.io/v1", "NetworkPolicy", { podSelector: selector }),
      "error",
      "NetworkPolicy",
    ],
    [
      "a budget that would not count the primary's pods",
      selecting("policy/v1", "PodDisruptionBudget", { maxUnavailable: 1, selector }),
      "warning",
      "PodDisruptionBudget",
    ],
    [
      "a monitor, of which lint knows no definition",
      selecting("monitoring.coreos.com/v1", "PodMonitor", { selector }),
      "warning",
      "PodMonitor",
    ],
  ])("are seen: %s", async (_, object, severity, says) => {
    const { code, stdout } = await lint(`${await exampleWith()}\n---\n${object}\n`);
    const line = stdout.split("\n").find((one) => one.includes(says));
    expect(line ?? stdout).toContain(`: ${severity}: Canary order-service: spec`);
    expect(code).toBe(severity === "error" ? 1 : 0);
  });
});

describe("two Canaries", () => {
  const two = (first: string, second: string): string =>
    [first, second]
      .map((spec, index) => {
        const text = canary(spec).replace("name: orders,", `name: canary-${index},`);
        return index === 0 ? text : text.replace("{ name: orders }", "{ name: payments }");
      })
      .join("\n---\n");
  const routing = (routes: string) =>
    `  routing: { istio: { virtualServices: [ { name: shop${routes} } ] } }\n`;

  it.each([
    ["", "", "VirtualService shop"],
    [", routes: [a]", "", "VirtualService shop"],
    [", routes: [a]", ", routes: [b, a]", 'VirtualService shop, HTTP rule "a"'],
  ])("may not share a route: %j and %j", async (first, second, route) => {
    const { code, stdout } = await lint(two(routing(first), routing(second)));
    expect(stdout).toContain(
      `error: Canary canary-1: spec.routing: Canary canary-0 sets the weights of ${route} already`,
    );
    expect(stdout).toContain("1 error");
    expect(code).toBe(1);
  });

  it("may share a VirtualService, each with a route of its own", async () => {
    const { code } = await lint(two(routing(", routes: [a]"), routing(", routes: [b]")));
    expect(code).toBe(0);
  });

  it("may not share a workload", async () => {
    const one = canary(routed);
    const { code, stdout } = await lint(
      `${one}\n---\n${one.replace("name: orders,", "name: other,")}`,
    );
    expect(stdout).toContain(
      "error: Canary other: spec.targetRef: Canary orders releases Deployment orders already",
    );
    expect(code).toBe(1);
  });
});

describe("several mistakes in one object", () => {
  it("are told at once, of values and of rules", async () => {
    const { stdout } = await lint(
      canary(`${routed}  stages: [ { weight: 25 }, { weight: 10 } ]\n  alerts: 5\n  staiges: []\n`),
    );
    for (const says of ["weights must rise", "the last stage", "spec.alerts", "spec.staiges"])
      expect(stdout).toContain(says);
  });
});

describe("manifests that are right", () => {
  it("have nothing to mend, and others beside them are counted", async () => {
    const { code, stdout } = await runSerin(["lint", "-R", "deploy/examples/order-service"], {
      cwd: root,
    });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        "nothing to mend (4 objects of Serin checked against 4 others, 1 of other kinds skipped)\n",
    });
  });

  it("are checked alone too, and what could not be checked is noted", async () => {
    const alerts = "  alerts: [ { providerRef: { name: slack } } ]\n";
    const { code, stdout } = await lint(canary(routed + alerts));
    expect(code).toBe(0);
    expect(stdout).toContain(
      "stdin:1:1: note: Canary orders: not among the files, so not checked: Deployment orders, VirtualService, AlertProvider slack\n",
    );
    expect(stdout).toContain("nothing to mend (1 object of Serin checked)");
  });

  it("may be JSON, a List, or in the namespace of the command line", async () => {
    const text = (await exampleWith()).replaceAll("  namespace: order-prod\n", "");
    const items: unknown[] = text.split("\n---\n").map((document) => parse(document));
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    const { code, stdout } = await lint(list, "-n", "order-prod");
    expect(stdout).toContain("nothing to mend");
    expect(code).toBe(0);
  });

  it("warn of functions that only the server may know, and succeed", async () => {
    const text = template(
      `  ratio:\n    total: sort_by_moon(requests_total{${workload}})\n    bad: errors_total{${workload}}\n`,
    );
    const { code, stdout } = await lint(text);
    expect(stdout).toMatch(
      /^stdin:7:5: warning: ClusterAnalysisTemplate errors: spec\.ratio\.total/,
    );
    expect(stdout).toContain("0 errors, 1 warning");
    expect(code).toBe(0);
  });
});

describe("-o json", () => {
  it("gives place, object, path, reason and message of each finding, and the counts", async () => {
    const { code, stdout } = await lint(canary(`${routed}  staiges: []\n`), "-o", "json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      checked: 1,
      read: 0,
      skipped: 0,
      findings: [
        { severity: "Note", reason: "NotGiven" },
        {
          severity: "Error",
          file: "-",
          line: 7,
          column: 3,
          object: "Canary orders",
          path: "spec.staiges",
          reason: "UnknownField",
          message: "unknown field; did you mean stages?",
        },
      ],
    });
  });
});

describe("files that are not there", () => {
  it.each([
    ["nowhere.yaml", "nowhere.yaml: there is no such file or folder"],
    ["deploy/examples", "deploy/examples: there is no .yaml, .yml or .json file in it; add -R"],
  ])("are wrong usage: %s", async (name, says) => {
    const { code, stderr } = await runSerin(["lint", name], { cwd: root });
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});
