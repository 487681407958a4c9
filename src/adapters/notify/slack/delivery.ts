/** What Slack's answer means: told, try again later, or a human must change the provider. */
import { z } from "zod";
import type { Delivery } from "../../../ports/notifier.ts";
import { deliveryOfAnswer, failed } from "../http-delivery.ts";
import type { Answer } from "../http-post.ts";

/** Errors of the Web API that pass by themselves; every other one asks for a change of token, channel or app. */
const passing: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "message_limit_exceeded",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
]);

/** Slack's errors are one word; anything else in an answer is not repeated. */
const ErrorWord = z.string().regex(/^[a-z][a-z0-9_]{1,63}$/);
const WebApiAnswer = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: ErrorWord.catch("unknown_error") }),
]);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function webApiDelivery(answer: Extract<Answer, { kind: "Answer" }>): Delivery {
  const parsed = WebApiAnswer.safeParse(parseJson(answer.body));
  if (!parsed.success) return failed("the answer is not one of Slack's Web API");
  if (parsed.data.ok) return { kind: "Delivered" };
  const because = `Slack answers ${parsed.data.error}`;
  return passing.has(parsed.data.error)
    ? failed(because, answer.retryAfterMs)
    : { kind: "Refused", because };
}

/** Slack says why in one word; anything else is not repeated. */
function wordOf(body: string): string {
  const word = ErrorWord.safeParse(body.trim()).data;
  return word === undefined ? "" : ` (${word})`;
}

/** The outcome of one attempt; `via` tells whose manners the answer has. */
export function deliveryOf(answer: Answer, via: "Webhook" | "WebApi"): Delivery {
  const delivery = deliveryOfAnswer(answer, "Slack", wordOf);
  const isWebApiAnswer = via === "WebApi" && delivery.kind === "Delivered";
  return isWebApiAnswer && answer.kind === "Answer" ? webApiDelivery(answer) : delivery;
}
