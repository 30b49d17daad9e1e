/**
 * The programs the benchmarks run: what each is like, how much work makes 20 to 60 ms of it, and what it must compute.
 * Each is a module without imports beside its C source in kernels/, with `run(n) -> checksum` and `selftest() -> 0`.
 * Leaves out how they are measured (kernel-ratios.ts).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Kernel {
  readonly name: string;
  /** What the time goes into, in a few words. */
  readonly character: string;
  /** The argument of `run` for one measurement. */
  readonly n: number;
  /** What `run(n)` returns, on any engine. */
  readonly checksum: number;
}

export const kernels: readonly Kernel[] = [
  { name: 'aes', character: 'short byte loops, table loads', n: 1800, checksum: -558399417 },
  { name: 'big-integer', character: 'carry chains, 64-bit products', n: 60, checksum: 814313359 },
  { name: 'crc32', character: 'tight loop, one table load a byte', n: 180, checksum: -289164048 },
  { name: 'decision-tree', character: 'data-dependent walks', n: 500, checksum: 265515530 },
  { name: 'dispatch', character: 'indirect calls to tiny functions', n: 2_500_000, checksum: -191714151 },
  { name: 'expression', character: 'mutual recursion over text', n: 65_000, checksum: -1747259213 },
  { name: 'fft', character: 'float butterflies, strides', n: 1100, checksum: 1200337980 },
  { name: 'fir', character: 'multiply-accumulate', n: 1400, checksum: 1216972689 },
  { name: 'huffman', character: 'bit by bit tree walks', n: 60, checksum: -2107301911 },
  { name: 'image-blocks', character: '8x8 transforms, fixed point', n: 18_000, checksum: 227928426 },
  { name: 'interpreter', character: 'one loop around a br_table', n: 600, checksum: 1592850176 },
  { name: 'json', character: 'byte-stream parser', n: 2500, checksum: -787419574 },
  { name: 'linked-list', character: 'pointer chasing', n: 220, checksum: 507068471 },
  { name: 'lz', character: 'hash chains, byte compares, copies', n: 100, checksum: 622367179 },
  { name: 'matrix-float', character: 'double, triangular loops', n: 1800, checksum: 94464000 },
  { name: 'matrix-int', character: 'triple loop', n: 450, checksum: 369021440 },
  { name: 'md5', character: '64 data-dependent steps', n: 6000, checksum: -1899120536 },
  { name: 'orbits', character: 'double, divides and roots', n: 300_000, checksum: -753210 },
  { name: 'queens', character: 'recursion with a short loop', n: 13, checksum: 73712 },
  { name: 'recursion', character: 'calls and nothing else', n: 33, checksum: 3525088 },
  { name: 'sha256', character: 'straight integer code', n: 4500, checksum: -1638913863 },
  { name: 'sort', character: 'unpredictable branches', n: 80, checksum: 395595774 },
  { name: 'state-machine', character: 'a switch per byte', n: 800, checksum: 961209695 },
  { name: 'stride', character: 'memory-bound, 4 MiB', n: 8, checksum: 1260388352 },
  { name: 'sudoku', character: 'table scans, backtracking', n: 2600, checksum: 2089389136 },
  { name: 'table', character: 'two-instruction loops over tables', n: 3000, checksum: 1164641152 },
  { name: 'tar', character: 'header walks, string compares', n: 40_000, checksum: 519533392 },
];

/** Firmware whose `run` is entered once and stays in one loop: what engines that optimise at the next call never speed up. */
export const mainLoop: Kernel = {
  name: 'main-loop',
  character: 'control loop entered once',
  n: 3_000_000,
  checksum: 848154268,
};

/** The module's bytes; `root` is the repository's folder. */
export function kernelBytes(root: string, kernel: Kernel): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(root, 'bench', 'kernels', `${kernel.name}.wasm`)));
}
