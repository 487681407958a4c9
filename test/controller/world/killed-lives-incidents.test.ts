/** Releases in an incident, with the controller killed on the way: whoever takes over gives the same verdict, or none. */
import { describeLives } from "../../support/describe-lives.ts";
import { livesOfIncidents } from "../../support/lives.ts";

await describeLives(livesOfIncidents);
