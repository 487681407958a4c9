/** A metric by a query of somebody's own, in the shop: percent of answers that are errors. */
import { createNamespace } from "./shop.ts";
import type { World } from "./world.ts";

const own = `destination_workload="{{ workload }}",destination_workload_namespace="{{ namespace }}"`;
const rate = (more: string) => `sum(rate(istio_requests_total{${own}${more}}[6s]))`;

export async function createValueTemplate(world: World): Promise<void> {
  await createNamespace(world);
  await world.sandbox.admin.request({
    method: "POST",
    path: "/apis/serin.dev/v1alpha1/namespaces/shop/analysistemplates",
    body: {
      apiVersion: "serin.dev/v1alpha1",
      kind: "AnalysisTemplate",
      metadata: { name: "own" },
      spec: {
        provider: { prometheus: { scrapeSeconds: 1, timeoutSeconds: 2 } },
        value: { query: `100 * ${rate(',response_code=~"5.."')} / ${rate("")}`, unit: "%" },
      },
    },
  });
}

/** The value decides; what counts the requests is only shown. */
export const valueMetric = [
  { name: "own", template: "own" },
  { name: "error-rate", template: "errors", policy: { dryRun: true } },
].map(({ name, template, policy }) => ({
  name,
  templateRef: { kind: "AnalysisTemplate", name: template },
  limit: { max: 5, consecutive: 2, minSamples: 20 },
  ...policy,
}));
