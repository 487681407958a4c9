/** Finds the resource type that a path, or a stored object, belongs to. Knows which types there are, not what they do. */
import type { ResourceType, ServedVersion } from "./resource-type.ts";

export class Registry {
  readonly #types = new Map<string, ResourceType>();

  set(type: ResourceType): void {
    this.#types.set(type.key, type);
  }

  delete(key: string): void {
    this.#types.delete(key);
  }

  get(key: string): ResourceType | undefined {
    return this.#types.get(key);
  }

  all(): readonly ResourceType[] {
    return [...this.#types.values()];
  }
}

export function servedVersion(type: ResourceType, name: string): ServedVersion | undefined {
  return type.versions.find((version) => version.name === name);
}
