/** Remembers what follows from an object that nobody changes, for as long as the object is there. */

/**
 * `compute` must depend on the object alone. Objects in caches are replaced, never changed, so that what each pass asks
 * again need be found out only once per version.
 */
export function oncePer<K extends object, V>(compute: (object: K) => V): (object: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (object) => {
    const before = known.get(object);
    if (before !== undefined) return before.value;
    const value = compute(object);
    known.set(object, { value });
    return value;
  };
}
