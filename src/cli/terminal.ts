/** What a command needs of the process it runs in. */

/** Where text goes. */
export interface TextOutput {
  write(text: string): unknown;
  /** True when a person looks at a terminal. */
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Surroundings {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Folder the command was started in. */
  readonly cwd: string;
  /** Aborted when the command should end. */
  readonly signal: AbortSignal;
}
