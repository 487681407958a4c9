/** Reads a simulated mesh as Prometheus would, for tests: sums over all targets of the samples with given labels. */
import type { SimulatedMesh } from "../../../src/sandbox/mesh/simulated-mesh.ts";
import type { ExposedSample } from "../../../src/sandbox/scrape-target.ts";

export type Wanted = Readonly<Record<string, string>>;

export function samplesOf(mesh: SimulatedMesh, name: string, wanted: Wanted = {}): ExposedSample[] {
  return mesh
    .targets()
    .list()
    .flatMap((target) => target.collect())
    .filter((sample) => sample.name === name && has(sample.labels, wanted));
}

export function sumOf(mesh: SimulatedMesh, name: string, wanted: Wanted = {}): number {
  return samplesOf(mesh, name, wanted).reduce((sum, { value }) => sum + value, 0);
}

/** `istio_requests_total` summed. */
export function requests(mesh: SimulatedMesh, wanted: Wanted = {}): number {
  return sumOf(mesh, "istio_requests_total", wanted);
}

function has(labels: Wanted, wanted: Wanted): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}
