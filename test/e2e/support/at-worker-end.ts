/**
 * What a worker of the end-to-end tests does at its end, after its last file, whatever came of it. Vitest loads
 * its environment apart from the tests, so the two meet on globalThis.
 */

declare global {
  // A const is no property of globalThis.
  var endOfE2eWorker: (() => Promise<void>)[] | undefined;
}

export function atWorkerEnd(work: () => Promise<void>): void {
  globalThis.endOfE2eWorker ??= [];
  globalThis.endOfE2eWorker.push(work);
}

export async function endWorker(): Promise<void> {
  const works = globalThis.endOfE2eWorker ?? [];
  globalThis.endOfE2eWorker = undefined;
  await Promise.all(works.map((work) => work()));
}
