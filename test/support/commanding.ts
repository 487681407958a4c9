/** What people type on a Canary of a running shop. */
import type { LastCommand } from "../../src/api/commands.ts";
import type { ShopView } from "./shop-view.ts";

/** Annotates as `serin promote` and its like do; the id is as good as new. */
export async function command(shop: ShopView, action: string, id = `${action}-1`): Promise<void> {
  const text = JSON.stringify({ id, action, by: "jane", reason: "it is urgent" });
  await shop.patch("canary", { metadata: { annotations: { "serin.dev/command": text } } });
}

/** Annotates as `serin abort` does; null takes the annotation away. */
export async function abort(shop: ShopView, words: string | null): Promise<void> {
  await shop.patch("canary", { metadata: { annotations: { "serin.dev/abort": words } } });
}

/** What became of the last command. */
export async function lastCommand(shop: ShopView): Promise<LastCommand | undefined> {
  return (await shop.status()).lastCommand;
}
