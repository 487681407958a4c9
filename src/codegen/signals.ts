/** What the page for people on call says of the series and the log lines, from their catalogues. */
import { logMessages } from "../api/log-messages.ts";
import { canarySeries, controllerSeries, type SeriesEntry } from "../api/metric-series.ts";
import { code, row, table } from "./markdown.ts";

function printTable(series: Readonly<Record<string, SeriesEntry>>, own: readonly string[]): string {
  const rows = Object.entries(series).map(([name, { labels, doc, unit, use }]) => {
    const others = labels.filter((label) => !own.includes(label));
    return row([code(name), others.map(code).join(" "), doc, unit, use]);
  });
  return table(["Series", "Labels", "What it is", "Unit", "What to make of it"], rows);
}

/** Every series of /metrics. */
export function printSeries(): string {
  return [
    "Of each Canary, beside `namespace` and `name`; they go with it:",
    printTable(canarySeries, ["namespace", "name"]),
    "Of the controller:",
    printTable(controllerSeries, []),
  ].join("\n\n");
}

/** Every message of the log. */
export function printLogMessages(): string {
  const rows = Object.entries(logMessages).map(([message, { level, means, remedy }]) =>
    row([code(message), level, means, remedy]),
  );
  return table(["Message", "Level", "Means", "What to do"], rows);
}
