/**
 * Which part of the source may import which. The one table that says so is here; it looks at import
 * paths only and knows nothing about what the modules do.
 */
import { dirname, relative, resolve } from "node:path";
import type { Node, Rule } from "./rule.ts";

type Layer =
  | "main"
  | "cli"
  | "compose"
  | "config"
  | "api"
  | "core"
  | "ports"
  | "controller"
  | "adapters"
  | "sandbox"
  | "codegen";

interface Reach {
  readonly layers: readonly Layer[];
  /** Packages and Node modules the layer may import; undefined means any. */
  readonly packages?: readonly string[];
}

/** Read a row as "may import". A layer may always import itself. */
const reach: Readonly<Record<Layer, Reach>> = {
  api: { layers: [], packages: ["zod"] },
  core: { layers: ["api"], packages: [] },
  ports: { layers: ["core", "api"], packages: [] },
  config: { layers: ["api", "core"], packages: ["zod"] },
  controller: { layers: ["ports", "core", "api"], packages: [] },
  adapters: { layers: ["ports", "core", "api"] },
  sandbox: { layers: ["api", "core", "ports", "adapters"] },
  compose: {
    layers: ["config", "api", "core", "ports", "controller", "adapters", "sandbox"],
  },
  cli: { layers: ["compose", "ports", "core", "api", "adapters", "config"] },
  codegen: { layers: ["api", "core"] },
  main: { layers: ["cli"] },
};

/** Of the adapters the sandbox sees the Kubernetes transport and informer only. */
const sandboxAdapters = /^src\/adapters\/kubernetes\/(transport|informer|list-watch)[^/]*\.ts$/;

const isLayer = (name: string): name is Layer => Object.hasOwn(reach, name);

function layerOf(path: string): Layer | undefined {
  const name = /^src\/([^/.]+)/.exec(path)?.[1];
  return name !== undefined && isLayer(name) ? name : undefined;
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

/** The reason why `file` may not import `specifier`, or undefined; paths are relative to the root. */
function layeringProblem(file: string, specifier: string): string | undefined {
  const from = layerOf(file);
  if (from === undefined)
    return file.startsWith("src/") ? `src has no layer for ${file}` : undefined;
  if (!specifier.startsWith(".")) {
    const allowed = reach[from].packages;
    if (allowed === undefined || allowed.includes(packageOf(specifier))) return undefined;
    return `${from} may not import ${specifier}`;
  }
  const target = relative(".", resolve(dirname(file), specifier));
  const to = layerOf(target);
  if (to === from) return undefined;
  if (to === undefined || !reach[from].layers.includes(to)) {
    return `${from} may not import ${to ?? target}`;
  }
  if (from === "sandbox" && to === "adapters" && !sandboxAdapters.test(target)) {
    return "sandbox may import the Kubernetes transport and informer, no other adapter";
  }
  return undefined;
}

interface ModuleNode extends Node {
  readonly source: { readonly value?: unknown } | null;
}

interface Nodes {
  ImportDeclaration: ModuleNode;
  ExportNamedDeclaration: ModuleNode;
  ExportAllDeclaration: ModuleNode;
  ImportExpression: ModuleNode;
}

export const layering: Rule<Nodes> = {
  meta: { type: "problem", docs: { description: "imports follow the layers" } },
  create(context) {
    const file = relative(context.cwd, context.filename);
    const check = (node: ModuleNode): void => {
      const specifier = node.source?.value;
      if (typeof specifier !== "string") return;
      const message = layeringProblem(file, specifier);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
