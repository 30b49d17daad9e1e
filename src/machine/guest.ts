/**
 * One instantiated guest: compiled from the rewritten module, its hooks connected, its hidden state (budget, stack
 * pointer, memory, table, start function) at hand. Knows nothing of interrupts.
 */
import { assert } from '../assert.ts';
import { WirqError } from '../errors.ts';
import type { ExposedNames } from '../rewrite/expose.ts';
import type { HookNames } from '../rewrite/instrument.ts';
import type { Registers } from '../scheduler/registers.ts';
import type { StackPointer } from '../stacks/handler-stack.ts';
import type { Module } from '../wasm/module.ts';
import { HandlerCall, type HostSide } from './handler-call.ts';
import type { HookFunctions } from './hooks.ts';
import { refusalOf } from './refusal.ts';

export type Compile = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;
export type Instantiate = (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance;

/** The module as it runs, rewritten or as it was but for further exports: how to reach what is hidden in it. */
export interface Prepared {
  /** The original, parsed. */
  readonly module: Module;
  readonly hookNames: HookNames | ExposedNames;
  /** As LoweredWaits.hook, if it has waits in memory. */
  readonly waits?: string | undefined;
}

/** What a guest calls out to. */
export interface GuestHost {
  readonly registers: Registers;
  readonly side: HostSide;
  /** Functions for its hook table; undefined for those that run handlers in WebAssembly. */
  readonly hooks: Pick<HookFunctions, 'safepoint' | 'probe'> | undefined;
  readonly wait: WebAssembly.ExportValue;
}

export class Guest {
  readonly instance: WebAssembly.Instance;
  readonly memory: WebAssembly.Memory | undefined;
  readonly table: WebAssembly.Table | undefined;
  readonly stackPointer: StackPointer | undefined;
  /** The same as a global of the guest's. */
  readonly pointerGlobal: WebAssembly.Global | undefined;
  /** The former start section's function. */
  readonly start: (() => void) | undefined;
  readonly getBudget: () => number;
  readonly setBudget: (budget: number) => void;
  /** The way into its handlers. */
  readonly handlers: HandlerCall;
  readonly #module: Module;
  readonly #waits: string | undefined;

  constructor(instance: WebAssembly.Instance, rewritten: Prepared, host: GuestHost) {
    const names = rewritten.hookNames;
    const { exports } = instance;
    const exported = <T>(name: string | undefined): T | undefined =>
      name === undefined ? undefined : (exports[name] as T | undefined);
    this.instance = instance;
    this.#module = rewritten.module;
    this.#waits = rewritten.waits;
    this.memory = exported<WebAssembly.Memory>(names.memory);
    this.table = exported<WebAssembly.Table>(names.table);
    this.start = exported<() => void>(names.start);
    const stackPointer = exported<WebAssembly.Global>(names.stackPointer);
    this.pointerGlobal = stackPointer;
    if ('hooks' in names) {
      this.getBudget = exports[names.getBudget] as () => number;
      this.setBudget = exports[names.setBudget] as (budget: number) => void;
      this.stackPointer = stackPointerOf(exported(names.getStackPointer), exported(names.setStackPointer));
      const globals = { budget: exports[names.budget] as WebAssembly.Global, stackPointer };
      this.handlers = new HandlerCall(globals, host.registers, host.side);
      const { safepoint, probe } = host.hooks ?? this.handlers;
      const table = exports[names.hooks] as WebAssembly.Table;
      table.set(0, safepoint);
      table.set(1, probe);
      if (rewritten.waits !== undefined) (exports[rewritten.waits] as WebAssembly.Table).set(0, host.wait);
    } else {
      // It counts nothing: a budget that nobody uses up.
      const budget = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
      this.getBudget = () => budget.value;
      this.setBudget = (value) => {
        budget.value = value;
      };
      this.stackPointer = stackPointerOf(stackPointer && (() => stackPointer.value), (value) => {
        stackPointer!.value = value;
      });
      this.handlers = new HandlerCall({ budget, stackPointer }, host.registers, host.side);
    }
  }

  /** A memory that the guest waits in. */
  waitedMemory(k: number): WebAssembly.Memory {
    return this.instance.exports[`${this.#waits}${k}`] as WebAssembly.Memory;
  }

  /** An exported function; undefined when there is none of that name. */
  function(name: string): ((...args: unknown[]) => unknown) | undefined {
    const value = this.instance.exports[name];
    return typeof value === 'function' ? (value as (...args: unknown[]) => unknown) : undefined;
  }

  /** The value of an exported i32 global (an address, where the linker exported data); undefined when there is none. */
  global(name: string): number | undefined {
    const exported = this.#module.exports.find((each) => each.kind === 'global' && each.name === name);
    if (exported === undefined || this.#module.globals[exported.index]?.type !== 'i32') return undefined;
    return (this.instance.exports[name] as WebAssembly.Global).value;
  }
}

/** Addresses as unsigned numbers, whether the guest's are of 32 or of 64 bits. */
function stackPointerOf(
  get: (() => number | bigint) | undefined,
  set: ((address: number | bigint) => void) | undefined,
): StackPointer | undefined {
  if (get === undefined || set === undefined) return undefined;
  if (typeof get() === 'number') return { get: () => Number(get()) >>> 0, set };
  return { get: () => Number(BigInt.asUintN(64, get() as bigint)), set: (address) => set(BigInt(address)) };
}

/**
 * Compiles the rewritten module, after asking the engine about the user's own: what is wrong there is said in terms of the
 * user's file, and nothing that was added can make an invalid module valid (code behind a loop swallows a superfluous
 * operand, for example). It takes well under a millisecond for firmware.
 */
export function compileGuest(
  original: Uint8Array,
  rewritten: Uint8Array<ArrayBuffer>,
  compile: Compile,
): WebAssembly.Module {
  const refusal = refusalOf(original);
  if (refusal !== undefined) throw refusal;
  try {
    return compile(rewritten);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    assert(false, `the engine refuses the rewritten module but not the original: ${error.message}`);
  }
}

/** Instantiates; failures that are the module's own (too much memory, segments out of bounds) become typed errors. */
export function instantiateGuest(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
  instantiate: Instantiate,
): WebAssembly.Instance {
  try {
    return instantiate(module, imports);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new WirqError('limit', `the engine cannot allocate what the module declares: ${error.message}`, {
        cause: error,
      });
    }
    if (error instanceof WebAssembly.LinkError || error instanceof WebAssembly.RuntimeError) {
      throw new WirqError('bad-module', `the module cannot be instantiated: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
