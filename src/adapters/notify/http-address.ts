/** The address that a message is posted to. It may be a secret: errors say where it came from, never what it is. */
import type { Delivery } from "../../ports/notifier.ts";

/** Why nothing is sent. */
export type NotDelivered = Exclude<Delivery, { kind: "Delivered" }>;

/** Trying again cannot help. */
export const refused = (because: string): NotDelivered => ({ kind: "Refused", because });

const loopbackHosts: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Over which protocols a provider may be told. LoopbackHttp: https, and plain http only within one's own machine. */
export type Protocols = "LoopbackHttp" | "Http";

function isAllowed({ protocol, hostname }: URL, protocols: Protocols): boolean {
  if (protocol === "https:") return true;
  return protocol === "http:" && (protocols === "Http" || loopbackHosts.has(hostname));
}

/** The URL, or why it cannot be used; `source` names the field or the key of a Secret that held it. */
export function parseAddress(
  address: string,
  source: string,
  protocols: Protocols,
): URL | NotDelivered {
  const url = URL.parse(address);
  if (url === null) return refused(`${source} is no URL`);
  if (!isAllowed(url, protocols)) {
    const begin = protocols === "Http" ? "http:// or https://" : "https://";
    return refused(`${source} must begin with ${begin}`);
  }
  if (url.username !== "" || url.password !== "") {
    return refused(`${source} must not have a user or a password in it`);
  }
  return url;
}
