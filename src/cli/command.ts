/** What a command is, and how it says that the command line was not what it may be. */

export interface Command {
  /** @returns the exit code. */
  main(argv: readonly string[]): Promise<number>;
}

/** One option. Every option may be spelt `--name`; a text follows it, or an equals sign. */
export interface OptionSpec {
  readonly type: 'text' | 'flag';
  /** May be given several times. */
  readonly many?: true;
  /** `--no-name` says the opposite. */
  readonly negatable?: true;
  /** One letter: `-q`. */
  readonly alias?: string;
  readonly describe: string;
}

export type Options = Readonly<Record<string, OptionSpec>>;

/** A command as its users see it: what `arguments.ts` reads and `help.ts` shows. */
export interface Description<T extends Options = Options> {
  readonly name: string;
  /** How it is written, an empty line, and what it does. */
  readonly usage: string;
  readonly options: T;
  /** Command lines that work, and what they are for. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  /** Whether options end at the first argument that is none, because what follows is somebody else's. */
  readonly stopsAtFirst?: true;
}

/** The command line was not what it may be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}
