/**
 * The interfaces a machine offers its guest, made for one module: wirq/*, WASI where it is imported, AssemblyScript's
 * `env` where that compiler made the module, and what the user adds.
 */
import { type AssemblyScriptGuest, createAssemblyScriptGuest } from '../guests/assemblyscript.ts';
import { isAssemblyScript, type ModuleShape } from '../guests/assemblyscript-modules.ts';
import { BOARD_MODULE, createBoardModule } from '../guests/board.ts';
import type { HostFunction, HostModule } from '../guests/interface.ts';
import { createIrqModule, IRQ_MODULE } from '../guests/irq.ts';
import { createMailboxModule, MAILBOX_MODULE } from '../guests/mailbox.ts';
import type { GuestServices } from '../guests/services.ts';
import { SIGNAL_MODULE } from '../guests/signal.ts';
import { createStackModule, STACK_MODULE, type StackMachine } from '../guests/stack.ts';
import { createTaskModule, TASK_MODULE, type TaskMachine } from '../guests/task.ts';
import { createWasi, WASI_MODULE, type WasiGuest } from '../guests/wasi.ts';
import type { ExceptionNumber } from '../interrupts/exceptions.ts';
import { Mailbox } from '../interrupts/mailbox.ts';
import { fromSelf, SI_TKILL } from '../signals/siginfo.ts';
import type { Module } from '../wasm/module.ts';
import type { MachineCore } from './core.ts';
import { fitting } from './given-functions.ts';
import { IrqSide } from './irq-side.ts';
import type { Providers } from './linker.ts';
import type { MachineOptions } from './options.ts';
import { isPromise, type OpenCall, type Promises } from './promises.ts';
import { workedFor } from './signal-clocks.ts';
import { type SignalGuestAccess, signalInterface } from './signal-host.ts';
import { deviceModules } from './user-devices.ts';
import { inPieces, watched } from './wall-patience.ts';

/** What the interfaces need of the guest, once it is there. */
export interface GuestAccess extends SignalGuestAccess {
  setVector(exception: ExceptionNumber, tableIndex: number): void;
  /** The user's host functions. */
  readonly given: Readonly<Record<string, HostModule>>;
  readonly openCall: OpenCall;
  promises(): Promises;
  tasks(): TaskMachine;
  stacks(): StackMachine;
}

export interface Interfaces {
  readonly providers: Providers;
  readonly wasi: WasiGuest | undefined;
  readonly assemblyScript: AssemblyScriptGuest | undefined;
}

export function createInterfaces(
  module: Module,
  core: MachineCore,
  options: MachineOptions,
  guest: GuestAccess,
): Interfaces {
  const services = createServices(core, options, guest);
  const { entropy } = core.peripherals;
  const look = () => core.loop.lookAtWall();
  const providers = new Map<string, HostModule>();
  providers.set(IRQ_MODULE, createIrqModule(new IrqSide(core, guest.setVector)));
  providers.set(
    BOARD_MODULE,
    createBoardModule({
      now: () => core.clock.now,
      resetCause: () => core.resets.cause,
      memory: guest.memory,
      ...core.peripherals,
      entropy: { word: () => entropy.word(), fill: (bytes) => inPieces(bytes, (piece) => entropy.fill(piece), look) },
      fail: (message) => core.fail(message),
    }),
  );
  providers.set(
    MAILBOX_MODULE,
    createMailboxModule({ openMailbox: (address, bytes) => openMailbox(core, guest.memory(), address, bytes) }),
  );
  providers.set(SIGNAL_MODULE, signalInterface(core, guest));
  for (const [name, functions] of deviceModules(core.userDevices)) providers.set(name, functions);
  providers.set(TASK_MODULE, createTaskModule(guest.tasks));
  providers.set(STACK_MODULE, createStackModule(guest.stacks));
  const wasi = module.imports.some((each) => each.module === WASI_MODULE) ? wasiGuest(services, options) : undefined;
  if (wasi !== undefined) providers.set(WASI_MODULE, untyped(wasi.imports[WASI_MODULE]));
  const assemblyScript = isAssemblyScript(shapeOf(module)) ? createAssemblyScriptGuest(services) : undefined;
  if (assemblyScript !== undefined) providers.set('env', untyped(assemblyScript.imports.env));
  for (const [name, added] of Object.entries(guest.given)) {
    const functions = Object.entries(added).map(([each, value]) => [
      each,
      answered(`${name}.${each}`, value, core, guest, resultOf(module, name, each)),
    ]);
    providers.set(name, { ...providers.get(name), ...(Object.fromEntries(functions) as HostModule) });
  }
  return {
    providers: options.wall === undefined ? providers : watchedProviders(providers, core),
    wasi,
    assemblyScript,
  };
}

/** All but those whose functions are quick. */
function watchedProviders(providers: Providers, core: MachineCore): Providers {
  const quick = [IRQ_MODULE, MAILBOX_MODULE, SIGNAL_MODULE, TASK_MODULE, STACK_MODULE];
  const look = () => core.loop.lookAtWall();
  return new Map(
    [...providers].map(([name, functions]) => [name, quick.includes(name) ? functions : watched(functions, look)]),
  );
}

/** A function that answers with a promise has its caller wait for it; one that was not said to is refused when it does. */
function answered(
  name: string,
  given: HostFunction,
  core: MachineCore,
  guest: GuestAccess,
  type: string | undefined,
): HostFunction {
  const within = (...args: unknown[]) => guest.openCall.within(() => given.call(...args));
  if (given.async !== undefined) {
    return { ...given, call: (...args) => guest.promises().call(name, { ...given, call: within }, args, type) };
  }
  const call = (...args: unknown[]) => {
    const result: unknown = within(...args);
    if (isPromise(result)) core.fail(`${name} answered with a promise; declare it {async: {}, call}`);
    return fitting(name, type, result);
  };
  return { ...given, call };
}

/** The one result of an import; undefined where it is none, or has none or several. */
function resultOf(module: Module, from: string, name: string): string | undefined {
  const found = module.imports.find((each) => each.kind === 'func' && each.module === from && each.name === name);
  const { results = [] } = found === undefined ? {} : module.functionType(found.index);
  return results.length === 1 ? results[0] : undefined;
}

function wasiGuest(services: GuestServices, options: MachineOptions): WasiGuest {
  const { args = [], env = {}, preopens = [] } = options;
  return createWasi(services, {
    args: [options.argv0 ?? options.file ?? 'firmware', ...args],
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    preopens,
  });
}

function openMailbox(
  core: MachineCore,
  memory: WebAssembly.Memory | undefined,
  address: number,
  bytes: number,
): boolean {
  const mailbox = memory === undefined ? undefined : Mailbox.format(memory, address, bytes);
  if (mailbox === undefined || memory === undefined) return false;
  core.delivery.attach(mailbox, memory);
  return true;
}

function createServices(core: MachineCore, options: MachineOptions, guest: GuestAccess): GuestServices {
  const look = () => core.loop.lookAtWall();
  return {
    now: () => core.clock.now,
    memory: guest.memory,
    random: (bytes) => inPieces(bytes, (piece) => core.random.fill(piece), look),
    workedFor: () => workedFor(core),
    wait: (wanted) => core.loop.wait(wanted),
    waitInterruptibly: (wanted) => core.signals.wait(wanted),
    waitsUnderMask: () => core.signals.waitsUnderMask,
    endWaitMask: () => core.signals.forgetWaitMask(),
    get block() {
      return core.parks ? core.wait : undefined;
    },
    handledSignals: () => core.signals.handled,
    exit: (code) => core.loop.stop({ kind: 'exit', code }),
    raise: (signal) => {
      core.signals.send(fromSelf(signal, SI_TKILL), 'thread', 'proc_raise');
    },
    output: (stream, bytes) => {
      options.onOutput?.(stream, bytes);
      if (stream === 'stdout') core.hear(0, bytes);
    },
    input: (max) => {
      const bytes = options.stdin?.(max);
      look();
      return bytes;
    },
    log: (kind, details) => core.emit('log', { from: kind, ...details }),
    fail: (message) => core.fail(message),
  };
}

/** What tells an AssemblyScript module, in the engine's words for kinds. */
function shapeOf(module: Module): ModuleShape {
  const kindOf = (kind: string) => (kind === 'func' ? 'function' : kind);
  return {
    imports: module.imports.map((each) => ({
      module: each.module,
      name: each.name,
      kind: kindOf(each.kind),
      parameters: each.kind === 'func' ? module.functionType(each.index).params.length : undefined,
    })),
    exports: module.exports.map((each) => ({ name: each.name, kind: kindOf(each.kind) })),
    functionNames: module.names.functions.values(),
  };
}

function untyped(functions: Readonly<Record<string, unknown>>): HostModule {
  const calls = Object.entries(functions).filter((entry) => typeof entry[1] === 'function');
  return Object.fromEntries(calls.map(([name, call]) => [name, { call: call as (...args: unknown[]) => unknown }]));
}
