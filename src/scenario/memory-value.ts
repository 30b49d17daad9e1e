/** Values in guest memory, little-endian as WebAssembly lays them out, by the type names that scenarios use. */
import type { Machine } from '../machine/machine.ts';
import type { MemoryType } from './scenario.ts';

const READERS: Readonly<Record<MemoryType, { bytes: number; read: (view: DataView) => number | bigint }>> = {
  u8: { bytes: 1, read: (view) => view.getUint8(0) },
  i8: { bytes: 1, read: (view) => view.getInt8(0) },
  u16: { bytes: 2, read: (view) => view.getUint16(0, true) },
  i16: { bytes: 2, read: (view) => view.getInt16(0, true) },
  u32: { bytes: 4, read: (view) => view.getUint32(0, true) },
  i32: { bytes: 4, read: (view) => view.getInt32(0, true) },
  u64: { bytes: 8, read: (view) => view.getBigUint64(0, true) },
  i64: { bytes: 8, read: (view) => view.getBigInt64(0, true) },
  f32: { bytes: 4, read: (view) => view.getFloat32(0, true) },
  f64: { bytes: 8, read: (view) => view.getFloat64(0, true) },
};

/** @throws WirqError `bad-argument` when the value does not lie in the guest's memory. */
export function readMemoryValue(machine: Machine, address: number, type: MemoryType): number | bigint {
  const { bytes, read } = READERS[type];
  return read(new DataView(machine.readMemory(address, bytes).buffer));
}

const WRITERS: Readonly<Record<MemoryType, (view: DataView, value: number | bigint) => void>> = {
  u8: (view, value) => view.setUint8(0, Number(value)),
  i8: (view, value) => view.setInt8(0, Number(value)),
  u16: (view, value) => view.setUint16(0, Number(value), true),
  i16: (view, value) => view.setInt16(0, Number(value), true),
  u32: (view, value) => view.setUint32(0, Number(value), true),
  i32: (view, value) => view.setInt32(0, Number(value), true),
  u64: (view, value) => view.setBigUint64(0, BigInt(value), true),
  i64: (view, value) => view.setBigInt64(0, BigInt(value), true),
  f32: (view, value) => view.setFloat32(0, Number(value), true),
  f64: (view, value) => view.setFloat64(0, Number(value), true),
};

export const MEMORY_TYPES = Object.keys(READERS) as readonly MemoryType[];

/** A value as it lies in memory; undefined when it is none of the type. */
export function bytesOfValue(value: number | bigint, type: MemoryType): Uint8Array | undefined {
  if (type[0] !== 'f' && typeof value === 'number' && !Number.isSafeInteger(value)) return undefined;
  const view = new DataView(new ArrayBuffer(READERS[type].bytes));
  WRITERS[type](view, value);
  const same = String(READERS[type].read(view)) === String(value);
  return same || type === 'f32' ? new Uint8Array(view.buffer) : undefined;
}

/** Integers with their hexadecimal form beside it from 10 on, so that addresses and flags are recognised. */
export function formatMemory(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(value);
  return value >= 10 ? `${value} (0x${value.toString(16)})` : String(value);
}
