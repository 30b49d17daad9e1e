/** Guest memory as tests and scripts look at it: bytes, or copies of them, and the addresses of variables that the module exports. */
import { WirqError } from '../errors.ts';
import type { Module } from '../wasm/module.ts';

/** @throws WirqError `bad-argument` when the bytes do not lie in memory, or there is none. */
export function copyOfMemory(memory: WebAssembly.Memory | undefined, address: number, length: number): Uint8Array {
  return new Uint8Array(memoryAt(memory, address, length));
}

/** The bytes where they lie. @throws WirqError `bad-argument` as `copyOfMemory` does. */
export function memoryAt(memory: WebAssembly.Memory | undefined, address: number, length: number): Uint8Array {
  const whole = Number.isInteger(address) && address >= 0 && Number.isInteger(length) && length >= 0;
  const fits = memory !== undefined && whole && address + length <= memory.buffer.byteLength;
  if (fits) return new Uint8Array(memory.buffer, address, length);
  throw new WirqError('bad-argument', `${length} bytes at address ${address} do not lie in the guest's memory`, {
    advice:
      memory === undefined
        ? 'the guest has no memory, or does not run yet'
        : `it has ${memory.buffer.byteLength} bytes`,
  });
}

/** The address that an exported global holds; `value` is undefined where there is no such i32 global. */
export function addressOf(value: number | undefined, name: string, module: Module): number {
  if (value !== undefined) return value >>> 0;
  const globals = module.exports.filter((each) => each.kind === 'global').map((each) => each.name);
  throw new WirqError('bad-argument', `the module exports no i32 global ${name}`, {
    advice:
      globals.length === 0
        ? 'it exports no globals; link with --export=NAME'
        : `it exports ${globals.slice(0, 12).join(', ')}`,
  });
}
