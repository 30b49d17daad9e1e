/**
 * A machine whose guest code runs on fibers that can park: its doors, its threads, and the stacks in linear memory that
 * go with them. What `nested` stacks do without. Makes the backend; what is done with it is the dispatcher's.
 */
import { WirqError } from '../errors.ts';
import { STACK_MODULE } from '../guests/stack.ts';
import { type ExceptionNumber, HARD_FAULT, lineOf } from '../interrupts/exceptions.ts';
import type { Pause } from '../scheduler/dispatch-host.ts';
import { Dispatcher } from '../scheduler/dispatcher.ts';
import { afterHostCallHere, safepointHere } from '../scheduler/from-here.ts';
import type { Frame } from '../scheduler/outcome.ts';
import { SignalsOnStacks } from '../scheduler/signals-on-stacks.ts';
import { Strands } from '../scheduler/strands.ts';
import { type Start, Tasks, TRAPPED } from '../scheduler/tasks.ts';
import type { Thread } from '../scheduler/thread.ts';
import { nameOf } from '../scheduler/waits.ts';
import { AsyncifyBackend } from '../stacks/asyncify.ts';
import {
  type Backend,
  type BackendName,
  type Doorway,
  type GuestFunction,
  isPassing,
  placeholder,
  type Shape,
} from '../stacks/backend.ts';
import { JspiBackend } from '../stacks/jspi.ts';
import type { GuestShadows } from '../stacks/shadow-code.ts';
import { WasmfxBackend } from '../stacks/wasmfx.ts';
import type { Module } from '../wasm/module.ts';
import type { FunctionType } from '../wasm/types.ts';
import { trapMessage } from './backtrace.ts';
import type { MachineCore } from './core.ts';
import type { Guest } from './guest.ts';
import { createHooks, type HookFunctions } from './hooks.ts';
import type { CallGuard } from './linker.ts';
import type { MachineOptions } from './options.ts';
import { checkSlice } from './options.ts';
import { Promises } from './promises.ts';
import { type FindTag, Raised } from './rejections.ts';
import { StackMemory } from './stack-memory.ts';

/** What only the firmware can do. */
export interface FiberHost {
  readonly guard: CallGuard;
  safepoint(budget: number, masked: number): number;
  probe(functionIndex: number): void;
  /** The function at a table index and its type, where it is known. */
  tableFunction(tableIndex: number, call: string): { entry: GuestFunction; type: FunctionType | undefined };
  /** Whether the run is over, and what unwinds is its end. */
  isEnding(): boolean;
  frames(error: Error): readonly Frame[];
  readonly findTag: FindTag;
}

export interface Doors {
  readonly imports: WebAssembly.Imports;
  readonly hooks: HookFunctions;
  readonly backend: Backend;
}

const NOTHING: Shape = { params: [], results: [] };
const WORD_IN: Shape = { params: ['i32'], results: [] };
const WORD_OUT: Shape = { params: [], results: ['i32'] };
const MEMORY_WAIT: Shape = { params: ['i64', 'i64', 'i64', 'i32', 'i32'], results: ['i32'] };
const WORD_IN_OUT: Shape = { params: ['i32'], results: ['i32'] };

export class Multitasking {
  readonly dispatcher: Dispatcher;
  readonly tasks: Tasks;
  readonly strands: Strands;
  readonly promises: Promises;
  readonly warnings: string[] = [];
  readonly #core: MachineCore;
  readonly #name: BackendName;
  readonly #options: MachineOptions;
  readonly #host: FiberHost;
  #guest: Guest | undefined;
  #memory: StackMemory | undefined;

  constructor(name: BackendName, core: MachineCore, options: MachineOptions, host: FiberHost) {
    this.#name = name;
    this.#core = core;
    this.#options = options;
    this.#host = host;
    this.dispatcher = new Dispatcher({
      loop: core.loop,
      controller: core.controller,
      slice: checkSlice(options.slice),
      direct: options.tape === undefined,
      faulted: (thread, error) => this.#faulted(thread, error),
      switched: (thread) => core.observed && core.emit('switch', { to: this.#nameOf(thread) }),
      signalWaits: () => core.signals.deliverable,
      overrun: (thread, bytes) => {
        throw new WirqError('stack-overflow', `${nameOf(thread)} overran its stack of ${bytes} bytes`, {
          advice: 'give stacks more (WIRQ_STACK_BYTES in sdk/c/wirq.h) or nest less deeply',
        });
      },
      fail: (message) => core.fail(message),
    });
    const supply = {
      start: (fn: number, argument: number, call: string) => this.#start(fn, argument, call),
      shadow: () => this.#taskStack(),
      log: (kind: 'spawn' | 'finish', details: Readonly<Record<string, number>>) => core.emit(kind, details),
      exit: (code: number): never => core.loop.stop({ kind: 'exit', code }),
    };
    this.tasks = new Tasks(this.dispatcher, supply);
    this.strands = new Strands(this.dispatcher, supply);
    this.dispatcher.onLost.push(({ shadow }) => shadow !== undefined && this.#memory?.give(shadow));
    this.promises = new Promises(core, this.dispatcher, options, host.findTag);
    core.atReset(() => this.dispatcher.forget());
    core.parks = true;
    core.handlersWait = () => this.dispatcher.current?.kind === 'task';
    core.wait = (waiting, then) => this.dispatcher.wait(waiting, then);
    core.loop.deliverSignals(
      new SignalsOnStacks(core.signals, this.dispatcher, (slot) => {
        this.#guest!.handlers.callHere(slot);
        core.loop.settle();
      }),
    );
  }

  // Building

  /** Replaces the functions among the imports by doors. @returns the doors of safepoint and probe as well. */
  doors(module: Module, imports: WebAssembly.Imports, entries: readonly FunctionType[], nested: HookFunctions): Doors {
    const functions = module.imports.flatMap((each) => {
      const shape = each.kind === 'func' ? passing(module.functionType(each.index)) : undefined;
      return shape === undefined ? [] : [{ each, shape }];
    });
    const hooks: Doorway[] = [
      {
        params: ['i32', 'i32'],
        results: ['i32'],
        call: (budget: number, masked: number) => this.#host.safepoint(budget, masked),
        // A signal that was held back by an interrupt is handled before its thread goes on.
        fetch: () => {
          const budget = this.#guest!.getBudget();
          return this.#core.signals.deliverable ? this.#host.safepoint(budget, 0) : budget;
        },
      },
      {
        params: ['i32'],
        results: [],
        call: (index: number) => this.#host.probe(index),
        fetch: () => undefined,
      },
      this.#doorway(MEMORY_WAIT, nested.wait as unknown as (...args: unknown[]) => unknown, false),
    ];
    const calls = functions.map(({ each, shape }) =>
      this.#doorway(shape, imports[each.module]![each.name] as (...args: unknown[]) => unknown, isSwitch(each)),
    );
    const backend = this.#makeBackend([...hooks, ...calls], entries);
    const doors: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null);
    for (const [name, values] of Object.entries(imports)) doors[name] = Object.assign(Object.create(null), values);
    functions.forEach(({ each }, k) => {
      doors[each.module]![each.name] = backend.doors[k + hooks.length] as WebAssembly.ImportValue;
    });
    return { imports: doors, hooks: this.#hooks(backend, nested), backend };
  }

  /** Doors that are JavaScript functions cannot stand in a table: they are lent the identity of others. */
  #hooks(backend: Backend, nested: HookFunctions): HookFunctions {
    const [safepoint, probe, wait] = backend.doors;
    if (backend.name !== 'asyncify') return { ...nested, safepoint, probe, wait } as HookFunctions;
    const lent = createHooks({ safepoint, probe, wait } as Parameters<typeof createHooks>[0]);
    return { ...lent, unwind: nested.unwind };
  }

  #doorway(shape: Shape, call: (...args: unknown[]) => unknown, switches: boolean): Doorway {
    const { guard } = this.#host;
    const nothing = placeholder(shape.results);
    const wide = shape.results[0] === 'i64';
    const fetch = () => {
      let result: unknown;
      try {
        guard.before();
        result = this.dispatcher.fetch();
        if (wide && typeof result === 'number') result = BigInt(result);
        // A call that throws cannot park: what has become deliverable waits for the next safepoint.
        if (!(result instanceof Raised)) guard.after();
      } catch (error) {
        return guard.failed(error);
      }
      if (result instanceof Raised) throw result.exception;
      return result === undefined ? nothing : result;
    };
    // A call that parks has no result yet; where undefined cannot be converted, something else stands for it.
    const converts = shape.results.length === 0 || (shape.results.length === 1 && shape.results[0] !== 'i64');
    const filled = (...args: unknown[]) => {
      const result = call(...args);
      return result === undefined ? nothing : result;
    };
    return { ...shape, call: converts ? call : filled, fetch, switches };
  }

  #makeBackend(doors: readonly Doorway[], entries: readonly FunctionType[]): Backend {
    const shapes = [NOTHING, WORD_IN, WORD_OUT, WORD_IN_OUT];
    for (const type of entries) shapes.push(this.#entryShape(type));
    const different = [...new Map(shapes.map((shape) => [`${shape.params}>${shape.results}`, shape])).values()];
    switch (this.#name) {
      case 'wasmfx':
        return new WasmfxBackend(doors, different);
      case 'jspi':
        return new JspiBackend(doors, different);
      default:
        return new AsyncifyBackend(doors);
    }
  }

  #entryShape(type: FunctionType): Shape {
    const shape = passing(type);
    if (shape !== undefined) return shape;
    throw new WirqError(
      'unsupported',
      'an entry whose parameters or results are references cannot run on such stacks',
      {
        advice: 'choose --stacks nested',
      },
    );
  }

  connect(guest: Guest, module: Module, backend: Backend): void {
    this.#guest = guest;
    this.#memory = new StackMemory(guest, module);
    if (backend instanceof AsyncifyBackend) backend.connect(guest.instance.exports, guest.memory);
    else (backend as WasmfxBackend | JspiBackend).connect(shadowsOf(guest, module));
    this.dispatcher.connect(backend, guest.stackPointer);
  }

  /** Of the stacks in linear memory. */
  get usage(): StackMemory['usage'] {
    return this.#memory?.usage;
  }

  // Running

  call(entry: GuestFunction, type: FunctionType, args: readonly unknown[]): Generator<Pause, unknown, unknown> {
    this.#memory!.adopt(this.#core.handlerStack);
    return this.dispatcher.driver.call(entry, this.#entryShape(type), args);
  }

  idle(): Generator<Pause, void, unknown> {
    return this.dispatcher.driver.idle();
  }

  /** The firmware is left: nobody goes on, and nobody waits any more. */
  close(): void {
    this.promises.cancel();
    this.dispatcher.backend.close();
  }

  safepoint(budget: number, masked: boolean): number {
    const granted = safepointHere(this.#core.loop, budget, masked);
    // Who parks takes the budget when it goes on; until then the guest's counter must agree with the clock.
    if (this.dispatcher.leaving('fetch', masked)) this.#guest!.setBudget(granted);
    else if (!masked) return this.#core.loop.regrant() ?? granted;
    return granted;
  }

  afterHostCall(masked: boolean): void {
    // The door parks whoever comes by next: that must not be a handler. The driver looks at what has come meanwhile.
    if (this.dispatcher.current?.parking === true) return;
    afterHostCallHere(this.#core.loop, masked);
    if (!this.dispatcher.leaving('keep', masked) && !masked) this.#core.loop.regrant();
  }

  /** Runs a handler to its end, or until it waits. */
  handle(exception: ExceptionNumber): void {
    const slot = this.#core.beginHandler(exception);
    if (slot === 0) return;
    if (this.#core.handlerWatch !== undefined) this.#core.loop.regrant();
    const handler = this.#guest!.handlers.at(slot);
    this.#memory!.adopt(this.#core.handlerStack);
    this.dispatcher.driver.handle({
      exception,
      entry: handler.entry,
      shape: handler.takesLine ? WORD_IN : NOTHING,
      args: handler.takesLine ? [lineOf(exception)] : [],
      shadow: this.#memory!.forHandler(),
      end: () => this.#core.endHandler(exception),
    });
  }

  #start(tableIndex: number, argument: number, call: string): Start {
    const { entry, type } = this.#host.tableFunction(tableIndex, `${call}(${tableIndex})`);
    const takes = type === undefined ? entry.length : type.params.length;
    const gives = type === undefined ? 0 : type.results.length;
    const fits = takes <= 1 && gives <= 1 && [...(type?.params ?? []), ...(type?.results ?? [])].every(isWord);
    if (!fits) {
      throw new WirqError('bad-handler', `${call}(${tableIndex}): a function of this type cannot begin a stack`, {
        advice: 'it takes nothing or one i32, and returns nothing or an i32',
      });
    }
    const shape = takes === 0 ? (gives === 0 ? NOTHING : WORD_OUT) : gives === 0 ? WORD_IN : WORD_IN_OUT;
    return { entry, shape, args: takes === 0 ? [] : [argument] };
  }

  /** A handler may have interrupted the allocator, and the machine's own calls are in the middle of something. */
  #taskStack() {
    const { dispatcher } = this;
    const safe = dispatcher.current?.kind === 'task' && !dispatcher.isHeld && this.#core.controller.depth === 0;
    return this.#memory!.forTask(safe ? (act) => dispatcher.holding(act) : undefined);
  }

  #faulted(thread: Thread, error: unknown): boolean {
    if (this.#host.isEnding() || !isGuests(error)) return true;
    const message = this.#messageOf(error);
    const backtrace = error instanceof Error ? this.#host.frames(error) : [];
    const where = backtrace.map((frame) => frame.function).join(' < ');
    const side = thread.strand === thread.home ? '' : ' on a side stack';
    this.#core.emit('fault', { in: `${this.#nameOf(thread)}${side}`, message, backtrace: where });
    // The log is the same on all stacks; lines are not known on all of them.
    const lines = backtrace.map(
      ({ function: name, source }) => `${name}${source ? ` (${source.file}:${source.line})` : ''}`,
    );
    const inside = lines.length === 0 ? '' : ` in ${lines.join(' < ')}`;
    this.warnings.push(`${nameOf(thread)}${side} ended by a trap: ${message}${inside}`);
    if (side === '') thread.exitCode = TRAPPED;
    if (this.#options.faults === 'hardfault') this.#core.pend(HARD_FAULT, this.#nameOf(thread));
    return false;
  }

  /** The engine keeps no trace of an exception that the guest throws; what it is can be told where its tag is exported. */
  #messageOf(error: unknown): string {
    const text = trapMessage(error);
    if (!(error instanceof WebAssembly.Exception)) return text;
    const exports = Object.entries(this.#guest!.instance.exports);
    const tag = exports.find(([, value]) => value instanceof WebAssembly.Tag && error.is(value));
    return tag === undefined ? text : `${text}: ${tag[0]}`;
  }

  #nameOf(thread: Thread): string {
    return thread.kind === 'handler' ? this.#core.lineName(thread.exception) : `task ${thread.id}`;
  }
}

function isSwitch({ module, name }: { readonly module: string; readonly name: string }): boolean {
  return module === STACK_MODULE && name === 'switch';
}

/** What goes along when stacks are switched: undefined where that cannot be done in WebAssembly alone. */
function shadowsOf({ memory, pointerGlobal }: Guest, { memories }: Module): GuestShadows | 'none' | undefined {
  if (pointerGlobal === undefined) return 'none';
  const limits = memories[0]?.limits;
  if (memory === undefined || limits === undefined || limits.wide || limits.shared) return undefined;
  return { memory, pointer: pointerGlobal };
}

function isWord(type: string): boolean {
  return type === 'i32';
}

/** What guest code can throw by itself. */
function isGuests(error: unknown): boolean {
  const overflow = error instanceof RangeError && /call stack/.test(error.message);
  return error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception || overflow;
}

function passing({ params, results }: FunctionType): Shape | undefined {
  return isPassing(params) && isPassing(results) ? { params, results } : undefined;
}
