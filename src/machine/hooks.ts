/**
 * A tiny module that lends JavaScript functions the identity of WebAssembly functions, which the rewritten module's
 * hook table needs, and that traps on demand: a trap unwinds guest frames and, unlike a JavaScript exception, no
 * `catch_all` of the guest can stop it (core specification 4.4, "traps ... cannot be caught").
 */

import type { MemoryWait } from './memory-wait.ts';

/** What the rewritten module calls (rewrite/instrument.ts, `HookNames.hooks`; rewrite/memory-waits.ts). */
export interface Hooks {
  safepoint(budget: number, masked: number): number;
  probe(functionIndex: number): void;
  readonly wait: MemoryWait;
}

export interface HookFunctions {
  readonly safepoint: WebAssembly.ExportValue;
  readonly probe: WebAssembly.ExportValue;
  readonly wait: WebAssembly.ExportValue;
  /** Throws a trap. */
  readonly unwind: () => never;
}

const I32 = 0x7f;
const I64 = 0x7e;
const FUNC = 0x60;

function section(id: number, ...contents: number[]): number[] {
  return [id, contents.length, ...contents];
}

function name(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

// (import "h" "s" (func (param i32 i32) (result i32))) (import "h" "p" (func (param i32)))
// (import "h" "w" (func (param i64 i64 i64 i32 i32) (result i32))) (func unreachable), all exported.
const TRAMPOLINE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, 4, FUNC, 2, I32, I32, 1, I32, FUNC, 1, I32, 0, FUNC, 0, 0, FUNC, 5, I64, I64, I64, I32, I32, 1, I32),
  ...section(
    2,
    3,
    ...name('h'),
    ...name('s'),
    0,
    0,
    ...name('h'),
    ...name('p'),
    0,
    1,
    ...name('h'),
    ...name('w'),
    0,
    3,
  ),
  ...section(3, 1, 2),
  ...section(7, 4, ...name('s'), 0, 0, ...name('p'), 0, 1, ...name('w'), 0, 2, ...name('t'), 0, 3),
  ...section(10, 1, 3, 0, 0x00, 0x0b),
  ...section(0, ...name('name'), ...section(0, ...name('wirq:hooks'))),
]);

let compiled: WebAssembly.Module | undefined;

export function createHooks(hooks: Hooks): HookFunctions {
  compiled ??= new WebAssembly.Module(TRAMPOLINE);
  const instance = new WebAssembly.Instance(compiled, {
    h: {
      s: (budget: number, masked: number) => hooks.safepoint(budget, masked),
      p: (functionIndex: number) => hooks.probe(functionIndex),
      w: hooks.wait,
    },
  });
  const { s, p, w, t } = instance.exports;
  return { safepoint: s!, probe: p!, wait: w!, unwind: t as () => never };
}
