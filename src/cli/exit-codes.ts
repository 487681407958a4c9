/** The exit codes of `serin`, so that a pipeline can tell what to do next without reading the text. */

export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  timedOut: 3,
  needsHuman: 4,
  noCluster: 5,
  overtaken: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "done",
  failed: "failed: the release, the lint, a refused command, an unknown name",
  wrongUsage: "wrong usage",
  timedOut: "timed out, or no controller answered",
  needsHuman: "a human must act: a wait, a pause, a stall, a spec that is not accepted",
  noCluster: "the cluster cannot be reached, refuses, or does not know Serin's kinds",
  overtaken: "another push came: the release was superseded or reverted",
  interrupted: "interrupted",
};

/** For --help. */
export function describeExitCodes(): string {
  const rows = Object.entries(exitCodes).map(([name, code]) => {
    const meaning = Object.entries(meanings).find(([other]) => other === name)?.[1] ?? "";
    return `  ${String(code).padEnd(4)} ${meaning}`;
  });
  return `Exit codes:\n${rows.join("\n")}`;
}
