/**
 * The guest's side of a machine: which interfaces it gets, how it is built and started. Loading checks that everything it
 * imports is there; building rewrites, compiles and instantiates; running calls its entry. How it ends is guest-ends.ts.
 */
import type { HostModule } from '../guests/interface.ts';
import { IRQ_MODULE } from '../guests/irq.ts';
import { SIGNAL_MODULE } from '../guests/signal.ts';
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import { Mailbox } from '../interrupts/mailbox.ts';
import { HandlerFailure, type Pause } from '../scheduler/dispatch-host.ts';
import { afterHostCallHere, safepointHere } from '../scheduler/from-here.ts';
import type { Frame } from '../scheduler/outcome.ts';
import type { BackendName } from '../stacks/backend.ts';
import { HandlerStack } from '../stacks/handler-stack.ts';
import type { Import, Module } from '../wasm/module.ts';
import type { FunctionType } from '../wasm/types.ts';
import { backtrace, placesIn } from './backtrace.ts';
import type { MachineCore } from './core.ts';
import { Doors } from './doors.ts';
import { EntryCalls } from './entry.ts';
import { Guest, instantiateGuest } from './guest.ts';
import { GuestEnds } from './guest-ends.ts';
import { callsThroughDoors, DoorGuard, GuestSide, HereGuard, hostSide } from './guest-sides.ts';
import { allocateHandlerStack, declaredRegion } from './handler-region.ts';
import { createHooks, type HookFunctions } from './hooks.ts';
import { createInterfaces, type Interfaces } from './interfaces.ts';
import { type CallGuard, importsFrom, isBare, link } from './linker.ts';
import { checkMailbox, MAILBOX_EXPORT } from './mailbox-export.ts';
import { FunctionMask } from './masked-functions.ts';
import { memoryWait } from './memory-wait.ts';
import { type FiberHost, Multitasking } from './multitasking.ts';
import { interruptNatively, type NativeInterruption } from './native.ts';
import type { MachineOptions, Preemption } from './options.ts';
import { checkPreemption, refuseMoment } from './preemption.ts';
import { type Compiled, compilePrepared, prepare } from './prepare.ts';
import { Probes } from './probes.ts';
import { asyncImport, hostModules, OpenCall } from './promises.ts';
import { checkRejections } from './rejections.ts';
import { carryRetained, findRetained, RESET_TIME, type RetainedRegion } from './reset.ts';
import { logReset } from './reset-log.ts';
import type { RunResult } from './result.ts';
import { SelfUnwinding, untoldUnwinding } from './self-unwinding.ts';
import { SIGNAL_FRAME_EXPORT } from './signal-frames.ts';
import { chooseStacks } from './stack-choice.ts';
import { tableFunction } from './table-function.ts';
import { setSignalHandler, setVector } from './table-handlers.ts';
import type { HandlerDeclaration } from './vectors.ts';

export class Firmware {
  readonly module: Module;
  readonly #handlers: ReadonlyMap<ExceptionNumber, HandlerDeclaration>;
  readonly #core: MachineCore;
  readonly #options: MachineOptions;
  readonly #hooks: HookFunctions;
  readonly #ends: GuestEnds;
  #interfaces: Interfaces;
  /** Linked at load, so that what nobody provides is refused before anything runs; and anew at each reset. */
  #imports: WebAssembly.Imports;
  readonly #entry: EntryCalls;
  readonly #openCall = new OpenCall();
  readonly #given: Readonly<Record<string, HostModule>>;
  readonly #stacks: BackendName;
  readonly preempt: Preemption;
  readonly #native: NativeInterruption | undefined;
  readonly #throughDoors: boolean;
  onLeft: () => void = () => {}; // told of an end in the middle of guest code
  /** Where guest code runs on stacks that can park; undefined on nested ones. Anew at each reset. */
  #multitasking: Multitasking | undefined;
  readonly #probes: Probes;
  readonly mask: FunctionMask;
  #rewritten: ReturnType<typeof prepare> | undefined;
  #compiled: Compiled | undefined;
  #retained: readonly RetainedRegion[] = [];
  #guest: Guest | undefined;
  #unwinding: SelfUnwinding | undefined;
  returned: readonly (number | bigint)[] = [];

  constructor(
    module: Module,
    handlers: ReadonlyMap<ExceptionNumber, HandlerDeclaration>,
    core: MachineCore,
    options: MachineOptions,
  ) {
    this.module = module;
    this.#handlers = handlers;
    this.#core = core;
    this.#options = options;
    this.mask = new FunctionMask(options);
    this.#probes = new Probes(module);
    this.#hooks = createHooks({
      safepoint: (budget, masked) => this.#safepoint(budget, masked !== 0),
      probe: (index) => this.#probeHere(index),
      wait: memoryWait(core, () => ({ guest: this.#guest!, guard: this.#guard(), hasDoors: this.#throughDoors })),
    });
    this.#ends = new GuestEnds(core, {
      usesSignals: importsFrom(module, SIGNAL_MODULE),
      framesOf: (error) => this.framesOf(error),
      unwind: () => this.unwind(),
    });
    core.handlesSignals = importsFrom(this.module, SIGNAL_MODULE, 'sigaction');
    this.preempt = checkPreemption(module, options);
    if (this.preempt === 'native') this.#native = interruptNatively(core, options, this);
    this.#given = hostModules(options, { memory: () => this.memory, function: (name) => this.#callable(name) });
    checkRejections(module, this.#given);
    this.#stacks = chooseStacks(module, options, asyncImport(module, this.#given));
    this.#throughDoors = callsThroughDoors(module, this.preempt, this.#stacks);
    this.#interfaces = this.#createInterfaces();
    this.#entry = new EntryCalls(module, options);
    this.#imports = link(this.module, this.#interfaces.providers, this.#guard());
    checkMailbox(module, core.names, options.deliver);
  }

  get memory(): WebAssembly.Memory | undefined {
    return this.#guest?.memory;
  }

  global(name: string): number | undefined {
    return this.#guest?.global(name);
  }

  unwind(): never {
    return this.#hooks.unwind();
  }

  /** Acts at the `entry`-th entry of a function of the user's module. Before `build` only. */
  atEntry(name: string, entry: number, act: () => void): void {
    if (this.preempt !== 'safepoints') refuseMoment(`entries of ${name}`, this.preempt);
    this.#probes.add(name, entry, act, this.#rewritten !== undefined);
  }

  /** What it ran on. */
  get stackResult(): RunResult['stacks'] {
    const { bytes, highWaterMark } = this.#multitasking?.usage ?? {};
    return { by: this.#stacks, bytes, highWaterMark };
  }

  /** Moments in functions that never came, and functions to mask that are not there. */
  get warnings(): readonly string[] {
    const faults = [...(this.#compiled?.warnings ?? []), ...(this.#multitasking?.warnings ?? [])];
    const masks = [...this.mask.warnings(this.module), ...untoldUnwinding(this.module)];
    return [...masks, ...faults, ...this.#probes.warnings];
  }

  /** Rewrites, compiles, instantiates and connects. No code of the guest runs. */
  *build(): Generator<Pause, void, unknown> {
    const preparation = { preempt: this.preempt, probes: this.#probes.functions, masks: this.mask.masks };
    this.#rewritten = prepare(this.module, preparation, this.#options);
    this.#options.tape?.rewritten(this.#rewritten.bytes);
    this.#compiled = yield* compilePrepared(this.#rewritten, this.#stacks, this.#options);
    this.#instantiate();
  }

  /** Makes a guest of the compiled module and connects it. */
  #instantiate(): void {
    if (this.#stacks !== 'nested') {
      this.#multitasking = new Multitasking(this.#stacks, this.#core, this.#options, this.#fiberHost());
    }
    const parking = this.#multitasking?.doors(this.module, this.#imports, this.#entry.types, this.#hooks);
    const doors = this.#throughDoors ? this.#createDoors() : undefined;
    const instantiate = (module: WebAssembly.Module, given: WebAssembly.Imports) =>
      this.#interfaces.assemblyScript?.instantiate(module, given) ?? new WebAssembly.Instance(module, given);
    const imports = doors?.imports ?? parking?.imports ?? this.#imports;
    const instance = instantiateGuest(this.#compiled!.module, imports, instantiate);
    const core = this.#core;
    const { loop } = core;
    const side = hostSide(core, this.#ends, (index) => this.#probe(index, (masked) => loop.afterHostCall(masked)));
    const hooks = doors === undefined ? (parking?.hooks ?? this.#hooks) : undefined;
    const { wait } = parking?.hooks ?? this.#hooks;
    const guest = new Guest(instance, this.#rewritten!, { registers: loop.registers, side, hooks, wait });
    this.#guest = guest;
    this.#unwinding = new SelfUnwinding(guest, this.module, core);
    doors?.connect(guest.handlers.leaveGuest, guest.handlers.enterGuest);
    if (parking !== undefined) this.#multitasking?.connect(guest, this.module, parking.backend);
    this.#retained = findRetained(guest, this.#options.retain ?? []);
    this.#native?.surround(guest.handlers);
    this.#connectLoop(guest);
    this.#connect(guest);
  }

  #createDoors(): Doors {
    const { providers } = this.#interfaces;
    const bare = (each: Import) => isBare(each, providers);
    return new Doors(this.module, this.#imports, bare, this.#core.loop.registers);
  }

  #connectLoop(guest: Guest): void {
    if (this.#unwinding!.watches) {
      const { controller } = this.#core;
      guest.handlers.surround((call) => {
        call();
        if (controller.depth > 0) this.#unwinding!.checkHandler(controller.current);
      });
    }
    const ways = {
      throughDoors: this.#throughDoors,
      setBudget: this.#native?.scheduling(guest.setBudget) ?? guest.setBudget,
      handle: this.#multitasking ? (n: ExceptionNumber) => this.#handle(n) : undefined,
    };
    this.#core.loop.connect(new GuestSide(this.#core, guest, ways));
  }

  /**
   * Runs the guest to its end, through all its resets, and concludes the run with how that ended. What it yields is to be
   * waited for; on nested stacks, nothing is.
   */
  *run(): Generator<Pause, void, unknown> {
    const { loop } = this.#core;
    logReset(this.#core, this.module, this.#options.seed);
    for (;;) {
      yield* this.#runOnce();
      if (!loop.restarting) return;
      this.#restart();
    }
  }

  /** Takes a new guest in place of the one that was left. */
  #restart(): void {
    const core = this.#core;
    const left = this.#guest!;
    core.reset();
    this.#interfaces = this.#createInterfaces();
    this.#imports = link(this.module, this.#interfaces.providers, this.#guard());
    const retained = this.#retained;
    this.#instantiate();
    if (core.resets.cause !== 'power-on') carryRetained(left, this.#guest!, retained);
    core.loop.pass(RESET_TIME);
    logReset(this.#core, this.module, this.#options.seed);
  }

  /** Calls the guest's start function and entry. */
  *#runOnce(): Generator<Pause, void, unknown> {
    const guest = this.#guest!;
    const { loop } = this.#core;
    try {
      if (guest.start !== undefined) yield* this.#call('(start)', guest.start);
      allocateHandlerStack(guest, this.module, this.#core);
      for (const name of this.#entry.before) yield* this.#callExport(name);
      const { main } = this.#entry;
      if (main !== undefined) yield* this.#callMain(main);
      else if (this.#multitasking === undefined) loop.idle();
      else yield* this.#multitasking.idle();
    } catch (error) {
      this.#ends.conclude(error);
    } finally {
      this.#interfaces.wasi?.close();
      this.#multitasking?.close();
    }
  }

  // Calls into the guest

  *#call(
    name: string,
    enter: (...args: unknown[]) => unknown,
    type: FunctionType = { params: [], results: [] },
    args: readonly unknown[] = [],
  ): Generator<Pause, unknown, unknown> {
    this.#core.emit('call', { function: name });
    if (this.#multitasking !== undefined) return yield* this.#multitasking.call(enter, type, args);
    this.#core.loop.refill();
    const result = this.#native === undefined ? enter(...args) : this.#native.run(() => enter(...args));
    this.#core.loop.registers.settleReturned();
    return result;
  }

  #callExport(name: string): Generator<Pause, unknown, unknown> {
    return this.#call(name, this.#guest!.function(name)!, this.#entry.typeOf(name), this.#entry.argumentsOf(name));
  }

  *#callMain(name: string): Generator<Pause, void, unknown> {
    const invoked = this.#options.invoke !== undefined;
    const { results } = this.#entry.typeOf(name);
    const result = yield* this.#callExport(name);
    this.#unwinding!.checkEntry(name);
    const values = Array.isArray(result) ? result : result === undefined ? [] : [result];
    if (invoked) this.returned = values.filter((each) => typeof each === 'number' || typeof each === 'bigint');
    // What an entry named `main` returns is an exit code, as in C; what an invoked function returns is data.
    const code = !invoked && results.join() === 'i32' ? Number(values[0]) : 0;
    this.#core.loop.conclude({ kind: 'exit', code });
  }

  #handle(n: ExceptionNumber): void {
    try {
      this.#multitasking!.handle(n);
      this.#unwinding!.checkHandler(n);
    } catch (error) {
      if (error instanceof HandlerFailure) throw error; // no guest code is below
      this.#ends.failed(error);
    }
  }

  /** By itself, and not by stacks of ours: nobody else may run then. */
  get isUnwinding(): boolean {
    return this.#unwinding?.busy === true;
  }

  #safepoint(budget: number, maskedHere: boolean): number {
    const masked = maskedHere || this.isUnwinding;
    try {
      return this.#multitasking?.safepoint(budget, masked) ?? safepointHere(this.#core.loop, budget, masked);
    } catch (error) {
      return this.#ends.failed(error);
    }
  }

  /** @returns what `after` does, which is told whether the function is masked. */
  #probe(index: number, after: (masked: boolean) => number): number {
    const due = this.#probes.enter(index);
    if (due.length === 0) return 0;
    try {
      this.#core.loop.settle();
      for (const probe of due) probe.act();
      // The host cannot tell where a call out comes from; here it can.
      return after(this.mask.masks(this.module.functionName(index)));
    } catch (error) {
      return this.#ends.failed(error);
    }
  }

  #probeHere(index: number): void {
    this.#probe(index, (masked) => {
      this.#afterHostCallHere(masked);
      return 0;
    });
  }

  #createInterfaces(): Interfaces {
    return createInterfaces(this.module, this.#core, this.#options, {
      memory: () => this.memory,
      setVector: (n, tableIndex) => setVector(this.#core, this.#guest!, this.module, n, tableIndex),
      stackPointer: () => this.#guest?.stackPointer?.get() ?? 0,
      checkHandler: (signal, tableIndex) => setSignalHandler(this.#core, this.#guest!, this.module, signal, tableIndex),
      given: this.#given,
      openCall: this.#openCall,
      promises: () => this.#multitasking!.promises,
      tasks: () => this.#multitasking!.tasks,
      stacks: () => this.#multitasking!.strands,
      failed: (error) => this.#ends.failed(error),
    });
  }

  #guard(): CallGuard {
    const { loop } = this.#core;
    const guard = this.#throughDoors
      ? new DoorGuard(loop, this.#ends)
      : new HereGuard(loop, () => this.#afterHostCallHere(false), this.#ends);
    return this.#native?.guard(guard) ?? guard;
  }

  /** A native interrupt ended the run where it cannot unwind the guest. */
  leaveBehind(error: unknown): void {
    this.#ends.conclude(error);
    this.#interfaces.wasi?.close();
    this.onLeft();
  }

  #afterHostCallHere(maskedHere: boolean): void {
    const masked = maskedHere || this.isUnwinding;
    if (this.#multitasking === undefined) afterHostCallHere(this.#core.loop, masked);
    else this.#multitasking.afterHostCall(masked);
  }

  #fiberHost(): FiberHost {
    return {
      guard: this.#guard(),
      safepoint: (budget, masked) => this.#safepoint(budget, masked !== 0),
      probe: (index) => this.#probeHere(index),
      tableFunction: (tableIndex, call) => tableFunction(this.module, this.#guest?.table, tableIndex, call),
      isEnding: () => this.#ends.isEnding,
      frames: (error) => this.framesOf(error),
      findTag: (from, tag) => {
        const exported = this.#guest?.instance.exports[tag];
        return (exported instanceof WebAssembly.Tag ? exported : this.#imports[from]?.[tag]) as WebAssembly.Tag;
      },
    };
  }

  /** An exported function for the user's host functions: no handler and no other task runs while they call it. */
  #callable(name: string): ((...args: unknown[]) => unknown) | undefined {
    const call = this.#guest?.function(name);
    if (call === undefined) return undefined;
    const holder = this.#multitasking?.dispatcher;
    return (...args) => {
      this.#openCall.require(`the guest's ${name}`);
      const act = () => call(...args);
      return holder === undefined ? this.#core.loop.uninterrupted(act) : holder.holding(act);
    };
  }

  framesOf(error: Error): Frame[] {
    const offsets = this.#stacks === 'asyncify' ? undefined : this.#rewritten?.offsets;
    return backtrace(error, this.module, placesIn(this.module, offsets, this.#options.sourceMap));
  }

  // Wiring

  #connect(guest: Guest): void {
    const core = this.#core;
    const { stackPointer } = guest;
    const block = guest.global(SIGNAL_FRAME_EXPORT);
    core.signals.connect({ memory: () => guest.memory, stackPointer, block });
    const address = guest.global(MAILBOX_EXPORT);
    if (address !== undefined && guest.memory !== undefined) {
      core.delivery.attach(Mailbox.adopt(guest.memory, address >>> 0), guest.memory);
    }
    for (const handler of this.#handlers.values()) {
      const { exception, name, takesLine } = handler;
      core.vectors.set(exception, guest.handlers.set(exception, guest.function(name)!, takesLine));
    }
    core.delivery.settle(!importsFrom(this.module, IRQ_MODULE, 'enable'));
    const takesInterrupts = this.#handlers.size > 0 || importsFrom(this.module, IRQ_MODULE);
    if (guest.memory !== undefined && guest.stackPointer !== undefined && takesInterrupts) {
      core.handlerStack = new HandlerStack(guest.memory, guest.stackPointer, declaredRegion(guest));
    }
  }
}
