/**
 * Files in core and controller whose test file is still to be written, in alphabetical order. The list
 * only shrinks: tidy fails for a file that is missing here and for an entry that has its test.
 */
export const pendingMirrors: readonly string[] = [
  "src/controller/act.ts",
  "src/controller/controller.ts",
  "src/controller/measure.ts",
  "src/controller/memory.ts",
  "src/controller/observe.ts",
  "src/controller/report.ts",
  "src/controller/scopes.ts",
];
