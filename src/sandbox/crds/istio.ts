/**
 * CustomResourceDefinitions of the Istio kinds that the sandbox serves. Their schemas are condensed: fields and types
 * are Istio's, what its webhook would check is not here.
 */
import type { JsonObject } from "../api-server/json.ts";
import { ISTIO_DEFINITIONS } from "./istio-mesh.ts";

interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly columns: readonly JsonObject[];
}

interface Group {
  readonly name: string;
  readonly categories: readonly string[];
  /** The first is the one objects are stored in. */
  readonly versions: readonly string[];
  readonly kinds: readonly Kind[];
}

function column(name: string, jsonPath: string, description: string): JsonObject {
  return { name, type: "string", jsonPath, description };
}

const AGE: JsonObject = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
  description: "Time since the object was created.",
};
const HOSTS = column("Hosts", ".spec.hosts", "Hosts it is about.");

const GROUPS: readonly Group[] = [
  {
    name: "networking.istio.io",
    categories: ["istio-io", "networking-istio-io"],
    versions: ["v1", "v1beta1", "v1alpha3"],
    kinds: [
      {
        kind: "VirtualService",
        plural: "virtualservices",
        shortNames: ["vs"],
        columns: [column("Gateways", ".spec.gateways", "Gateways it applies to."), HOSTS, AGE],
      },
      {
        kind: "DestinationRule",
        plural: "destinationrules",
        shortNames: ["dr"],
        columns: [column("Host", ".spec.host", "Host it is about."), AGE],
      },
      {
        kind: "ServiceEntry",
        plural: "serviceentries",
        shortNames: ["se"],
        columns: [
          HOSTS,
          column("Location", ".spec.location", "Whether it is part of the mesh."),
          column("Resolution", ".spec.resolution", "How its endpoints are found."),
          AGE,
        ],
      },
      { kind: "Gateway", plural: "gateways", shortNames: ["gw"], columns: [AGE] },
      { kind: "Sidecar", plural: "sidecars", shortNames: [], columns: [AGE] },
    ],
  },
  {
    name: "security.istio.io",
    categories: ["istio-io", "security-istio-io"],
    versions: ["v1", "v1beta1"],
    kinds: [
      {
        kind: "AuthorizationPolicy",
        plural: "authorizationpolicies",
        shortNames: ["ap"],
        columns: [column("Action", ".spec.action", "What happens to requests that match."), AGE],
      },
      {
        kind: "PeerAuthentication",
        plural: "peerauthentications",
        shortNames: ["pa"],
        columns: [column("Mode", ".spec.mtls.mode", "How mutual TLS is demanded."), AGE],
      },
      {
        kind: "RequestAuthentication",
        plural: "requestauthentications",
        shortNames: ["ra"],
        columns: [AGE],
      },
    ],
  },
];

function versionOf(name: string, storage: boolean, kind: Kind): JsonObject {
  return {
    name,
    served: true,
    storage,
    subresources: { status: {} },
    additionalPrinterColumns: kind.columns,
    schema: { openAPIV3Schema: ISTIO_DEFINITIONS.get(kind.kind) ?? {} },
  };
}

function definitionOf(group: Group, kind: Kind): JsonObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.plural}.${group.name}` },
    spec: {
      group: group.name,
      scope: "Namespaced",
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
        shortNames: kind.shortNames,
        categories: group.categories,
      },
      versions: group.versions.map((name, i) => versionOf(name, i === 0, kind)),
    },
  };
}

/** VirtualService, DestinationRule, ServiceEntry, Gateway, Sidecar; AuthorizationPolicy, PeerAuthentication, RequestAuthentication. */
export const istioCrds: readonly JsonObject[] = GROUPS.flatMap((group) =>
  group.kinds.map((kind) => definitionOf(group, kind)),
);
