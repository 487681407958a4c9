/** The answer of a rule's condition: it holds, or what is missing, in words that people read in status. */

export type Guard =
  | { readonly holds: true; readonly message: string }
  | {
      readonly holds: false;
      readonly because: string;
      /** When time alone may change the answer, ms. */
      readonly dueAt?: number;
    };

/** The condition holds. */
export function met(message: string): Guard {
  return { holds: true, message };
}

/** The condition does not hold; `dueAt` (ms) if it may by then without anything else happening. */
export function unmet(because: string, dueAt?: number): Guard {
  return dueAt === undefined ? { holds: false, because } : { holds: false, because, dueAt };
}

/** The first guard that does not hold, else the last one. */
export function every(...guards: readonly (() => Guard)[]): Guard {
  let last = met("");
  for (const guard of guards) {
    last = guard();
    if (!last.holds) return last;
  }
  return last;
}
