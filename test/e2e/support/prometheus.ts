/** A real Prometheus on loopback that scrapes the simulated proxies every second. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Child, startChild, whenReady } from "./child.ts";
import { requireComponent } from "./control-plane.ts";
import { freePort } from "./free-port.ts";

export interface RealPrometheus {
  readonly address: string;
  child: Child;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Scrapes one more target, `host:port` with the metrics path /metrics; `name` is its own. */
  addTarget(name: string, target: string, labels: Readonly<Record<string, string>>): void;
}

export interface PrometheusOptions {
  readonly folder: string;
  /** Addresses of http service discovery. */
  readonly discovery: readonly string[];
  /** More targets, `host:port`, with the metrics path /metrics. */
  readonly targets?: readonly string[];
}

export async function startPrometheus(options: PrometheusOptions): Promise<RealPrometheus> {
  const { folder, discovery, targets = [] } = options;
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = join(folder, "prometheus.yaml");
  const targetFolder = join(folder, "targets");
  mkdirSync(targetFolder, { recursive: true });
  writeFileSync(file, stringify(configuration({ discovery, targets, targetFolder })));
  const start = async () => {
    const child = startChild({
      name: "prometheus",
      command: requireComponent("prometheus"),
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--log.level=warn",
      ],
      folder,
    });
    await whenReady(child, 30_000, async () => (await fetch(`${address}/-/ready`)).ok);
    return child;
  };
  const address = `http://127.0.0.1:${port}`;
  const prometheus: RealPrometheus = {
    address,
    child: await start(),
    async start() {
      prometheus.child = await start();
    },
    addTarget(name, target, labels) {
      const groups = [{ targets: [target], labels }];
      writeFileSync(join(targetFolder, `${name}.json`), JSON.stringify(groups));
    },
  };
  return prometheus;
}

interface Sources {
  readonly discovery: readonly string[];
  readonly targets: readonly string[];
  readonly targetFolder: string;
}

function configuration({ discovery, targets, targetFolder }: Sources) {
  const files = [join(targetFolder, "*.json")];
  return {
    global: { scrape_interval: "1s", scrape_timeout: "1s" },
    scrape_configs: [
      {
        job_name: "istio-proxies",
        http_sd_configs: discovery.map((url) => ({ url, refresh_interval: "1s" })),
      },
      { job_name: "files", file_sd_configs: [{ files, refresh_interval: "1s" }] },
      ...(targets.length === 0
        ? []
        : [{ job_name: "static", static_configs: [{ targets: [...targets] }] }]),
    ],
  };
}
