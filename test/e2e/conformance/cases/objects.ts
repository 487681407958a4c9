/** Small objects that the cases write, and the collections they are in. */

const own = "namespaces/NAMESPACE";
export const maps = `/api/v1/${own}/configmaps`;
export const secrets = `/api/v1/${own}/secrets`;
export const services = `/api/v1/${own}/services`;
export const deployments = `/apis/apps/v1/${own}/deployments`;
export const revisions = `/apis/apps/v1/${own}/controllerrevisions`;
export const leases = `/apis/coordination.k8s.io/v1/${own}/leases`;
export const widgets = `/apis/test.dev/v1/${own}/widgets`;

type Metadata = Readonly<Record<string, unknown>>;

export const configMap = (
  name: string,
  data: Readonly<Record<string, unknown>> = {},
  metadata: Metadata = {},
) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data });

export const widget = (name: string, spec: object = {}, metadata: Metadata = {}) => ({
  apiVersion: "test.dev/v1",
  kind: "Widget",
  metadata: { name, ...metadata },
  spec,
});

export const secret = (name: string, content: object) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name },
  ...content,
});

export const service = (name: string, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
});

export const deployment = (name: string, spec: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: "app", image: "app:1", env: [{ name: "A", value: "1" }] },
          { name: "side", image: "side:1" },
        ],
      },
    },
    ...spec,
  },
});
