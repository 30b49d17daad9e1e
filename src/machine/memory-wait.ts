/**
 * What a guest's wait in shared memory is in a machine of one thread (rewrite/memory-waits.ts): machine time passes, with all that
 * happens in it, until the value there is another, or the time is over. A `memory.atomic.notify` that changes nothing wakes nobody.
 */
import { after, type Duration, MAX_NS } from '../clock/instant.ts';
import type { MachineCore } from './core.ts';
import type { Guest } from './guest.ts';
import { type CallGuard, guarded } from './linker.ts';

/** Results of the instruction; that it is another value from the beginning, the guest sees for itself. */
const [WOKEN, TIMED_OUT] = [0, 2];

export interface WaitingGuest {
  readonly guest: Guest;
  /** What happens around a call of the host. */
  readonly guard: CallGuard;
  /** Whether other calls go through doors (doors.ts); this one does here what they do. */
  readonly hasDoors: boolean;
}

/** (address, expected, timeout_ns, bytes, memory) → result; a timeout below zero is none. */
export type MemoryWait = (address: bigint, expected: bigint, timeout: bigint, bytes: number, memory: number) => number;

export function memoryWait(core: MachineCore, waiting: () => WaitingGuest): MemoryWait {
  const wait: MemoryWait = (address, expected, timeout, bytes, k) => {
    const at = Number(address);
    const memory = waiting().guest.waitedMemory(k);
    const ready = (): boolean => {
      const view = new DataView(memory.buffer, at, bytes);
      return (bytes === 8 ? view.getBigInt64(0, true) : BigInt(view.getInt32(0, true))) !== expected;
    };
    const duration = Number(timeout < MAX_NS ? timeout : MAX_NS) as Duration;
    const deadline = timeout < 0n ? undefined : after(core.clock.now, duration);
    const until = { deadline, ready, what: 'for a value in memory to change' };
    return core.wait(until, (outcome) => (outcome === 'elapsed' ? TIMED_OUT : WOKEN)) as number;
  };
  return (...args) => {
    const { guest, guard, hasDoors } = waiting();
    const call = guarded(wait as (...args: unknown[]) => unknown, args.length, guard) as MemoryWait;
    if (!hasDoors) return call(...args);
    (guest.handlers.leaveGuest as unknown as () => void)();
    const result = call(...args);
    (guest.handlers.enterGuest as unknown as () => void)();
    return result;
  };
}
