/** Firmware that uses all of `wirq/irq`, written down in a few words, and a list of numbers that it leaves behind. */
import type { Run } from './firmware.ts';

const IMPORTS = Object.entries({
  enable: 'i>',
  disable: 'i>',
  is_enabled: 'i>i',
  set_pending: 'i>',
  clear_pending: 'i>',
  is_pending: 'i>i',
  is_active: 'i>i',
  set_priority: 'ii>',
  get_priority: 'i>i',
  set_vector: 'ii>',
  set_primask: 'i>i',
  get_primask: '>i',
  set_basepri: 'i>i',
  get_basepri: '>i',
  set_faultmask: 'i>i',
  current: '>i',
  wfi: '>',
  wfe: '>',
  sev: '>',
  systick: 'i>i',
  set_systick_ctrl: 'i>',
  get_systick_ctrl: '>i',
  set_systick_load: 'i>',
  get_systick_load: '>i',
  set_systick_val: 'i>',
  get_systick_val: '>i',
  get_systick_calib: '>i',
  set_priority_grouping: 'i>',
  get_priority_grouping: '>i',
  set_scr: 'i>i',
  get_scr: '>i',
  set_basepri_max: 'i>i',
  get_faultmask: '>i',
  svc: 'i>',
  svc_number: '>i',
  fault_cause: '>i',
});

/** A module with all of wirq/irq but `without`, a memory, and `$say`, which appends a number to the list that `said` reads. */
export function module(source: string, without: readonly string[] = ['enable']): string {
  const imports = IMPORTS.filter(([name]) => !without.includes(name)).map(([name, signature]) => {
    const [params, results] = signature.split('>');
    const types = (keyword: string, letters: string) =>
      letters === '' ? '' : `(${keyword} ${'i32 '.repeat(letters.length)})`;
    return `(import "wirq/irq" "${name}" (func $${name} ${types('param', params!)} ${types('result', results!)}))`;
  });
  return `(module ${imports.join('\n')} (memory 1)
    (func $say (param i32)
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 4)))
      (i32.store (i32.load (i32.const 0)) (local.get 0)))
    ${source})`;
}

export function said({ u32 }: Run): number[] {
  return Array.from({ length: u32(0) / 4 }, (_, at) => u32(4 + at * 4) | 0);
}

export const say = (value: string | number) =>
  `(call $say ${typeof value === 'number' ? `(i32.const ${value})` : value})`;
export const irq = (name: string, ...args: number[]) =>
  `(call $${name} ${args.map((arg) => `(i32.const ${arg})`).join(' ')})`;
export const start = (...body: string[]) => `(func (export "_start") ${body.join('\n')})`;
export const handler = (name: string, ...body: string[]) => `(func (export "${name}") ${body.join('\n')})`;
