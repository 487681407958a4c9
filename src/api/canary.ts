/** The Canary: one workload whose new versions are released in stages. */
import { z } from "zod";
import { CanarySpec } from "./canary-spec.ts";
import { CanaryStatus } from "./canary-status.ts";

export const Canary = z.object({
  spec: CanarySpec.describe("What is asked for."),
  status: CanaryStatus.optional().describe(
    "What was observed and decided. Written by Serin alone.",
  ),
});
export type Canary = z.infer<typeof Canary>;
