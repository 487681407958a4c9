import { beforeEach, describe, expect, test } from "vitest";
import { compileRule } from "../../../src/sandbox/api-server/schema/cel.ts";
import { celValue } from "../../../src/sandbox/api-server/schema/cel-values.ts";
import { type Client, createClient } from "../../support/api-server-client.ts";
import { widget, widgetDefinition } from "../../support/api-server-fixtures.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS = "/apis/test.dev/v1/namespaces/default/widgets";

describe("a rule in CEL", () => {
  const self = celValue(
    { list: [3, 1, 2], name: "abc-12", sizes: [1, 2, 2], empty: [] },
    undefined,
  );

  test.each([
    ["self.list.isSorted()", false],
    ["self.sizes.isSorted()", true],
    ["self.empty.isSorted()", true],
    ["self.list.sum() == 6", true],
    ["self.empty.sum() == 0", true],
    ["self.list.min() == 1 && self.list.max() == 3", true],
    ["self.list.indexOf(2) == 2 && self.list.indexOf(9) == -1", true],
    ["self.sizes.lastIndexOf(2) == 2", true],
    ["self.name.find('[0-9]+') == '12'", true],
    ["self.name.findAll('[a-z]').size() == 3", true],
    ["self.name.replace('-', '+') == 'abc+12'", true],
    ["duration('90s') == duration('1m30s')", true],
    ["has(self.name) && !has(self.other)", true],
    ["self.list.all(x, x < 4) && self.list.exists(x, x == 2)", true],
    ["self.list.filter(x, x > 1).map(x, x * 2).sum() == 10", true],
    ["self.?other.orValue('none') == 'none'", true],
  ])("%s is %s", (rule, expected) => {
    expect(compileRule(rule, "bool").evaluate(self, undefined)).toBe(expected);
  });

  test.each([
    ["self.a +", "Unexpected token"],
    ["nothing(self)", "nothing"],
    ["'text'", "must evaluate to a bool"],
  ])("%s does not compile", (rule, because) => {
    const { error } = compileRule(rule, "bool");
    expect(error).toContain(because);
  });
});

describe("custom resources with rules", () => {
  let client: Client;
  beforeEach(async () => {
    client = createClient();
    await client.post(CRDS, widgetDefinition);
  });

  test("are refused with the rule's message at its place", async () => {
    const { code, body } = await client.post(
      WIDGETS,
      widget("w", { size: 1, parts: [{ name: "a" }, { name: "b" }] }),
    );
    expect(code).toBe(422);
    expect(body.message).toBe(
      'Widget.test.dev "w" is invalid: spec: Invalid value: more parts than its size',
    );
    expect(body.details.causes).toEqual([
      {
        reason: "FieldValueInvalid",
        message: "Invalid value: more parts than its size",
        field: "spec",
      },
    ]);
  });

  test("word their message by an expression and point at a field below", async () => {
    const { body } = await client.post(
      WIDGETS,
      widget("w", { parts: [{ name: "a" }, { name: "b", weight: 50 }] }),
    );
    expect(body.message).toContain("spec.parts[1].weight: Invalid value:");
    expect(body.message).toContain("weight of b is too high");
    expect(
      (await client.post(WIDGETS, widget("w", { parts: [{ name: "b", weight: 49 }] }))).code,
    ).toBe(201);
  });

  test("ask rules about changes only of changes", async () => {
    expect((await client.post(WIDGETS, widget("w", { colour: "green" }))).code).toBe(201);
    expect((await client.mergePatch(`${WIDGETS}/w`, { spec: { size: 4 } })).code).toBe(200);
    const { code, body } = await client.mergePatch(`${WIDGETS}/w`, { spec: { colour: "red" } });
    expect(code).toBe(422);
    expect(body.message).toContain("spec.colour: Invalid value");
    expect(body.message).toContain("colour is immutable");
  });
});

describe("a definition", () => {
  const client = createClient();
  const withSchema = (spec: unknown) => {
    const [version] = widgetDefinition.spec.versions;
    const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
    return {
      ...widgetDefinition,
      spec: { ...widgetDefinition.spec, versions: [{ ...version, schema }] },
    };
  };

  test.each([
    [
      "no type",
      {},
      "spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value",
    ],
    ["an unknown type", { type: "text" }, 'Unsupported value: "text"'],
    ["a list of anything", { type: "array" }, "items: Required value"],
    [
      "properties and additionalProperties",
      { type: "object", properties: {}, additionalProperties: { type: "string" } },
      "mutual exclusive",
    ],
    ["a reference", { type: "object", $ref: "#/x" }, "$ref is not supported"],
    [
      "a type within oneOf",
      { type: "object", oneOf: [{ type: "object" }] },
      "must be empty to be structural",
    ],
    ["a default that does not fit", { type: "integer", default: "x" }, "must be of type integer"],
    ["a pattern with look-ahead", { type: "string", pattern: "(?=a)" }, "look-around is not RE2"],
    [
      "a rule that does not parse",
      { type: "object", "x-kubernetes-validations": [{ rule: "self.a +" }] },
      "compilation failed",
    ],
    [
      "int-or-string with a type",
      { type: "string", "x-kubernetes-int-or-string": true },
      "must be empty if x-kubernetes-int-or-string is true",
    ],
  ])("with %s is refused", async (_case, spec, message) => {
    const { code, body } = await client.post(`${CRDS}?dryRun=All`, withSchema(spec));
    expect(body.message).toContain(message.replace("properties[spec]", "properties.spec"));
    expect(code).toBe(422);
  });

  test("needs a name made of its plural and group, and one storage version", async () => {
    const named = await client.post(CRDS, {
      ...widgetDefinition,
      metadata: { name: "things.test.dev" },
    });
    expect(named.body.message).toContain('must be spec.names.plural+"."+spec.group');
    const versions = widgetDefinition.spec.versions.map((version) => ({
      ...version,
      storage: true,
    }));
    const stored = await client.post(CRDS, {
      ...widgetDefinition,
      spec: { ...widgetDefinition.spec, versions },
    });
    expect(stored.body.message).toContain(
      "must have exactly one version marked as storage version",
    );
  });

  test("is established at once", async () => {
    const { body } = await client.post(CRDS, widgetDefinition);
    expect(body.status.conditions).toMatchObject([
      { type: "NamesAccepted", status: "True" },
      { type: "Established", status: "True" },
    ]);
    expect(body.status.storedVersions).toEqual(["v1"]);
  });
});
