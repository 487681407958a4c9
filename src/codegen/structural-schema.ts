/**
 * Turns a zod schema into what Kubernetes accepts as a structural schema. It knows a closed list of keywords and throws
 * on any other, so that nothing which an API server would refuse or prune gets into a CRD unseen.
 */
import { z } from "zod";

/** One rule in CEL with the sentence that a refusal shows. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
}

/** The part of OpenAPI v3 that our CRDs use, in the order in which it is printed. */
export interface StructuralSchema {
  readonly description?: string;
  readonly type: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly format?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly maximum?: number;
  readonly exclusiveMaximum?: boolean;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly "x-kubernetes-list-type"?: "atomic" | "map" | "set";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly ValidationRule[];
}

/** What zod may say of one node; anything else is an error that names its place. */
const Node = z.strictObject({
  description: z.string().optional(),
  type: z.enum(["object", "array", "string", "integer", "number", "boolean"]),
  nullable: z.literal(true).optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.boolean().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.boolean().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  maxProperties: z.number().optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  "x-kubernetes-list-type": z.enum(["atomic", "map", "set"]).optional(),
  "x-kubernetes-list-map-keys": z.array(z.string()).optional(),
  "x-kubernetes-validations": z
    .array(z.strictObject({ rule: z.string(), message: z.string() }))
    .optional(),
});
type Node = z.infer<typeof Node>;

const int32 = { min: -2_147_483_648, max: 2_147_483_647 };

/** Bounds that a type has anyway say nothing; the format says them. */
function integerBounds({ minimum, maximum }: Node): Partial<StructuralSchema> {
  const min = minimum ?? Number.MIN_SAFE_INTEGER;
  const max = maximum ?? Number.MAX_SAFE_INTEGER;
  const fits = min >= int32.min && max <= int32.max;
  return {
    format: fits ? "int32" : "int64",
    ...(min > (fits ? int32.min : Number.MIN_SAFE_INTEGER) ? { minimum: min } : {}),
    ...(max < (fits ? int32.max : Number.MAX_SAFE_INTEGER) ? { maximum: max } : {}),
  };
}

/** Drops members without a value: YAML would print them, and the types do not allow them. */
function defined<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> };
function defined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function children(node: Node, path: string): Partial<StructuralSchema> {
  const { properties, additionalProperties, items } = node;
  if (properties === undefined) {
    return defined({
      additionalProperties:
        additionalProperties === undefined
          ? undefined
          : convert(additionalProperties, `${path}[key]`),
      items: items === undefined ? undefined : convert(items, `${path}[]`),
    });
  }
  // Beside properties it would only say that unknown fields are pruned, and Kubernetes refuses to hear it.
  if (additionalProperties !== undefined && additionalProperties !== false) {
    throw new Error(`${path}: additionalProperties beside properties is not structural`);
  }
  const entries = Object.entries(properties);
  return {
    properties: Object.fromEntries(
      entries.map(([key, value]) => [key, convert(value, path === "" ? key : `${path}.${key}`)]),
    ),
  };
}

function convert(value: unknown, path: string): StructuralSchema {
  const parsed = Node.safeParse(value);
  if (!parsed.success) {
    throw new Error(`${path}: not structural: ${z.prettifyError(parsed.error)}`);
  }
  const node = parsed.data;
  return defined({
    description: node.description,
    type: node.type,
    nullable: node.nullable,
    default: node.default,
    enum: node.enum,
    pattern: node.pattern,
    minLength: node.minLength,
    maxLength: node.maxLength,
    ...(node.type === "integer" ? integerBounds(node) : numberBounds(node)),
    minItems: node.minItems,
    maxItems: node.maxItems,
    maxProperties: node.maxProperties,
    required: node.required,
    ...children(node, path),
    "x-kubernetes-list-type": node["x-kubernetes-list-type"],
    "x-kubernetes-list-map-keys": node["x-kubernetes-list-map-keys"],
    "x-kubernetes-validations": node["x-kubernetes-validations"],
  });
}

function numberBounds(node: Node): Partial<StructuralSchema> {
  return defined({
    minimum: node.minimum,
    exclusiveMinimum: node.exclusiveMinimum,
    maximum: node.maximum,
    exclusiveMaximum: node.exclusiveMaximum,
  });
}

/** The structural schema of one kind; throws an Error that names the field which cannot be expressed. */
export function toStructuralSchema(schema: z.ZodType): StructuralSchema {
  const { $schema: _, ...root } = z.toJSONSchema(schema, {
    target: "openapi-3.0",
    // Defaulted fields stay optional, and transforms are left out.
    io: "input",
    reused: "inline",
  });
  return convert(root, "");
}
