/** Puts aside what no two servers can agree on: identities, times, versions, who owns which field, generated names. */

const dropped: ReadonlySet<string> = new Set(["managedFields", "selfLink"]);

/** What stands for a member's value whatever it is, as long as there is one. */
const opaque: Readonly<Record<string, string>> = {
  uid: "<uid>",
  resourceVersion: "<version>",
  continue: "<token>",
  clusterIP: "<address>",
  generateName: "<prefix>",
};

const words: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>"],
  [/too old resource version: \d+ \(\d+\)/g, "too old resource version"],
  [/in record \(\d+\)/g, "in record (<version>)"],
  [/^10\.96\.\d+\.\d+$/g, "<address>"],
  // Ages in tables.
  [/^\d+[smh]$/g, "<age>"],
];

export function normalise(value: unknown, namespace: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => normalise(item, namespace));
  if (typeof value === "string") return plainText(value, namespace);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([key, member]) => isKept(key, member));
  return Object.fromEntries(
    members
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, memberOf(value, { key, member, namespace })]),
  );
}

/** The wording that tables describe their columns with is each server's own. */
function isKept(key: string, member: unknown): boolean {
  return !dropped.has(key) && !(key === "description" && typeof member === "string");
}

interface Member {
  readonly key: string;
  readonly member: unknown;
  readonly namespace: string;
}

function memberOf(parent: object, { key, member, namespace }: Member): unknown {
  const word = typeof member === "string" && member !== "" ? opaque[key] : undefined;
  if (word !== undefined && member !== "None") return word;
  if (key === "name" && "generateName" in parent && typeof parent.generateName === "string")
    return "<prefix><suffix>";
  return normalise(member, namespace);
}

function plainText(text: string, namespace: string): string {
  const own = text.replaceAll(namespace, "<namespace>");
  return words.reduce((left, [pattern, word]) => left.replaceAll(pattern, word), own);
}
