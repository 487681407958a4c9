/** A few workers that take jobs from one list until it is empty. */
import { Worker } from "node:worker_threads";
import type { Job, JobResult } from "./jobs.ts";

/** Results in the order of the jobs. `onDone` is told after each. */
export async function doJobs(
  jobs: readonly Job[],
  workers: number,
  onDone: (done: number) => void,
): Promise<readonly JobResult[]> {
  const results: JobResult[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    try {
      for (let index = next; index < jobs.length; index = next) {
        next += 1;
        const job = jobs[index];
        if (job === undefined) return;
        results[index] = await ask(worker, job);
        done += 1;
        onDone(done);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return results;
}

function ask(worker: Worker, job: Job): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off("message", onResult);
      worker.off("error", onError);
      act();
    };
    const onResult = (result: JobResult): void => settle(() => resolve(result));
    const onError = (error: unknown): void => settle(() => reject(error));
    worker.on("message", onResult);
    worker.on("error", onError);
    worker.postMessage(job, []);
  });
}
