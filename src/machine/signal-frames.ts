/**
 * What lies on the guest's stack while a signal handler runs: below the red zone of what was interrupted, or on the
 * alternate stack, room for siginfo_t and ucontext_t where the handler wants them (SA_SIGINFO). Follows what Linux does
 * (arch/x86/kernel/signal.c, get_sigframe), with the structures of guests/signal-layout.ts.
 *
 * A module without a stack pointer gets them in a block that it exports as `wirq_signal_frame`, or not at all.
 */
import { GuestWords } from '../guests/memory.ts';
import type { AlternateStack } from '../guests/signal.ts';
import { SIGINFO_BYTES, UCONTEXT, UCONTEXT_BYTES, writeSiginfo } from '../guests/signal-layout.ts';
import { SA_ONSTACK, SA_SIGINFO } from '../signals/dispositions.ts';
import type { SignalInfo } from '../signals/siginfo.ts';
import { RED_ZONE_BYTES, STACK_ALIGNMENT, type StackPointer } from '../stacks/handler-stack.ts';

/** The name of the exported block. */
export const SIGNAL_FRAME_EXPORT = 'wirq_signal_frame';

const FRAME_BYTES = UCONTEXT_BYTES + SIGINFO_BYTES;
/** At the far end of the alternate stack while it is used: what is overwritten there was overrun. */
const CANARY = [0x71726977, 0x6b617473, 0x71726977, 0x6b617473];

/** One handler's place on the stack; 0 for what it did not ask for. */
export interface SignalFrame {
  /** The stack pointer to put back. */
  readonly interrupted: number;
  /** The stack pointer to begin with. */
  readonly top: number;
  readonly info: number;
  readonly context: number;
  /** What the canary covers, where the handler is the first on the alternate stack. */
  readonly covered: readonly number[] | undefined;
}

export interface SignalGuest {
  memory(): WebAssembly.Memory | undefined;
  readonly stackPointer: StackPointer | undefined;
  /** The address of the exported block. */
  readonly block: number | undefined;
}

export class SignalFrames {
  readonly #guest: SignalGuest;
  readonly #alternate: AlternateStack;
  readonly #memory: GuestWords;

  constructor(guest: SignalGuest, alternate: AlternateStack) {
    this.#guest = guest;
    this.#alternate = alternate;
    this.#memory = new GuestWords(guest.memory);
  }

  /** Whether what runs now does so on the alternate stack. */
  get isOnAlternate(): boolean {
    const pointer = this.#guest.stackPointer;
    return pointer !== undefined && this.#alternate.isEnabled && this.#alternate.holds(pointer.get());
  }

  /** Moves the stack pointer for a handler. @returns undefined when the alternate stack has no room left. */
  push(info: SignalInfo, flags: number, maskLow: number, maskHigh: number): SignalFrame | undefined {
    const pointer = this.#guest.stackPointer;
    const wantsInfo = (flags & SA_SIGINFO) !== 0;
    if (pointer === undefined) {
      const block = wantsInfo ? this.#guest.block : undefined;
      if (block !== undefined) this.#write(block, info, 0, maskLow, maskHigh);
      const at = block ?? 0;
      return { interrupted: 0, top: 0, info: at === 0 ? 0 : at + UCONTEXT_BYTES, context: at, covered: undefined };
    }
    const interrupted = pointer.get();
    const alternate = this.#alternate;
    const wasOnIt = alternate.isEnabled && alternate.holds(interrupted);
    const switches = (flags & SA_ONSTACK) !== 0 && alternate.isEnabled && !wasOnIt;
    const from = switches ? alternate.low + alternate.bytes : interrupted - RED_ZONE_BYTES;
    const top = aligned(wantsInfo ? from - FRAME_BYTES : from);
    if ((switches || wasOnIt) && top < alternate.low + CANARY.length * 4) return undefined;
    if (wantsInfo && !this.#write(top, info, interrupted, maskLow, maskHigh)) return undefined;
    pointer.set(top);
    const covered = switches ? this.#cover() : undefined;
    return wantsInfo
      ? { interrupted, top, info: top + UCONTEXT_BYTES, context: top, covered }
      : { interrupted, top, info: 0, context: 0, covered };
  }

  /** Puts the stack pointer back. @returns whether the alternate stack was overrun. */
  pop(frame: SignalFrame): boolean {
    this.#guest.stackPointer?.set(frame.interrupted);
    return this.uncover(frame);
  }

  /** Takes the canary away, for a handler that was left by a jump too. @returns whether it was overwritten. */
  uncover({ covered }: SignalFrame): boolean {
    if (covered === undefined) return false;
    const at = this.#canaryAt();
    if (at === undefined) return false;
    const { words } = this.#memory;
    const overrun = CANARY.some((word, index) => words[at + index] !== word);
    for (const [index, word] of covered.entries()) words[at + index] = word;
    return overrun;
  }

  /** The mask that the handler left in its ucontext_t, which is that after its return. */
  maskOf(frame: SignalFrame): readonly [low: number, high: number] | undefined {
    const at = frame.context === 0 ? undefined : this.#memory.at(frame.context, UCONTEXT_BYTES);
    if (at === undefined) return undefined;
    const { words } = this.#memory;
    return [words[at + UCONTEXT.maskLow]!, words[at + UCONTEXT.maskHigh]!];
  }

  #write(address: number, info: SignalInfo, interrupted: number, maskLow: number, maskHigh: number): boolean {
    const at = this.#memory.at(address, FRAME_BYTES);
    if (at === undefined) return false;
    const { words } = this.#memory;
    words.fill(0, at, at + UCONTEXT_BYTES / 4);
    words[at + UCONTEXT.stack] = this.#alternate.low;
    words[at + UCONTEXT.stack + 2] = this.#alternate.bytes;
    words[at + UCONTEXT.stackPointer] = interrupted;
    words[at + UCONTEXT.maskLow] = maskLow;
    words[at + UCONTEXT.maskHigh] = maskHigh;
    writeSiginfo(words, at + UCONTEXT_BYTES / 4, info);
    return true;
  }

  #canaryAt(): number | undefined {
    return this.#memory.at((this.#alternate.low + 3) & ~3, CANARY.length * 4);
  }

  #cover(): readonly number[] | undefined {
    const at = this.#canaryAt();
    if (at === undefined) return undefined;
    const { words } = this.#memory;
    const covered = [...words.subarray(at, at + CANARY.length)];
    words.set(CANARY, at);
    return covered;
  }
}

/** Not by bit operations: addresses above 2 GiB are negative to them. */
function aligned(address: number): number {
  return Math.floor(address / STACK_ALIGNMENT) * STACK_ALIGNMENT;
}
