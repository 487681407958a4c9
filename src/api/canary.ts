/** The Canary: one workload whose new versions are released in stages. */
import { z } from "zod";
import { CanarySpec } from "./canary-spec.ts";
import { CanaryStatus } from "./canary-status.ts";

export const Canary = z
  .object({
    spec: CanarySpec.describe("What is asked for."),
    status: CanaryStatus.optional().describe(
      "What was observed and decided. Written by Serin alone.",
    ),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "size(self.metadata.name) <= 63",
        message: "metadata.name may have at most 63 characters: it becomes the value of a label",
      },
    ],
  });
export type Canary = z.infer<typeof Canary>;
