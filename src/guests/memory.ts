/** Bounds-checked access to the guest's memory: an address from the guest is checked before anything is read or written. */

/** The bytes at `pointer`, or undefined when they do not all lie in memory. Not to be kept: memory may grow. */
export function guestBytes(
  memory: WebAssembly.Memory | undefined,
  pointer: number,
  length: number,
): Uint8Array | undefined {
  const from = pointer >>> 0;
  const count = length >>> 0;
  if (memory === undefined || from + count > memory.buffer.byteLength) return undefined;
  return new Uint8Array(memory.buffer, from, count);
}
