/** The reference of everything that a Canary says: conditions, Events, ends of releases, names on the wire. */
import {
  conditions,
  events,
  isAlerted,
  providerEvents,
  releaseReasons,
  retreatReasons,
  waitingReasons,
} from "../api/conditions.ts";
import { eventFacts, factDocs } from "../api/event-facts.ts";
import { code, row, table } from "./markdown.ts";

function conditionSection([type, { doc, reasons }]: [
  string,
  (typeof conditions)[keyof typeof conditions],
]): string {
  const rows = Object.entries(reasons).flatMap(([status, byReason]) =>
    Object.entries<string>(byReason).map(([reason, meaning]) =>
      row([status, code(reason), meaning]),
    ),
  );
  return `### ${type}\n\n${doc}\n\n${table(["Status", "Reason", "Meaning"], rows)}`;
}

function reasonTable(reasons: Readonly<Record<string, string>>): string {
  const rows = Object.entries(reasons).map(([reason, meaning]) => row([code(reason), meaning]));
  return table(["Reason", "Meaning"], rows);
}

/** Conditions, Events with their facts, and reasons of the history. */
export function printConditions(): string {
  const eventRows = Object.entries(events).map(([reason, { severity, doc }]) =>
    row([code(reason), severity, isAlerted(reason) ? "yes" : "no", doc]),
  );
  const factRows = Object.entries(eventFacts).map(([reason, { always, ifKnown }]) =>
    row([code(reason), always.map(code).join(" "), ifKnown.map(code).join(" ")]),
  );
  const endRows = Object.entries(releaseReasons).flatMap(([outcome, reasons]) =>
    Object.entries<string>(reasons).map(([reason, meaning]) =>
      row([outcome, code(reason), meaning]),
    ),
  );
  const docRows = Object.entries(factDocs).map(([fact, doc]) => row([code(fact), doc]));
  return [
    "# Conditions, Events and reasons\n\nEvery word by which a Canary explains itself. What to do about each is in [operations](../operations.md).",
    "## Conditions\n\nReady, Reconciling and Stalled mean what kstatus says; pipelines may wait for them.",
    ...Object.entries(conditions).map(conditionSection),
    `## Ends of releases\n\nOutcome and reason in \`status.history\`; the reason of a failed one is also in \`status.release.rollback\`.\n\n${table(["Outcome", "Reason", "Meaning"], endRows)}`,
    `## Waits\n\n\`status.waiting.reason\` while the phase is Waiting: the release keeps its weight until somebody acts.\n\n${reasonTable(waitingReasons)}`,
    `## Retreats\n\n\`status.release.retreat.reason\`: all traffic was taken off, and nobody was blamed.\n\n${reasonTable(retreatReasons)}`,
    `## Events\n\nTold as Kubernetes Events and, from an alert's severity on, through its AlertProvider; steps on the way are Events alone. Error: a human is needed.\n\n${table(["Reason", "Severity", "Alerted", "Meaning"], eventRows)}`,
    `### Facts\n\nWhat an entry of \`status.outbox\` carries beside its message.\n\n${table(["Event", "Always", "If known"], factRows)}`,
    table(["Fact", "Meaning"], docRows),
    `## Events on an AlertProvider\n\nOn the Canary, where it names an AlertProvider that is not there.\n\n${reasonTable(providerEvents)}`,
  ].join("\n\n");
}

/** Each constant of src/api/names.ts with its doc comment, which is the reference's text. */
const namePattern = /\/\*\* (?<doc>.+?) \*\/\nexport const \w+ = "(?<name>.+)";/g;

/** Labels, annotations and derived names, from the text of the file that defines them. */
export function printNames(source: string): string {
  const rows = [...source.matchAll(namePattern)].map(({ groups }) =>
    row([code(groups?.["name"] ?? ""), groups?.["doc"] ?? ""]),
  );
  return `# Names\n\nWhat Serin writes into metadata and what you may write there, and how it names what it creates.\n\n${table(["Name", "Meaning"], rows)}`;
}
