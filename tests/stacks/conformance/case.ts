/**
 * What a case of the conformance suite is: firmware in a few words of WAT, and what it has to say on every kind of stacks
 * at every granularity. Words to write such firmware with.
 */
import type { Machine } from '../../../src/machine/machine.ts';
import type { MachineOptions } from '../../../src/machine/options.ts';
import { type InterfaceName, module } from '../machines.ts';

export interface Case {
  readonly name: string;
  /** Behind the imports, a memory of one page and `$say`; or, with a `(module` in front, all of it. */
  readonly source: string;
  /** What it imports all of. Without `wirq/task` and `wirq/stack`, nested stacks run it too. Default: tasks, stacks, interrupts. */
  readonly interfaces?: readonly InterfaceName[];
  readonly said?: readonly number[];
  /** How the run ends. Default: exit 0. */
  readonly ends?: RegExp;
  /** What the run throws: a host function's own mistake. */
  readonly throws?: RegExp;
  readonly options?: MachineOptions;
  /** Host functions, anew for each run. */
  readonly imports?: () => NonNullable<MachineOptions['imports']>;
  readonly prepare?: (machine: Machine) => void;
  /** What must be in the log. */
  readonly logs?: readonly RegExp[];
  /** The row of the table of differences in docs/stacks.md that it shows. */
  readonly differs?: string;
  /** What it says where that table has `otherwise`. */
  readonly otherwise?: readonly number[];
}

export const DEFAULT_INTERFACES: readonly InterfaceName[] = ['wirq/task', 'wirq/stack', 'wirq/irq'];

export function textOf({ source, interfaces = DEFAULT_INTERFACES }: Case): string {
  return source.startsWith('(module') ? source : module(source, interfaces);
}

export const i32 = (n: number | string): string => (typeof n === 'number' ? `(i32.const ${n})` : n);
export const say = (n: number | string): string => `(call $say ${i32(n)})`;
export const make = (index: number, argument: number | string = 0): string =>
  `(call $stack.new (i32.const ${index}) ${i32(argument)})`;
export const to = (id: number | string): string => `(call $stack.switch ${i32(id)})`;
export const spawn = (index: number, argument: number | string = 0, priority = 128): string =>
  `(call $task.spawn (i32.const ${index}) ${i32(argument)} (i32.const ${priority}))`;
export const join = (id: string): string => `(call $task.join ${id})`;
export const sleep = (ns: number): string => `(call $task.sleep (i64.const ${ns}))`;
export const enable = (line: number): string => `(call $irq.enable (i32.const ${line}))`;
export const pend = (line: number): string => `(call $irq.set_pending (i32.const ${line}))`;
export const YIELD = '(call $task.yield)';
export const MAIN = to(0);
/** The entry, with two locals to keep numbers of tasks and stacks in. */
export const start = (...body: string[]): string =>
  `(func (export "_start") (local $a i32) (local $b i32) (local $i i32) ${body.join('\n')})`;
/** `body` so many times, counted by the local `$i`. */
export const times = (count: number, ...body: string[]): string =>
  `(local.set $i (i32.const 0)) (loop $times ${body.join('\n')}
    (br_if $times (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${count}))))`;
/** A global i32 that begins with 0. */
export const global = (name: string): string => `(global $${name} (mut i32) (i32.const 0))`;
export const get = (name: string): string => `(global.get $${name})`;
export const set = (name: string, value: number | string): string => `(global.set $${name} ${i32(value)})`;
export const add = (name: string, value: number | string): string =>
  set(name, `(i32.add (global.get $${name}) ${i32(value)})`);
export const table = (...functions: string[]): string =>
  `(table funcref (elem ${functions.map((each) => `$${each}`).join(' ')}))`;
