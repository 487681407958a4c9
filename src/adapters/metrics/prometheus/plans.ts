/** Prepares templates once, and says which requests can share a query. Asks nobody. */
import { createHash } from "node:crypto";
import type { MetricRequest } from "../../../ports/metric-source.ts";
import { oncePer } from "../../once-per.ts";
import { createLru } from "./lru.ts";
import { MAX_PREPARED_TEMPLATES } from "./query-limits.ts";
import { workloadKey } from "./tally.ts";
import { type Preparation, prepareTemplate } from "./template.ts";

export interface Plans {
  prepare(request: Pick<MetricRequest, "template" | "args">): Preparation;
  /** Requests with the same key differ only in what one query can name several of: workloads and namespaces. */
  groupKey(request: MetricRequest): string;
}

export function createPlans(): Plans {
  const prepared = createLru<Preparation>(MAX_PREPARED_TEMPLATES);

  function prepare({ template, args }: Pick<MetricRequest, "template" | "args">): Preparation {
    const key = keyOf([digestOf(template), args]);
    const preparation = prepared.get(key) ?? prepareTemplate(template, args);
    prepared.set(key, preparation);
    return preparation;
  }

  function groupKey(request: MetricRequest): string {
    const { template, args, secretNamespace, intervalSeconds, reporter, namespace } = request;
    const plan = prepare(request).template;
    const service = plan?.usesService === true ? request.service : "";
    const isShared = plan?.isWidenable === true;
    const alone = isShared ? "" : workloadKey(namespace, request.canaryWorkload);
    const digest = digestOf(template);
    return keyOf([digest, args, secretNamespace, intervalSeconds, reporter, service, alone]);
  }

  return { prepare, groupKey };
}

/** Templates are long and the same for many releases; asked for each of these at every check. */
const digestOf = oncePer((template: MetricRequest["template"]): string =>
  createHash("sha256").update(JSON.stringify(template)).digest("base64url"),
);

const keyOf = (parts: readonly unknown[]): string => JSON.stringify(parts);
