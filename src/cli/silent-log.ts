/** A log for commands: what people should know, commands say themselves. */
import type { Log } from "../ports/log.ts";

const ignore = (): void => undefined;

export const silentLog: Log = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLog,
};
