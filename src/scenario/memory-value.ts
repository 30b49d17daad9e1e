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

/** Integers with their hexadecimal form beside it from 10 on, so that addresses and flags are recognised. */
export function formatMemory(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(value);
  return value >= 10 ? `${value} (0x${value.toString(16)})` : String(value);
}
