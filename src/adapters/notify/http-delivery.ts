/** What the answer to a POST means for whoever is told, by HTTP alone: told, try again later, or a human must act. */
import type { Delivery } from "../../ports/notifier.ts";
import type { Answer } from "./http-post.ts";

/** Statuses below 500 that pass by themselves: Request Timeout, Too Early, Too Many Requests. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** An attempt that may be made again, not before `afterMs` if the other side named a time. */
export function failed(because: string, afterMs?: number): Delivery {
  return { kind: "Failed", because, ...(afterMs !== undefined && { afterMs }) };
}

/** The outcome of one attempt. `who` answered; `detail` is what may be shown of a refusal's body. */
export function deliveryOfAnswer(
  answer: Answer,
  who: string,
  detail: (body: string) => string = () => "",
): Delivery {
  if (answer.kind === "NoAnswer") return failed(answer.because);
  if (answer.kind === "NotSent") return { kind: "Refused", because: answer.because };
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: "Delivered" };
  if (status >= 500 || passing.has(status)) {
    return failed(`${who} answers HTTP ${status}`, retryAfterMs);
  }
  if (status < 400) {
    return { kind: "Refused", because: `HTTP ${status}: redirects are not followed` };
  }
  return { kind: "Refused", because: `${who} answers HTTP ${status}${detail(answer.body)}` };
}
