/** `serin crds`: prints the definitions of Serin's kinds, for kubectl apply. */
import { serinCrdTexts } from "../compose/manifests.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Surroundings } from "./terminal.ts";

export async function crdsCommand({ stdout }: Pick<Surroundings, "stdout">): Promise<number> {
  stdout.write((await serinCrdTexts()).join("---\n"));
  return exitCodes.done;
}
