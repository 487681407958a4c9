/** Reads a member by a name that somebody else chose: what every object inherits (`constructor`, `__proto__`) is no member. */

/** The object's own member, or undefined. */
export function ownValue<T>(of: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
