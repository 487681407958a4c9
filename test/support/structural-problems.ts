/**
 * What a real API server would refuse in a CRD's schema, or hold against its budget for CEL: the rules of structural
 * schemas, written apart from the generator that they check.
 */

type Node = Readonly<Record<string, unknown>>;

const allowed: ReadonlySet<string> = new Set([
  "description",
  "type",
  "format",
  "default",
  "nullable",
  "enum",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "exclusiveMinimum",
  "maximum",
  "exclusiveMaximum",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "required",
  "properties",
  "additionalProperties",
  "items",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-validations",
]);
const types = new Set(["object", "array", "string", "integer", "number", "boolean"]);
const formats = new Set(["int32", "int64", "float", "double", "date-time"]);
/** Look-around, back references and possessive quantifiers: RE2 knows none of them. */
const beyondRe2 = /\(\?(=|!|<=|<!)|\\[1-9]|\\k<|[*+?}]\+/;

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const asNode = (value: unknown): Node => (isNode(value) ? value : {});
const asText = (value: unknown): string => (typeof value === "string" ? value : "");
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function sizeProblems(node: Node): string[] {
  switch (node["type"]) {
    case "string":
      return node["maxLength"] === undefined && node["enum"] === undefined ? ["no maxLength"] : [];
    case "array":
      return node["maxItems"] === undefined ? ["no maxItems"] : [];
    case "object":
      if (node["properties"] !== undefined) return [];
      return node["maxProperties"] === undefined ? ["a map without maxProperties"] : [];
    default:
      return [];
  }
}

function keywordProblems(node: Node): string[] {
  const problems = Object.keys(node)
    .filter((key) => !allowed.has(key))
    .map((key) => `${key} is not structural, or not allowed`);
  if (!types.has(asText(node["type"]))) problems.push("no type");
  if (node["format"] !== undefined && !formats.has(asText(node["format"]))) {
    problems.push(`format ${asText(node["format"])} is unknown`);
  }
  if (node["properties"] !== undefined && node["additionalProperties"] !== undefined) {
    problems.push("properties beside additionalProperties");
  }
  if (beyondRe2.test(asText(node["pattern"]))) problems.push("a pattern beyond RE2");
  const known = Object.keys(asNode(node["properties"]));
  for (const key of asList(node["required"])) {
    if (!known.includes(String(key))) problems.push(`required ${String(key)} is not a property`);
  }
  return problems;
}

function mapListProblems(node: Node): string[] {
  if (node["x-kubernetes-list-type"] !== "map") return [];
  const item = asNode(node["items"]);
  return asList(node["x-kubernetes-list-map-keys"])
    .map(String)
    .filter((key) => {
      const property = asNode(asNode(item["properties"])[key]);
      return !asList(item["required"]).includes(key) && property["default"] === undefined;
    })
    .map((key) => `list key ${key} is neither required nor defaulted`);
}

/** Why a value does not satisfy a schema, or has a field that would be pruned; CEL is not evaluated. */
function mismatch(value: unknown, node: Node): boolean {
  switch (node["type"]) {
    case "object": {
      const properties = asNode(node["properties"]);
      const fits = ([key, child]: [string, unknown]): boolean =>
        !mismatch(child, asNode(properties[key] ?? node["additionalProperties"]));
      const isWhole = asList(node["required"]).every((key) => String(key) in asNode(value));
      return !isNode(value) || !isWhole || !Object.entries(value).every(fits);
    }
    case "array":
      return !Array.isArray(value) || value.some((item) => mismatch(item, asNode(node["items"])));
    case "integer":
      return !Number.isInteger(value);
    default:
      return typeof value !== node["type"];
  }
}

function walk(path: string, node: Node): string[] {
  const own = [...keywordProblems(node), ...sizeProblems(node), ...mapListProblems(node)];
  if (node["default"] !== undefined && mismatch(node["default"], node)) {
    own.push("the default does not satisfy the schema");
  }
  const children: [string, unknown][] = Object.entries(asNode(node["properties"])).map(
    ([key, child]) => [`${path}.${key}`, child],
  );
  if (node["items"] !== undefined) children.push([`${path}[]`, node["items"]]);
  if (node["additionalProperties"] !== undefined) {
    children.push([`${path}[key]`, node["additionalProperties"]]);
  }
  return [
    ...own.map((problem) => `${path}: ${problem}`),
    ...children.flatMap(([at, child]) => walk(at, asNode(child))),
  ];
}

/** Every problem of a whole object's schema, with its path; the type's own fields are the API server's. */
export function structuralProblems(schema: unknown): string[] {
  const root = asNode(schema);
  const properties = { ...asNode(root["properties"]) };
  for (const key of ["apiVersion", "kind", "metadata"]) delete properties[key];
  return walk("", { ...root, properties });
}
