/**
 * WASI preview 1 for a guest: `@bjorn3/browser_wasi_shim` does descriptors and paths; clocks, randomness, waiting,
 * signals and exit are the machine's, so that a run is repeatable. Every call's pointers are checked before the shim
 * sees them. Left out: sockets (NOTSUP), and `wasi_unstable`, whose layouts and seek constants differ.
 */
import { type Fd, WASI, wasi } from '@bjorn3/browser_wasi_shim';
import { WirqError } from '../errors.ts';
import type { GuestServices } from './services.ts';
import { clockCalls, reading } from './wasi-clock.ts';
import { DescriptorTable } from './wasi-descriptors.ts';
import type { Preopen } from './wasi-directory.ts';
import { fileCalls } from './wasi-files.ts';
import { type CallContext, checkCall, type StringTable, vectorBytes } from './wasi-memory.ts';
import { poll } from './wasi-poll.ts';
import { WASI_FUNCTIONS, type WasiCalls, type WasiName, type WasiValue } from './wasi-signatures.ts';
import { InputStream, OutputStream } from './wasi-streams.ts';

export const WASI_MODULE = 'wasi_snapshot_preview1';

export interface WasiOptions {
  /** The guest's `argv`, its own name first. */
  readonly args: readonly string[];
  /** `NAME=value`, in the order the guest sees. */
  readonly env: readonly string[];
  /** Descriptors 3, 4, … in this order. */
  readonly preopens: readonly Preopen[];
}

export type WasiFunction = (...values: WasiValue[]) => number;

export interface WasiGuest {
  /** To be merged into the module's imports. */
  readonly imports: { readonly [WASI_MODULE]: Readonly<Record<WasiName, WasiFunction>> };
  /** Closes every file the guest left open. The functions answer BADF afterwards. */
  close(): void;
}

/**
 * Makes the WASI preview 1 imports of one run.
 *
 * No function ever throws, whatever a guest passes, except what `services` throws (exit, fail, and whatever ends a wait).
 * @throws WirqError `bad-argument` when an argument or environment string holds a NUL.
 * @example
 * const guest = createWasi(services, { args: ['primes', '100'], env: [], preopens: [] });
 * new WebAssembly.Instance(module, guest.imports);
 */
export function createWasi(services: GuestServices, options: WasiOptions): WasiGuest {
  const streams = {
    stdin: new InputStream(services),
    outputs: [new OutputStream(services, 'stdout'), new OutputStream(services, 'stderr')],
  };
  const calendar = () => reading(wasi.CLOCKID_REALTIME, services.now());
  // Device 0 is that of the streams.
  const directories = options.preopens.map((preopen, index) =>
    named(preopen.open({ calendar, device: index + 1 }), preopen.guestPath),
  );
  const descriptors = new DescriptorTable([streams.stdin, ...streams.outputs, ...directories]);
  const shim = createShim(services, options, descriptors);
  const context = (): CallContext => ({
    memory: services.memory(),
    arguments: tables.arguments,
    environment: tables.environment,
  });
  const tables = {
    arguments: stringTable(options.args, 'argument'),
    environment: stringTable(options.env, 'environment variable'),
  };
  const bytes = () => new Uint8Array(services.memory()?.buffer ?? new ArrayBuffer(0));
  const view = () => new DataView(bytes().buffer);

  const machineCalls: WasiCalls = {
    ...clockCalls(services, view),
    ...processCalls(services, bytes),
    args_sizes_get(count, size) {
      // The shim counts UTF-16 units here and writes UTF-8 in args_get.
      view().setUint32(count, tables.arguments.count, true);
      view().setUint32(size, tables.arguments.bytes, true);
      return 0;
    },
    // What these two return may stand for a result that comes when their task goes on.
    poll_oneoff: (...values) => poll(services, descriptors, values) as number,
    fd_read(fd, vectors, count, read) {
      const input = awaitInput(services, descriptors.get(fd), vectors, count, () => {
        // Handlers ran meanwhile and may have changed the vectors.
        const again = checkCall('fd_read', [fd, vectors, count, read], context());
        return again.errno || contained(() => shim.fd_read!(fd, vectors, count, read));
      });
      return input as number;
    },
  };
  const ownFiles = fileCalls(descriptors, bytes) as Partial<Record<WasiName, WasiFunction>>;

  const functionFor = (name: WasiName): WasiFunction => {
    const own = machineCalls[name] as WasiFunction | undefined;
    const file = ownFiles[name] ?? (shim[name] as WasiFunction);
    return (...given) => {
      const { errno, values } = checkCall(name, given, context());
      if (errno !== 0) return errno;
      if (own !== undefined) return own(...values);
      const result = contained(() => file(...values));
      for (const output of streams.outputs) output.flush();
      return result;
    };
  };
  const names = Object.keys(WASI_FUNCTIONS) as WasiName[];
  const imports = Object.fromEntries(names.map((name) => [name, functionFor(name)])) as Record<WasiName, WasiFunction>;
  return { imports: { [WASI_MODULE]: imports }, close: () => descriptors.closeAll() };
}

function createShim(services: GuestServices, options: WasiOptions, descriptors: DescriptorTable) {
  // Without `debug: false` the shim prints every call.
  const shim = new WASI([...options.args], [...options.env], descriptors.shared, { debug: false });
  // The shim asks for the memory's buffer anew in every call: the getter keeps it current.
  Object.assign(shim, {
    inst: {
      exports: {
        get memory() {
          return services.memory();
        },
      },
    },
  });
  return shim.wasiImport as Record<string, WasiFunction>;
}

/**
 * Runs the shim and the file system. They call none of the machine's services, so whatever they throw is a mistake
 * of theirs, or of the operating system: an input or output error to the guest, never an exception through its frames.
 */
function contained(call: () => number): number {
  try {
    return call();
  } catch {
    return wasi.ERRNO_IO;
  }
}

/** Waits, in machine time, until a read of standard input will not block, and fetches what it can take; then reads. */
function awaitInput(
  services: GuestServices,
  descriptor: Fd | undefined,
  vectors: number,
  count: number,
  then: () => number,
): unknown {
  const memory = services.memory();
  if (!(descriptor instanceof InputStream) || memory === undefined) return then();
  const wanted = vectorBytes(memory, vectors, count);
  if (wanted === 0) return then();
  const ready = () => descriptor.ready();
  const { block } = services;
  const read = (): unknown => {
    // Another task may have taken it before this one went on.
    if (!ready()) return block!({ deadline: undefined, ready }, read);
    descriptor.fetch(wanted);
    return then();
  };
  if (descriptor.nonblocking && !ready()) return wasi.ERRNO_AGAIN;
  while (block === undefined && !ready()) {
    const outcome = services.waitInterruptibly({ deadline: undefined, ready, restarts: true });
    if (outcome === 'interrupted') return wasi.ERRNO_INTR;
  }
  return read();
}

function processCalls(services: GuestServices, bytes: () => Uint8Array): WasiCalls {
  const noSockets = () => wasi.ERRNO_NOTSUP;
  return {
    random_get(pointer, length) {
      services.random(bytes().subarray(pointer, pointer + length));
      return 0;
    },
    sched_yield() {
      services.wait({ deadline: services.now() });
      return 0;
    },
    proc_exit: (code) => services.exit(code),
    proc_raise(signal) {
      if (signal > wasi.SIGNAL_SYS) return wasi.ERRNO_INVAL;
      // Signal 0 asks only whether one could be raised.
      if (signal !== wasi.SIGNAL_NONE) services.raise(linuxSignal(signal));
      return 0;
    },
    sock_accept: noSockets,
    sock_recv: noSockets,
    sock_send: noSockets,
    sock_shutdown: noSockets,
  };
}

/** WASI numbers signals as Linux does up to SIGTERM, then leaves out SIGSTKFLT (16). */
function linuxSignal(signal: number): number {
  return signal <= wasi.SIGNAL_TERM ? signal : signal + 1;
}

function stringTable(strings: readonly string[], what: string): StringTable {
  const offending = strings.find((string) => string.includes('\0'));
  if (offending !== undefined) {
    throw new WirqError('bad-argument', `the ${what} ${JSON.stringify(offending)} holds a NUL character`, {
      advice: 'the guest reads it as a C string, which ends at the first NUL',
    });
  }
  const encoder = new TextEncoder();
  const bytes = strings.reduce((sum, string) => sum + encoder.encode(string).length + 1, 0);
  return { count: strings.length, bytes };
}

/** A directory answers fd_prestat_get with its guest's name, which only the preopen knows. */
function named(directory: Fd, guestPath: string): Fd {
  directory.fd_prestat_get = () => ({ ret: 0, prestat: wasi.Prestat.dir(guestPath) });
  return directory;
}
