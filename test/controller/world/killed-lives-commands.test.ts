/** Releases that people command, hold and suspend, with the controller killed on the way: whoever takes over obeys once. */
import { describeLives } from "../../support/describe-lives.ts";
import { livesOfCommands } from "../../support/lives.ts";

await describeLives(livesOfCommands);
