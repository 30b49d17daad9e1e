/**
 * `wirq/task`: tasks as firmware sees them. Priorities are 0 (most urgent) to 255; the main task has 128. A number that
 * is no task is a programming error and stops the machine, naming the call.
 */
import type { HostModule } from './interface.ts';

export interface TaskMachine {
  spawn(tableIndex: number, argument: number, priority: number): number;
  readonly current: number;
  yield(): void;
  sleep(ns: bigint): unknown;
  join(id: number): unknown;
  exit(code: number): void;
  setPriority(id: number, priority: number): void;
  priorityOf(id: number): number;
  park(): unknown;
  wake(id: number): void;
  kill(id: number, code: number): void;
}

export const TASK_MODULE = 'wirq/task';

/** `tasks` is asked for at each call: they are there when the guest runs. */
export function createTaskModule(tasks: () => TaskMachine): HostModule {
  return {
    spawn: {
      signature: 'iii>i',
      call: (fn: number, argument: number, priority: number) => tasks().spawn(fn >>> 0, argument, priority),
    },
    current: { signature: '>i', call: () => tasks().current },
    yield: { signature: '>', call: () => tasks().yield() },
    sleep: { signature: 'I>', call: (ns: bigint) => tasks().sleep(ns) },
    join: { signature: 'i>i', call: (id: number) => tasks().join(id) },
    exit: { signature: 'i>', call: (code: number) => tasks().exit(code) },
    set_priority: { signature: 'ii>', call: (id: number, priority: number) => tasks().setPriority(id, priority) },
    get_priority: { signature: 'i>i', call: (id: number) => tasks().priorityOf(id) },
    park: { signature: '>', call: () => tasks().park() },
    wake: { signature: 'i>', call: (id: number) => tasks().wake(id) },
    kill: { signature: 'ii>', call: (id: number, code: number) => tasks().kill(id, code) },
  };
}
