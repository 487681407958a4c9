/** Small objects that the tests of the embedded API server write. */

export function configMap(
  name: string,
  data: Record<string, string> = {},
  labels: Record<string, string> = {},
) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels }, data };
}

/** A custom resource definition with defaults, bounds, rules, a status and a scale: `widgets.test.dev`. */
export const widgetDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.test.dev" },
  spec: {
    group: "test.dev",
    scope: "Namespaced",
    names: {
      plural: "widgets",
      singular: "widget",
      kind: "Widget",
      shortNames: ["wg"],
      categories: ["all"],
    },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        additionalPrinterColumns: [
          { name: "Size", type: "integer", jsonPath: ".spec.size" },
          {
            name: "Ready",
            type: "string",
            jsonPath: '.status.conditions[?(@.type=="Ready")].status',
          },
          { name: "Colour", type: "string", jsonPath: ".spec.colour", priority: 1 },
          { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
        ],
        subresources: {
          status: {},
          scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" },
        },
        schema: {
          openAPIV3Schema: {
            type: "object",
            description: "A widget is what tests are made of.",
            required: ["spec"],
            properties: {
              spec: {
                type: "object",
                description: "What is wanted.",
                "x-kubernetes-validations": [
                  {
                    rule: "!has(self.parts) || self.parts.size() <= self.size",
                    message: "more parts than its size",
                  },
                  {
                    rule: "self.colour == oldSelf.colour",
                    message: "colour is immutable",
                    fieldPath: ".colour",
                  },
                ],
                properties: {
                  size: {
                    type: "integer",
                    format: "int32",
                    minimum: 1,
                    maximum: 100,
                    default: 3,
                    description: "How big.",
                  },
                  colour: { type: "string", enum: ["red", "green"], default: "red" },
                  port: {
                    "x-kubernetes-int-or-string": true,
                    anyOf: [{ type: "integer" }, { type: "string" }],
                  },
                  options: {
                    type: "object",
                    default: {},
                    properties: { fast: { type: "boolean", default: true } },
                  },
                  free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                  labels: { type: "object", additionalProperties: { type: "string" } },
                  parts: {
                    type: "array",
                    maxItems: 3,
                    items: {
                      type: "object",
                      required: ["name"],
                      properties: {
                        name: { type: "string", pattern: "^[a-z]+$", maxLength: 8 },
                        weight: { type: "integer", default: 1 },
                      },
                      "x-kubernetes-validations": [
                        {
                          rule: "self.weight < 50",
                          messageExpression: "'weight of ' + self.name + ' is too high'",
                          fieldPath: ".weight",
                        },
                      ],
                    },
                  },
                },
              },
              status: {
                type: "object",
                properties: {
                  size: { type: "integer" },
                  phase: { type: "string" },
                  conditions: {
                    type: "array",
                    items: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                  },
                },
              },
            },
          },
        },
      },
      {
        name: "v1alpha1",
        served: true,
        storage: false,
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
};

export function widget(name: string, spec: Record<string, unknown> = {}) {
  return { apiVersion: "test.dev/v1", kind: "Widget", metadata: { name }, spec };
}

export function deployment(name: string) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name,
              image: `${name}:1`,
              ports: [{ containerPort: 8080 }],
              env: [{ name: "A", value: "1" }],
            },
            { name: "side", image: "side:1" },
          ],
        },
      },
    },
  };
}

export function service(name: string) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80 }] },
  };
}
