/** `serin get`: all Canaries as a table, one of them whole, or what the server has of them as JSON or YAML. */
import { stringify } from "yaml";
import type { RawObject } from "../adapters/kubernetes/raw-object.ts";
import type { StallError } from "../ports/errors.ts";
import { describeCanary } from "./canary-detail.ts";
import { describeList } from "./canary-list.ts";
import { type CanaryView, listCanaries, readCanary } from "./canary-objects.ts";
import { problemOf } from "./canary-words.ts";
import { type ClusterAccess, type ClusterFlags, withCluster } from "./cluster-access.ts";
import { exitCodes } from "./exit-codes.ts";
import { followCanaries } from "./follow-canaries.ts";
import { paintFor, type Surroundings } from "./terminal.ts";

export interface GetFlags extends ClusterFlags {
  readonly allNamespaces?: boolean;
  readonly output: "text" | "wide" | "json" | "yaml";
  readonly watch?: boolean;
  readonly exitCode?: boolean;
}

/** Which Canaries, and how they are shown. */
interface Showing {
  readonly name: string | undefined;
  readonly flags: GetFlags;
  readonly surroundings: Pick<Surroundings, "stdout" | "stderr" | "env">;
}

/** Exit code 0 whatever is shown, as kubectl's; with --exit-code 1 for a failed release and 4 where a human must act. */
export function getCommand(
  name: string | undefined,
  flags: GetFlags,
  surroundings: Surroundings,
): Promise<number> {
  return withCluster(flags, surroundings, (cluster) =>
    showCanaries(cluster, { name, flags, surroundings }),
  );
}

export async function showCanaries(cluster: ClusterAccess, showing: Showing): Promise<number> {
  const views = await readViews(cluster, showing);
  if (showing.flags.watch === true) return watchViews(cluster, showing, views);
  showing.surroundings.stdout.write(render(views, showing, cluster));
  return showing.flags.exitCode === true ? codeOf(views) : exitCodes.done;
}

async function readViews(
  cluster: ClusterAccess,
  { name, flags }: Showing,
): Promise<readonly CanaryView[]> {
  if (name !== undefined) return [await readCanary(cluster, name)];
  return listCanaries(cluster, flags.allNamespaces === true ? undefined : cluster.namespace);
}

function render(views: readonly CanaryView[], showing: Showing, cluster: ClusterAccess): string {
  const { flags, name } = showing;
  const objects = views.map(({ raw }) => forPeople(raw));
  const shown =
    name === undefined ? { apiVersion: "v1", kind: "List", items: objects } : objects[0];
  switch (flags.output) {
    case "json":
      return `${JSON.stringify(shown, undefined, 2)}\n`;
    case "yaml":
      return stringify(shown, { lineWidth: 0 });
    case "text":
    case "wide":
      return `${linesOf(views, showing, cluster).join("\n")}\n`;
  }
}

function linesOf(
  views: readonly CanaryView[],
  { name, flags, surroundings }: Showing,
  { namespace, clock }: ClusterAccess,
): readonly string[] {
  const { stdout, env } = surroundings;
  const width = stdout.isTTY === true ? stdout.columns : undefined;
  const look = { width, paint: paintFor(stdout, env), now: clock.now() };
  const [only] = views;
  const isWide = flags.output === "wide";
  if (name !== undefined && only !== undefined && !isWide) return describeCanary(only, look);
  const hasNamespaces = flags.allNamespaces === true;
  if (views.length > 0) return describeList(views, { ...look, isWide, hasNamespaces });
  return hasNamespaces
    ? ["there is no Canary in this cluster"]
    : [`there is no Canary in namespace ${namespace}; choose another by -n, or see all by -A`];
}

/** As kubectl shows objects. */
function forPeople(raw: RawObject): RawObject {
  const { managedFields: _, ...metadata } = raw.metadata;
  return { ...raw, metadata: { ...metadata, name: raw.metadata.name } };
}

function codeOf(views: readonly CanaryView[]): number {
  if (views.some(({ status }) => status.phase === "Failed")) return exitCodes.failed;
  const needsHuman = ({ status }: CanaryView): boolean =>
    problemOf(status) !== undefined || status.phase === "Waiting" || status.phase === "Suspended";
  return views.some(needsHuman) ? exitCodes.needsHuman : exitCodes.done;
}

/** At a terminal the picture changes in place; elsewhere every change is written below the one before. */
async function watchViews(
  cluster: ClusterAccess,
  showing: Showing,
  first: readonly CanaryView[],
): Promise<number> {
  const { surroundings, name, flags } = showing;
  const views = new Map(first.map((view) => [keyOf(view), view]));
  const picture = createPicture(surroundings.stdout);
  const draw = (): void => picture.draw(render([...views.values()], showing, cluster));
  draw();
  const { promise: refused, resolve: refuse } = Promise.withResolvers<StallError>();
  const stop = followCanaries(
    cluster,
    {
      namespace: flags.allNamespaces === true ? undefined : cluster.namespace,
      ...(name !== undefined && { name }),
    },
    {
      onView(view) {
        if (
          views.get(keyOf(view))?.raw.metadata.resourceVersion === view.raw.metadata.resourceVersion
        )
          return;
        views.set(keyOf(view), view);
        draw();
      },
      onGone(key) {
        views.delete(key);
        draw();
      },
      onRefused: refuse,
    },
  );
  const ended = await Promise.race([refused, whenAborted(cluster.signal)]);
  await stop();
  if (ended !== undefined) throw ended;
  return exitCodes.done;
}

const keyOf = ({ namespace, name }: CanaryView): string => `${namespace}/${name}`;

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

function createPicture(output: Surroundings["stdout"]) {
  let drawn = 0;
  return {
    draw(text: string): void {
      const lines = text.trimEnd().split("\n");
      const up = drawn === 0 || output.isTTY !== true ? "" : `\u001b[${drawn}A\u001b[0J`;
      output.write(`${up}${lines.join("\n")}\n`);
      drawn = lines.length;
    },
  };
}
