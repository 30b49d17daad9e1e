/**
 * `wirq/stack`: stacks that firmware switches between by itself, for generators, coroutines and schedulers of its own.
 * A number that is no stack is a programming error and stops the machine, naming the call.
 */
import type { HostModule } from './interface.ts';

export interface StackMachine {
  create(tableIndex: number, argument: number): number;
  switch(id: number): void;
  readonly current: number;
  isAlive(id: number): boolean;
  free(id: number): void;
  /** The stack that runs ends, and another goes on. */
  exit(id: number): void;
}

export const STACK_MODULE = 'wirq/stack';

/** `stacks` is asked for at each call: they are there when the guest runs. */
export function createStackModule(stacks: () => StackMachine): HostModule {
  return {
    new: { signature: 'ii>i', call: (fn: number, argument: number) => stacks().create(fn >>> 0, argument) },
    switch: { signature: 'i>', call: (id: number) => stacks().switch(id) },
    current: { signature: '>i', call: () => stacks().current },
    alive: { signature: 'i>i', call: (id: number) => (stacks().isAlive(id) ? 1 : 0) },
    free: { signature: 'i>', call: (id: number) => stacks().free(id) },
    exit: { signature: 'i>', call: (id: number) => stacks().exit(id) },
  };
}
