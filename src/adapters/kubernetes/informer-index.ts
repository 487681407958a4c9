/** Finds objects by a value they have: their namespace, or what an index function makes of them. */
export class ObjectIndex<V> {
  readonly #byValue = new Map<string, Map<string, V>>();

  add(value: string, key: string, object: V): void {
    const objects = this.#byValue.get(value);
    if (objects === undefined) this.#byValue.set(value, new Map([[key, object]]));
    else objects.set(key, object);
  }

  remove(value: string, key: string): void {
    const objects = this.#byValue.get(value);
    objects?.delete(key);
    if (objects?.size === 0) this.#byValue.delete(value);
  }

  get(value: string): readonly V[] {
    return [...(this.#byValue.get(value)?.values() ?? [])];
  }
}
