/**
 * What a guest's wait in shared memory is in a machine of one thread (rewrite/memory-waits.ts): machine time passes, with all that
 * happens in it, until the value there is another, or the time is over. A `memory.atomic.notify` that changes nothing wakes nobody.
 */
import { after, type Duration, MAX_NS } from '../clock/instant.ts';
import type { MachineCore } from './core.ts';
import type { HandlerCall } from './handler-call.ts';
import { type CallGuard, guarded } from './linker.ts';

/** Results of the instruction; that it is another value from the beginning, the guest sees for itself. */
const [WOKEN, TIMED_OUT] = [0, 2];

export interface WaitingGuest {
  readonly memory: WebAssembly.Memory | undefined;
}

/** The guest's way to the host and back: what happens around a call, and around that where others go through doors (doors.ts). */
export type WayOut = readonly [guard: CallGuard, doors: Pick<HandlerCall, 'leaveGuest' | 'enterGuest'> | undefined];

/** (address, expected, timeout_ns, bytes) → result; a timeout below zero is none. */
export type MemoryWait = (address: bigint, expected: bigint, timeout: bigint, bytes: number) => number;

export function memoryWait(core: MachineCore, guest: WaitingGuest, wayOut: () => WayOut): MemoryWait {
  const wait: MemoryWait = (address, expected, timeout, bytes) => {
    const at = Number(address);
    const ready = (): boolean => {
      const view = new DataView(guest.memory!.buffer, at, bytes);
      return (bytes === 8 ? view.getBigInt64(0, true) : BigInt(view.getInt32(0, true))) !== expected;
    };
    const duration = Number(timeout < MAX_NS ? timeout : MAX_NS) as Duration;
    const deadline = timeout < 0n ? undefined : after(core.clock.now, duration);
    const waiting = { deadline, ready, what: 'for a value in memory to change' };
    return core.wait(waiting, (outcome) => (outcome === 'elapsed' ? TIMED_OUT : WOKEN)) as number;
  };
  return (...args) => {
    const [guard, doors] = wayOut();
    const call = guarded(wait as (...args: unknown[]) => unknown, args.length, guard) as MemoryWait;
    if (doors === undefined) return call(...args);
    (doors.leaveGuest as unknown as () => void)();
    const result = call(...args);
    (doors.enterGuest as unknown as () => void)();
    return result;
  };
}
