/** Machines with tasks and stacks on every backend that this engine has; and what they leave behind, compared. */
import { setFlagsFromString } from 'node:v8';
import { loadAsyncify } from '../../src/host/asyncify.ts';
import { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import type { RunResult } from '../../src/machine/result.ts';
import type { BackendName } from '../../src/stacks/backend.ts';
import { RunDigest } from '../../src/trace/digest.ts';
import { formatEvent } from '../../src/trace/jsonl.ts';
import { wat } from '../support/wat.ts';
import { PARKING } from './rigs.ts';

if (Number(process.versions.node.split('.')[0]) >= 26) setFlagsFromString('--experimental-wasm-wasmfx');
export const asyncify = await loadAsyncify();
export { PARKING };

const IMPORTS = {
  'wirq/task': {
    spawn: 'iii>i',
    current: '>i',
    yield: '>',
    sleep: 'I>',
    join: 'i>i',
    exit: 'i>',
    set_priority: 'ii>',
    get_priority: 'i>i',
    park: '>',
    wake: 'i>',
    kill: 'ii>',
  },
  'wirq/stack': { new: 'ii>i', switch: 'i>', current: '>i', alive: 'i>i', free: 'i>', exit: 'i>' },
  'wirq/irq': {
    wfi: '>',
    set_pending: 'i>',
    set_primask: 'i>i',
    enable: 'i>',
    set_priority: 'ii>',
    set_vector: 'ii>',
    current: '>i',
    systick: 'i>i',
  },
  'wirq/signal': { sigaction: 'iii>i', raise: 'i>i', sigsuspend: 'i>i', sigprocmask: 'iii>i', pause: '>i' },
  'wirq/board': { now: '>I' },
} as const;
export type InterfaceName = keyof typeof IMPORTS;
const TYPES: Readonly<Record<string, string>> = { i: 'i32', I: 'i64' };

/** A module with the interfaces as `$task.spawn` and so on, a memory, and `$say`, which appends a number to a list. */
export function module(source: string, interfaces: readonly InterfaceName[] = ['wirq/task']): string {
  const imports = interfaces.flatMap((name) =>
    Object.entries(IMPORTS[name]).map(([each, signature]) => {
      const [params, results] = signature.split('>') as [string, string];
      const list = (word: string, letters: string) =>
        letters === '' ? '' : `(${word} ${[...letters].map((letter) => TYPES[letter]).join(' ')})`;
      const id = `${name.slice(5)}.${each}`;
      return `(import "${name}" "${each}" (func $${id} ${list('param', params)} ${list('result', results)}))`;
    }),
  );
  const own = source.match(/^(?:\(import [^\n]*?\)\)\) )*/)![0];
  return `(module ${imports.join('\n')} ${own} (memory (export "memory") 1)
    (func $say (param i32)
      (i32.store (i32.const 2048) (i32.add (i32.load (i32.const 2048)) (i32.const 4)))
      (i32.store (i32.add (i32.const 2048) (i32.load (i32.const 2048))) (local.get 0)))
    ${source.slice(own.length)})`;
}

export interface Ran {
  readonly result: RunResult;
  /** What `$say` was told. */
  readonly said: readonly number[];
  /** Every event, as the log has it. */
  readonly log: readonly string[];
  readonly digest: string;
}

export async function run(
  stacks: BackendName | 'auto',
  source: string,
  options: MachineOptions = {},
  prepare: (machine: Machine) => void = () => {},
): Promise<Ran> {
  return runBytes(stacks, wat(source), options, prepare);
}

export async function runBytes(
  stacks: BackendName | 'auto',
  bytes: Uint8Array,
  options: MachineOptions = {},
  prepare: (machine: Machine) => void = () => {},
): Promise<Ran> {
  const machine = Machine.load(bytes, { hz: '1GHz', stacks, asyncify, ...options });
  const log: string[] = [];
  const digest = new RunDigest();
  machine.onEvent(digest.listener);
  machine.onEvent((event) => log.push(formatEvent(event)));
  prepare(machine);
  const waits = stacks === 'jspi' || stacks === 'auto' || options.imports !== undefined;
  const result = waits ? await machine.runAsync() : machine.run();
  const at = (address: number) => new DataView(machine.readMemory(address, 4).buffer).getInt32(0, true);
  const said = Array.from({ length: at(2048) / 4 }, (_, k) => at(2052 + k * 4));
  return { result, said, log, digest: digest.hex() };
}
