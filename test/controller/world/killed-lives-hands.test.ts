/** Releases under the hands of others, with the controller killed on the way: whoever takes over ends them the same. */
import { describeLives } from "../../support/describe-lives.ts";
import { livesOfHands } from "../../support/lives.ts";

await describeLives(livesOfHands);
