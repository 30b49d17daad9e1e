/**
 * Checks a WASI call's arguments against the guest's memory before anything acts on them: every pointer in range
 * (else FAULT), every path valid UTF-8 (else ILSEQ), every list of vectors short enough (else INVAL).
 * Holds no view of the memory: it may grow, and detach its buffer, between any two calls.
 */
import { wasi } from '@bjorn3/browser_wasi_shim';
import { type Parameter, WASI_FUNCTIONS, type WasiName, type WasiValue } from './wasi-signatures.ts';

/** As POSIX's IOV_MAX commonly is. */
export const MAX_VECTORS = 1024;
/** As Linux's PATH_MAX. */
export const MAX_PATH_BYTES = 4096;

/** The bytes that a list of strings and its table of pointers take, for args_get and environ_get. */
export interface StringTable {
  readonly count: number;
  readonly bytes: number;
}

/** What the check needs to know besides the arguments. */
export interface CallContext {
  readonly memory: WebAssembly.Memory | undefined;
  readonly arguments: StringTable;
  readonly environment: StringTable;
}

export interface CheckedCall {
  /** A WASI errno: 0 when the call may go on. */
  readonly errno: number;
  /** The arguments, i32 as unsigned numbers, i64 signed or unsigned as the parameter says. */
  readonly values: readonly WasiValue[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Checks one call. Total for every list of numbers and BigInts: reports, never throws. */
export function checkCall(name: WasiName, given: readonly WasiValue[], context: CallContext): CheckedCall {
  const bytes = new Uint8Array(context.memory?.buffer ?? new ArrayBuffer(0));
  const values: WasiValue[] = [];
  let errno = 0;
  let next = 0;
  const takeWord = (): number => {
    const word = Number(given[next++] ?? 0) >>> 0;
    values.push(word);
    return word;
  };
  for (const parameter of WASI_FUNCTIONS[name] as readonly Parameter[]) {
    let found = 0;
    if (parameter === 'u64') values.push(BigInt.asUintN(64, BigInt(given[next++] ?? 0)));
    else if (parameter === 's64') values.push(BigInt.asIntN(64, BigInt(given[next++] ?? 0)));
    else if (parameter === 'u32') takeWord();
    else if (typeof parameter === 'object') found = checkRange(bytes, takeWord(), parameter.out);
    else {
      const [first, second] = [takeWord(), takeWord()];
      found = checkPair(parameter, bytes, first, second, context);
      if (parameter === 'vectors' && found === 0) values[values.length - 1] = fittingVectors(bytes, first, second);
    }
    if (errno === 0) errno = found;
  }
  return { errno, values };
}

function checkPair(
  kind: 'bytes' | 'path' | 'vectors' | 'arguments' | 'environment',
  bytes: Uint8Array,
  first: number,
  second: number,
  context: CallContext,
): number {
  switch (kind) {
    case 'bytes':
      return checkRange(bytes, first, second);
    case 'path':
      return checkPath(bytes, first, second);
    case 'vectors':
      return checkVectors(bytes, first, second);
    default: {
      const table = context[kind];
      return checkRange(bytes, first, table.count * 4) || checkRange(bytes, second, table.bytes);
    }
  }
}

/** FAULT unless `length` bytes from `pointer` lie in the memory, even where `length` is 0. */
export function checkRange(bytes: Uint8Array, pointer: number, length: number): number {
  return pointer + length <= bytes.byteLength ? 0 : wasi.ERRNO_FAULT;
}

function checkPath(bytes: Uint8Array, pointer: number, length: number): number {
  const fault = checkRange(bytes, pointer, length);
  if (fault !== 0) return fault;
  if (length > MAX_PATH_BYTES) return wasi.ERRNO_NAMETOOLONG;
  // A copy, since TextDecoder refuses shared memory.
  const path = bytes.slice(pointer, pointer + length);
  if (path.includes(0)) return wasi.ERRNO_INVAL;
  try {
    utf8.decode(path);
    return 0;
  } catch {
    return wasi.ERRNO_ILSEQ;
  }
}

function checkVectors(bytes: Uint8Array, pointer: number, count: number): number {
  if (count > MAX_VECTORS) return wasi.ERRNO_INVAL;
  if (checkRange(bytes, pointer, count * 8) !== 0) return wasi.ERRNO_FAULT;
  const view = new DataView(bytes.buffer);
  for (let at = pointer; at < pointer + count * 8; at += 8) {
    const fault = checkRange(bytes, view.getUint32(at, true), view.getUint32(at + 4, true));
    if (fault !== 0) return fault;
  }
  return 0;
}

/**
 * How many of the vectors, from the first on, describe no more bytes than the memory has; the rest wait for the next
 * call, as in any short read or write. Else a thousand vectors to the same bytes would make the host allocate a
 * thousand times the guest's memory.
 */
function fittingVectors(bytes: Uint8Array, pointer: number, count: number): number {
  const view = new DataView(bytes.buffer);
  let total = 0;
  for (let index = 0; index < count; index++) {
    total += view.getUint32(pointer + index * 8 + 4, true);
    if (total > bytes.byteLength) return index;
  }
  return count;
}

/** The bytes that a list of vectors describes, in all. The list has passed the check. */
export function vectorBytes(memory: WebAssembly.Memory, pointer: number, count: number): number {
  const view = new DataView(memory.buffer);
  let total = 0;
  for (let i = 0; i < count; i++) total += view.getUint32(pointer + i * 8 + 4, true);
  return total;
}
