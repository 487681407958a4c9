/** For clients of servers without a certificate authority of their own: asked for one, it says so. */
import type { OwnFetch } from "../../src/adapters/outbound/http-fetch.ts";

export function nobodyIsTrusted(): OwnFetch {
  throw new Error("no authority was to be trusted");
}
