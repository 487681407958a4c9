/** Headers that a user may add to a webhook's requests: none that Serin sets itself, none that fetch would refuse. */

/** Set by Serin or by the connection. */
const reserved: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "idempotency-key",
  "transfer-encoding",
]);
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Control characters, and characters beyond one byte. */
const unfitValue = /[^\t\x20-\x7e\x80-\xff]/;

/** What is wrong with the headers; undefined when nothing is. Shows no value. */
export function headersProblem(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name)) return "spec.webhook.headers has a name that is no header's";
    if (name.toLowerCase() === "authorization")
      return "spec.webhook.headers must not hold Authorization: put the token into a Secret and name it in bearerToken";
    if (reserved.has(name.toLowerCase()))
      return `spec.webhook.headers must not hold ${name}: it is set with every request`;
    if (unfitValue.test(value))
      return `the value of ${name} in spec.webhook.headers has characters that no header may have`;
  }
  return undefined;
}
