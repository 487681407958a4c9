/** A series of the catalogue as prom-client wants it described. */
import { helpOf, type SeriesEntry } from "../../api/metric-series.ts";

export function describeSeries(name: string, entry: SeriesEntry) {
  return { name, help: helpOf(entry), labelNames: [...entry.labels] };
}
