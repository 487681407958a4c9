/** The CustomResourceDefinition of one kind, as data and as the YAML that is committed. */
import { stringify } from "yaml";
import { apiGroup, apiVersion } from "../api/names.ts";
import type { Kind } from "./kinds.ts";
import { type StructuralSchema, toStructuralSchema } from "./structural-schema.ts";

const typeFields: Readonly<Record<string, StructuralSchema>> = {
  apiVersion: { description: "Version of the API that this object is written in.", type: "string" },
  kind: { description: "Kind of the object.", type: "string" },
  metadata: { type: "object" },
};

/** The schema of a whole object of this kind. */
export function objectSchema(kind: Kind): StructuralSchema {
  const schema = toStructuralSchema(kind.schema);
  return {
    description: kind.doc,
    ...schema,
    properties: { ...typeFields, ...schema.properties },
  };
}

/** The CustomResourceDefinition of a kind. */
export function customResourceDefinition(kind: Kind) {
  const version = apiVersion.slice(apiGroup.length + 1);
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.plural}.${apiGroup}` },
    spec: {
      group: apiGroup,
      scope: kind.scope,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
        categories: kind.categories,
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: kind.columns,
          schema: { openAPIV3Schema: objectSchema(kind) },
          ...(kind.hasStatus ? { subresources: { status: {} } } : {}),
        },
      ],
    },
  };
}

/** The same as YAML with the mark of a generated file. */
export function printDefinition(kind: Kind): string {
  const definition = customResourceDefinition(kind);
  const text = stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false });
  return `# Generated from src/api by "npm run generate". Do not edit.\n${text}`;
}
