/** What a run leaves behind: how it ended, when, and the account of everything that was raised. */
import type { Instant } from '../clock/instant.ts';
import type { LineAccount } from '../interrupts/controller.ts';
import type { Outcome } from '../scheduler/outcome.ts';
import type { Origin } from '../stacks/handler-stack.ts';

export interface LineResult extends LineAccount {
  /** A configured name, else `IRQ3`, else the system exception's. */
  readonly name: string;
  readonly line: number;
}

export interface RunResult {
  readonly outcome: Outcome;
  /** What a shell would see of the outcome (failed expectations are the scenario's matter). */
  readonly exitCode: number;
  /** What the invoked function returned, where one was invoked. */
  readonly returned: readonly (number | bigint)[];
  /** Machine time at the end, in ns. */
  readonly time: Instant;
  /** Instructions charged. */
  readonly instructions: number;
  /** Every line and exception that was ever raised, by exception number. */
  readonly lines: readonly LineResult[];
  readonly deepestNesting: number;
  /** The handler stack; undefined where the guest has no stack pointer. */
  readonly handlerStack:
    | { readonly origin: Origin; readonly bytes: number | undefined; readonly highWaterMark: number | undefined }
    | undefined;
  /** Undefined when the guest opened no mailbox. */
  readonly mailbox: { readonly posted: number; readonly overruns: number } | undefined;
  /** What a user should know although nothing failed: interrupts that nobody handles, events that never came. */
  readonly warnings: readonly string[];
}
