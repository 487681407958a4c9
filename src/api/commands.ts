/** What people may ask of a release by annotation, how it is written, and the bounds of each part. */
import { z } from "zod";

/** Longest id of a command, in characters. */
const maxCommandId = 64;
/** Longest name of whoever gives a command, in characters. */
const maxCommandBy = 128;
/** Longest reason that is kept, in characters. */
export const maxCommandReason = 512;
/** Longest annotation that is read as a command, in characters. */
export const maxCommandText = 2048;

/** promote: leave the wait or the stage. promoteFull: straight to weight 100, then the promotion. */
export const CommandAction = z.enum(["promote", "promoteFull", "retry", "pause", "resume"]);
export type CommandAction = z.infer<typeof CommandAction>;

/** The JSON in annotation serin.dev/command. An id is obeyed once; another command needs another id. */
export const CommandRequest = z.object({
  id: z.string().min(1).max(maxCommandId).describe("New for each command; one is obeyed once."),
  action: CommandAction.describe("What is asked."),
  by: z.string().min(1).max(maxCommandBy).describe("Who asks. Nobody verifies it."),
  reason: z.string().max(maxCommandReason).default("").describe("Why."),
});
export type CommandRequest = z.infer<typeof CommandRequest>;

/** How a command has to be written, for messages. */
export const commandExample =
  '{"id":"<new for each command>","action":"promote","by":"<your name>","reason":"<why>"}';

/** What became of the last command: `status.lastCommand`. */
export const LastCommand = z
  .object({
    id: z
      .string()
      .max(maxCommandId)
      .describe("Identity of the command, as given; made up for an abort and for unreadable ones."),
    action: z
      .enum([...CommandAction.options, "abort", "unknown"])
      .describe("What was asked; unknown when the annotation could not be read."),
    by: z
      .string()
      .max(maxCommandBy)
      .describe("Who asked, in their own words: unverified. Empty for an abort."),
    reason: z.string().max(maxCommandReason).describe("Why, in their own words."),
    at: z.string().max(32).describe("When it was done or refused."),
    outcome: z.enum(["Done", "Refused"]).describe("Done once, or Refused with why in the message."),
    message: z.string().max(1024).describe("What was done, or why not and what to do instead."),
  })
  .describe("What became of the last command given by annotation.");
export type LastCommand = z.infer<typeof LastCommand>;
