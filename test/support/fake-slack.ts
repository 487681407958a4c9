/** Slack as a controller's fetch sees it: what was posted and kept, and how Slack behaves at the moment. */
import type { Payload } from "../../src/adapters/notify/slack/payload.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { decodePayload } from "./decode.ts";

export type SlackBehaviour =
  | { readonly kind: "Up" }
  /** Nothing listens. */
  | { readonly kind: "Down" }
  /** Connections are taken and never answered. */
  | { readonly kind: "Silent" }
  | { readonly kind: "Limited"; readonly retryAfterSeconds: number }
  /** As the Web API refuses: status 200. */
  | { readonly kind: "Refuses"; readonly error: string };

export interface Posted {
  readonly at: number;
  readonly url: string;
  readonly authorization: string | null;
  readonly payload: Payload;
}

export class FakeSlack {
  /** Everything that Slack said yes to, in order. */
  readonly posted: Posted[] = [];
  /** Instants (monotonic, ms) of every attempt. */
  readonly attempts: number[] = [];
  behaviour: SlackBehaviour = { kind: "Up" };
  clock: Clock | undefined;

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    this.attempts.push(this.clock?.monotonic() ?? 0);
    switch (this.behaviour.kind) {
      case "Down":
        throw new TypeError("fetch failed", {
          cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
        });
      case "Silent":
        return untilAborted(request.signal);
      case "Limited":
        return new Response("rate_limited", {
          status: 429,
          headers: { "retry-after": String(this.behaviour.retryAfterSeconds) },
        });
      case "Refuses":
        return Response.json({ ok: false, error: this.behaviour.error });
      case "Up":
        this.posted.push({
          at: this.clock?.monotonic() ?? 0,
          url: request.url,
          authorization: request.headers.get("authorization"),
          payload: decodePayload(await request.json()),
        });
        return request.url.endsWith("chat.postMessage")
          ? Response.json({ ok: true })
          : new Response("ok");
    }
  };

  /** Reasons of what was posted, in order. */
  get reasons(): readonly string[] {
    return this.posted.map(({ payload }) => payload.metadata.event_payload["reason"] ?? "");
  }

  /** Ids of the transitions that were posted, in order. */
  get ids(): readonly string[] {
    return this.posted.map(({ payload }) => payload.metadata.event_payload["id"] ?? "");
  }

  /** What a reader sees of the first message with this reason. */
  shown(reason: string): string {
    const found = this.posted.find(
      ({ payload }) => payload.metadata.event_payload["reason"] === reason,
    );
    return found === undefined ? "" : showPayload(found.payload);
  }
}

function showPayload({ blocks }: Payload): string {
  return blocks
    .map((block) => {
      if (block.type === "header") return `# ${block.text.text}`;
      if (block.type === "context") return block.elements.map(({ text }) => text).join(" | ");
      return "text" in block
        ? block.text.text
        : block.fields.map(({ text }) => text.replace("\n", " ")).join("\n");
    })
    .join("\n");
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  });
}
