/** What a newcomer copies from the reference of each kind, and what has to be known beside its fields. */

/** A manifest that works as it is written, and sentences that belong beside it. */
export interface Example {
  readonly notes: string;
  readonly manifest: string;
}

const canary: Example = {
  notes: `\`targetRef\` and \`routing\` must be said, everything else has a default. A Canary that says more:`,
  manifest: `apiVersion: serin.dev/v1alpha1
kind: Canary
metadata: { name: order-service, namespace: order-prod }
spec:
  targetRef: { name: order-service }
  routing:
    istio:
      virtualServices: [{ name: order-service, routes: [primary] }]
  stages:
    - mirror: { percentage: 10, sideEffects: None }   # only where a request may be answered twice
    - weight: 10
    - weight: 50
      approval: Manual
    - weight: 100
      minSeconds: 300
  analysis:
    metrics:
      - name: error-rate
        templateRef: { name: istio-error-rate }
        limit: { max: 1 }            # percent
      - name: latency-p99
        templateRef: { name: istio-latency-p99 }
        limit: { max: 250 }          # milliseconds
  alerts:
    - providerRef: { name: slack-releases }
      severity: Warning
`,
};

const variables = `Serin puts values for these variables into selectors and queries, escaped as values of labels:

| Variable | Stands for |
|---|---|
| \`{{ workload }}\` | name of the Deployment that is asked about: the target, or its primary |
| \`{{ namespace }}\` | the Canary's namespace |
| \`{{ service }}\` | name of the Service that clients call |
| \`{{ reporter }}\` | who reports, for \`reporter=~\`: the callers (\`source\\|waypoint\`), or in a mirror stage the pods (\`destination\`) |
| \`{{ interval }}\` | the Canary's \`analysis.intervalSeconds\`, as a duration |
| \`{{ args.NAME }}\` | what the Canary gives for that argument, or its default |

Counters are given as selectors, without \`rate()\`, \`sum()\` or a range: Serin reads both versions at one instant and takes differences itself.`;

const template: Example = {
  notes: variables,
  manifest: `apiVersion: serin.dev/v1alpha1
kind: ClusterAnalysisTemplate      # or AnalysisTemplate, with a namespace
metadata: { name: checkout-errors }
spec:
  args: [{ name: path, default: /checkout }]
  provider: { prometheus: {} }     # the controller's --metrics-server
  workloadLabel: app
  podLabel: pod
  ratio:
    total: http_requests_total{app="{{ workload }}", namespace="{{ namespace }}", path="{{ args.path }}"}
    bad: http_requests_total{app="{{ workload }}", namespace="{{ namespace }}", path="{{ args.path }}", code=~"5.."}
`,
};

const provider: Example = {
  notes: `The address is a secret: keep it in one, in the same namespace, and let Serin's ServiceAccount read that one Secret
(\`deploy/examples/secret-access\`). What cannot be delivered is told by an Event on the AlertProvider; no release waits for it.

\`\`\`sh
kubectl -n order-prod create secret generic slack-releases --from-literal=address=https://hooks.slack.com/services/…
\`\`\``,
  manifest: `apiVersion: serin.dev/v1alpha1
kind: AlertProvider
metadata: { name: slack-releases, namespace: order-prod }
spec:
  slack:
    secretRef: { name: slack-releases, key: address }
`,
};

/** By kind. */
export const examples: Readonly<Record<string, Example>> = {
  Canary: canary,
  AnalysisTemplate: template,
  ClusterAnalysisTemplate: template,
  AlertProvider: provider,
};

/** The example of a kind, as a section; empty where there is none. */
export function printExample(kind: string): string {
  const example = examples[kind];
  if (example === undefined) return "";
  return `${example.notes}\n\n\`\`\`yaml\n${example.manifest}\`\`\``;
}
