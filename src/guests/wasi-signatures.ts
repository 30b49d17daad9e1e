/**
 * The parameters of every function of `wasi_snapshot_preview1`, and what each pointer among them points to.
 * Follows the WASI preview 1 document (witx: typenames and wasi_snapshot_preview1). The one place that knows
 * the sizes; wasi-memory.ts checks calls against it, so that no implementation meets a pointer out of range.
 */

/**
 * One parameter of a call. `bytes`, `path` and `vectors` stand for two Wasm parameters, a pointer and a length
 * (in bytes; for vectors in elements). `out` is a pointer to so many bytes that the call writes.
 * `arguments` and `environment` are the two pointers that receive the strings and their table.
 */
export type Parameter =
  | 'u32'
  | 's64'
  | 'u64'
  | 'bytes'
  | 'path'
  | 'vectors'
  | 'arguments'
  | 'environment'
  | { readonly out: number };

const out = (bytes: number): { readonly out: number } => ({ out: bytes });
const FILESTAT = out(64);
const FDSTAT = out(24);
const WORD = out(4);
const LONG = out(8);

/** A subscription (poll_oneoff) and the event that answers it, in bytes. */
export const SUBSCRIPTION_BYTES = 48;
export const EVENT_BYTES = 32;

export const WASI_FUNCTIONS = {
  args_get: ['arguments'],
  args_sizes_get: [WORD, WORD],
  clock_res_get: ['u32', LONG],
  clock_time_get: ['u32', 'u64', LONG],
  environ_get: ['environment'],
  environ_sizes_get: [WORD, WORD],
  fd_advise: ['u32', 'u64', 'u64', 'u32'],
  fd_allocate: ['u32', 'u64', 'u64'],
  fd_close: ['u32'],
  fd_datasync: ['u32'],
  fd_fdstat_get: ['u32', FDSTAT],
  fd_fdstat_set_flags: ['u32', 'u32'],
  fd_fdstat_set_rights: ['u32', 'u64', 'u64'],
  fd_filestat_get: ['u32', FILESTAT],
  fd_filestat_set_size: ['u32', 'u64'],
  fd_filestat_set_times: ['u32', 'u64', 'u64', 'u32'],
  fd_pread: ['u32', 'vectors', 'u64', WORD],
  fd_prestat_dir_name: ['u32', 'bytes'],
  fd_prestat_get: ['u32', LONG],
  fd_pwrite: ['u32', 'vectors', 'u64', WORD],
  fd_read: ['u32', 'vectors', WORD],
  fd_readdir: ['u32', 'bytes', 'u64', WORD],
  fd_renumber: ['u32', 'u32'],
  fd_seek: ['u32', 's64', 'u32', LONG],
  fd_sync: ['u32'],
  fd_tell: ['u32', LONG],
  fd_write: ['u32', 'vectors', WORD],
  path_create_directory: ['u32', 'path'],
  path_filestat_get: ['u32', 'u32', 'path', FILESTAT],
  path_filestat_set_times: ['u32', 'u32', 'path', 'u64', 'u64', 'u32'],
  path_link: ['u32', 'u32', 'path', 'u32', 'path'],
  path_open: ['u32', 'u32', 'path', 'u32', 'u64', 'u64', 'u32', WORD],
  path_readlink: ['u32', 'path', 'bytes', WORD],
  path_remove_directory: ['u32', 'path'],
  path_rename: ['u32', 'path', 'u32', 'path'],
  path_symlink: ['path', 'u32', 'path'],
  path_unlink_file: ['u32', 'path'],
  // The two blocks of poll_oneoff are as long as its third argument says: wasi-poll.ts checks them.
  poll_oneoff: ['u32', 'u32', 'u32', WORD],
  proc_exit: ['u32'],
  proc_raise: ['u32'],
  random_get: ['bytes'],
  sched_yield: [],
  sock_accept: ['u32', 'u32', WORD],
  sock_recv: ['u32', 'vectors', 'u32', WORD, out(2)],
  sock_send: ['u32', 'vectors', 'u32', WORD],
  sock_shutdown: ['u32', 'u32'],
} as const satisfies Record<string, readonly Parameter[]>;

export type WasiName = keyof typeof WASI_FUNCTIONS;

/** What a Wasm caller passes: i32 as numbers, i64 as BigInts. */
export type WasiValue = number | bigint;

/** The Wasm types of a call's parameters, in order. Every function returns an i32 but `proc_exit`, which returns nothing. */
export function wasmParameters(name: WasiName): ('i32' | 'i64')[] {
  return WASI_FUNCTIONS[name].flatMap((parameter: Parameter): ('i32' | 'i64')[] => {
    switch (parameter) {
      case 's64':
      case 'u64':
        return ['i64'];
      case 'bytes':
      case 'path':
      case 'vectors':
      case 'arguments':
      case 'environment':
        return ['i32', 'i32'];
      default:
        return ['i32'];
    }
  });
}

type ValuesOf<P> = P extends 's64' | 'u64'
  ? [bigint]
  : P extends 'bytes' | 'path' | 'vectors' | 'arguments' | 'environment'
    ? [number, number]
    : [number];
type AllValues<P extends readonly unknown[]> = P extends readonly [infer First, ...infer Rest]
  ? [...ValuesOf<First>, ...AllValues<Rest>]
  : [];

/** An implementation of a function after its arguments were checked: what it takes follows from the table. */
export type WasiCall<Name extends WasiName> = (...values: AllValues<(typeof WASI_FUNCTIONS)[Name]>) => number;

/** Implementations of some of the functions. */
export type WasiCalls = { readonly [Name in WasiName]?: WasiCall<Name> };
