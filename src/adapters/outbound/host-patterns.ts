/** Which hosts may be named, by a list that whoever runs Serin gives: `slack.com,*.monitoring.svc`; `*` is any. Looks nothing up. */

export type AllowsHost = (hostname: string) => boolean;

export function allowsHosts(list: string): AllowsHost {
  const patterns = list.split(",").map((pattern) => pattern.trim().toLowerCase());
  return (hostname) => {
    const host = hostname.toLowerCase().replace(/\.$/, "");
    return patterns.some((pattern) => isMatch(pattern, host));
  };
}

/** `*.a.b` is every name below a.b, however deep, and not a.b itself. */
function isMatch(pattern: string, host: string): boolean {
  if (pattern === "*" || pattern === host) return true;
  return (
    pattern.startsWith("*.") && host.length >= pattern.length && host.endsWith(pattern.slice(1))
  );
}
