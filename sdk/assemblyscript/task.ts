/**
 * Tasks (`task`) and stacks that a program switches by itself (`stack`) for firmware in AssemblyScript; docs/stacks.md
 * says how they behave, sdk/c/wirq-task.h says the same in C.
 *
 * Build with `--exportTable`, and with `--runtime stub` (nothing is freed) or `minimal` without collecting while tasks are in
 * the middle of anything: the collector looks for references on one stack, and does not know of the others. Functions that
 * begin a task or a stack take an i32 or nothing, and return an i32 or nothing.
 *
 * ```ts
 * import { task } from './task';
 *
 * function work(n: i32): i32 {
 *   task.sleep(1_000_000);
 *   return n * 2;
 * }
 *
 * export function main(): i32 {
 *   return task.join(task.spawn(work, 21)); // 42
 * }
 * ```
 */

/** Tasks, import module `wirq/task`. Priorities are 0 (the most urgent) … 255; the main task is number 0 and has 128. */
export namespace task {
  // @ts-ignore: decorator
  @external("wirq/task", "spawn")
  declare function spawnIndex(fn: i32, argument: i32, priority: i32): i32;

  /** Starts a task. Returns its number. What `fn` returns is its exit code. */
  // @ts-ignore: decorator
  @inline
  export function spawn<F>(fn: F, argument: i32 = 0, priority: i32 = 128): i32 {
    return spawnIndex(load<i32>(changetype<usize>(fn)), argument, priority);
  }

  /** The task that runs; −1 in a handler. */
  // @ts-ignore: decorator
  @external("wirq/task", "current")
  export declare function current(): i32;

  /** Lets equals have their turn. */
  // @ts-ignore: decorator
  @external("wirq/task", "yield")
  export declare function pass(): void;

  /** Waits so many nanoseconds of machine time. */
  // @ts-ignore: decorator
  @external("wirq/task", "sleep")
  export declare function sleep(ns: i64): void;

  /** Waits for a task's end. Returns its exit code, once. */
  // @ts-ignore: decorator
  @external("wirq/task", "join")
  export declare function join(task: i32): i32;

  /** Ends the task that runs; the main task's end is that of the run. */
  // @ts-ignore: decorator
  @external("wirq/task", "exit")
  export declare function exit(code: i32): void;

  // @ts-ignore: decorator
  @external("wirq/task", "set_priority")
  export declare function setPriority(task: i32, priority: i32): void;

  // @ts-ignore: decorator
  @external("wirq/task", "get_priority")
  export declare function getPriority(task: i32): i32;

  /** Waits for a `wake`; at once after one that came before. */
  // @ts-ignore: decorator
  @external("wirq/task", "park")
  export declare function park(): void;

  /** For handlers too. */
  // @ts-ignore: decorator
  @external("wirq/task", "wake")
  export declare function wake(task: i32): void;

  /** Ends another task, wherever it is. */
  // @ts-ignore: decorator
  @external("wirq/task", "kill")
  export declare function kill(task: i32, code: i32): void;
}

/** Stacks, import module `wirq/stack`. A switch stays within its task; 0 is the stack that the task began on. */
export namespace stack {
  // @ts-ignore: decorator
  @external("wirq/stack", "new")
  declare function createIndex(fn: i32, argument: i32): i32;

  /** Makes a stack that will begin with `fn`. Returns its number. */
  // @ts-ignore: decorator
  @inline
  export function create<F>(fn: F, argument: i32 = 0): i32 {
    return createIndex(load<i32>(changetype<usize>(fn)), argument);
  }

  /** Goes on with another stack. Returns when somebody switches back. */
  // @ts-ignore: decorator
  @external("wirq/stack", "switch")
  export declare function to(stack: i32): void;

  // @ts-ignore: decorator
  @external("wirq/stack", "current")
  export declare function current(): i32;

  /** Whether a stack has not ended yet. */
  // @ts-ignore: decorator
  @external("wirq/stack", "alive")
  export declare function alive(stack: i32): bool;

  /** Forgets a stack that nobody is on. */
  // @ts-ignore: decorator
  @external("wirq/stack", "free")
  export declare function free(stack: i32): void;

  /** The stack that runs ends, and another goes on. */
  // @ts-ignore: decorator
  @external("wirq/stack", "exit")
  export declare function exit(stack: i32): void;
}
