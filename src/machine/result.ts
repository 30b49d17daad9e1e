/** What a run leaves behind: how it ended, when, and the account of everything that was raised. */
import type { Instant } from '../clock/instant.ts';
import type { Device, DeviceAccount, ResetCause } from '../devices/device.ts';
import type { LineAccount } from '../interrupts/accounts.ts';
import {
  EXCEPTION_COUNT,
  type ExceptionNumber,
  exceptionOf,
  type LineNumber,
  lineOf,
} from '../interrupts/exceptions.ts';
import { exitCode, type Outcome } from '../scheduler/outcome.ts';
import type { BackendName } from '../stacks/backend.ts';
import type { Origin } from '../stacks/handler-stack.ts';
import type { MachineCore } from './core.ts';
import type { Firmware } from './firmware.ts';
import { type RunStatistics, statisticsOf } from './statistics.ts';

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
  /** How often the firmware was restarted, and why it was the last time. */
  readonly resets: { readonly count: number; readonly cause: ResetCause };
  /** What the board's devices did and lost, by name; those that did nothing are left out. */
  readonly devices: Readonly<Record<string, DeviceAccount>>;
  /** The handler stack; undefined where the guest has no stack pointer. */
  readonly handlerStack:
    | { readonly origin: Origin; readonly bytes: number | undefined; readonly highWaterMark: number | undefined }
    | undefined;
  /** What it ran on; where tasks and side stacks have stacks in linear memory, how large, and the most that any used. */
  readonly stacks: {
    readonly by: BackendName;
    readonly bytes: number | undefined;
    readonly highWaterMark: number | undefined;
  };
  /** Undefined when the guest opened no mailbox. */
  readonly mailbox: { readonly posted: number; readonly overruns: number } | undefined;
  /** How long interrupts took, in machine time. */
  readonly statistics: RunStatistics;
  /** What a user should know although nothing failed: interrupts that nobody handles, events that never came. */
  readonly warnings: readonly string[];
}

/** The account of a run that has ended. `missed`: moments that something was asked for and that never came. */
export function resultOf(core: MachineCore, firmware: Firmware, missed: readonly string[]): RunResult {
  const outcome = core.loop.outcome!;
  const { handlerStack } = core;
  core.delivery.collect();
  const lines = linesOf(core);
  return {
    outcome,
    exitCode: exitCode(outcome),
    returned: firmware.returned,
    time: core.clock.now,
    instructions: core.clock.instructions,
    lines,
    deepestNesting: core.controller.deepest,
    resets: { count: core.resets.count, cause: core.resets.cause },
    devices: accountsOf(core.devices),
    handlerStack:
      handlerStack === undefined
        ? undefined
        : { origin: handlerStack.origin, bytes: handlerStack.bytes, highWaterMark: handlerStack.highWaterMark },
    stacks: firmware.stackResult,
    mailbox: core.mailbox?.account,
    statistics: statisticsOf(core, (error) => firmware.framesOf(error)),
    warnings: [
      ...stranded(core, lines),
      ...missed.map((moment) => `${moment} never came: the run ended before it`),
      ...firmware.warnings,
    ],
  };
}

function accountsOf(devices: readonly (readonly [name: string, device: Device])[]): Record<string, DeviceAccount> {
  const accounts = devices.map(([name, device]) => [name, device.account?.() ?? {}] as const);
  return Object.fromEntries(accounts.filter(([, account]) => Object.values(account).some((count) => count !== 0)));
}

/** Every line and exception that was ever raised, by exception number. */
export function linesOf(core: MachineCore): LineResult[] {
  const lines: LineResult[] = [];
  for (let n = 1; n < EXCEPTION_COUNT; n++) {
    const exception = n as ExceptionNumber;
    const account = core.controller.account(exception);
    if (account.raised > 0) lines.push({ name: core.lineName(exception), line: lineOf(exception), ...account });
  }
  return lines;
}

/** Lines that were raised for nothing, and why. A guest that polls its serial port has no need of the port's line. */
function stranded(core: MachineCore, lines: readonly LineResult[]): string[] {
  const polled = new Set<number>(core.peripherals.uarts.map((uart) => uart.line));
  const expected = (line: number) => !polled.has(line) || core.injected[exceptionOf(line as LineNumber)] === 1;
  return lines
    .filter((each) => each.pending && each.delivered === 0 && expected(each.line))
    .map((each) => {
      const why = core.controller.isEnabled(exceptionOf(each.line as LineNumber))
        ? 'it is still pending'
        : 'the line is not enabled (no handler, or the guest did not enable it)';
      return `${each.name} was raised ${each.raised} ${each.raised === 1 ? 'time' : 'times'} and never delivered: ${why}`;
    });
}
