/**
 * The house rules that no published lint rule carries, as an oxlint plugin. It only lists them; each
 * rule lives in its own file.
 */
import { constantLogMessage } from "./constant-log-message.ts";
import { layering } from "./layering.ts";
import { noImplicitNow } from "./no-implicit-now.ts";

const plugin = {
  meta: { name: "serin" },
  rules: {
    layering,
    "constant-log-message": constantLogMessage,
    "no-implicit-now": noImplicitNow,
  },
};

export default plugin;
