/**
 * A running machine as somebody at its console sees it: what goes beyond that which happens to a board. Takes interrupts
 * back, writes memory, ends the run, tells how things stand. As with everything else that acts on a machine, call it while
 * the guest is paused: from a script, an injection, or what arrives in real time.
 */
import type { Instant } from '../clock/instant.ts';
import type { ResetCause } from '../devices/device.ts';
import { THREAD_MODE } from '../interrupts/exceptions.ts';
import type { MachineCore } from './core.ts';
import { memoryAt } from './memory-access.ts';
import { type LineResult, linesOf } from './result.ts';
import type { Tape } from './tape.ts';

export interface MachineStatus {
  readonly time: Instant;
  readonly instructions: number;
  /** The line or exception whose handler runs; undefined in thread mode. */
  readonly handling: string | undefined;
  /** Handlers in progress. */
  readonly depth: number;
  /** PRIMASK, FAULTMASK or BASEPRI holds something back. */
  readonly masked: boolean;
  /** A signal has stopped the program. */
  readonly stopped: boolean;
  readonly resets: { readonly count: number; readonly cause: ResetCause };
  /** Every line that was ever raised. */
  readonly lines: readonly LineResult[];
  readonly mailbox: { readonly posted: number; readonly overruns: number } | undefined;
}

export class MachineConsole {
  readonly #core: MachineCore;
  readonly #memory: () => WebAssembly.Memory | undefined;
  readonly #tape: Tape | undefined;

  /** What is done here is written down, where there is a tape. */
  constructor(core: MachineCore, memory: () => WebAssembly.Memory | undefined, tape: Tape | undefined) {
    this.#core = core;
    this.#memory = memory;
    this.#tape = tape;
  }

  /** Takes the pending state of a line back. @returns whether it was pending; it counts as cleared. */
  clear(line: number | string): boolean {
    const { controller } = this.#core;
    const exception = this.#core.resolveLine(line);
    this.#tape?.called('clear', [line]);
    const was = controller.isPending(exception);
    controller.clearPending(exception);
    return was && !controller.isPending(exception);
  }

  /** Writes guest memory, behind the guest's back. @throws WirqError `bad-argument` when it does not lie there. */
  writeMemory(address: number, bytes: Uint8Array): void {
    const place = memoryAt(this.#memory(), address, bytes.length);
    this.#tape?.called('writeMemory', [address, bytes.slice()]);
    place.set(bytes);
  }

  /** Ends the run, as the end of a script does. */
  end(): void {
    this.#tape?.called('end', []);
    this.#core.loop.conclude({ kind: 'finished' });
    this.#core.loop.attend();
  }

  get status(): MachineStatus {
    this.#tape?.called('now', []);
    const core = this.#core;
    const { controller, clock } = core;
    core.delivery.collect();
    return {
      time: clock.now,
      instructions: clock.instructions,
      handling: controller.current === THREAD_MODE ? undefined : core.lineName(controller.current),
      depth: controller.depth,
      masked: controller.isMasked,
      stopped: core.signals.state.stopped,
      resets: { count: core.resets.count, cause: core.resets.cause },
      lines: linesOf(core),
      mailbox: core.mailbox?.account,
    };
  }
}
