/**
 * The clock that kernels are timed by: the processor time of this thread, which other programs on a busy machine hardly move,
 * or the wall clock. Node shows the thread's clock (POSIX CLOCK_THREAD_CPUTIME_ID) to WASI guests only, so a guest of one
 * exported memory is made to read it. Processes (start-up, main-loop) are timed by the wall.
 */
import type { WASI } from 'node:wasi';

export type Clock = 'cpu' | 'wall';

let read: () => number = () => performance.now();

/** Milliseconds since some moment, by the chosen clock. */
export function stopwatch(): number {
  return read();
}

/** To be called before measuring. Returns the clock that is really used: `wall` where the thread's is not to be had. */
export async function chooseClock(clock: Clock): Promise<Clock> {
  if (clock === 'wall') return 'wall';
  muteExperimentalWarning();
  const { WASI } = await import('node:wasi');
  const reader = threadClock(new WASI({ version: 'preview1' }));
  if (reader === undefined) return 'wall';
  read = reader;
  return 'cpu';
}

const THREAD_CPUTIME = 3; // wasi_snapshot_preview1, clockid

function threadClock(wasi: WASI): (() => number) | undefined {
  // (module (memory (export "memory") 1))
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x05, 0x03, 0x01, 0x00, 0x01],
    ...[0x07, 0x0a, 0x01, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00],
  ]);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  wasi.initialize(instance);
  const view = new DataView((instance.exports.memory as WebAssembly.Memory).buffer);
  const getTime = wasi.wasiImport.clock_time_get as (id: number, precision: bigint, address: number) => number;
  if (getTime(THREAD_CPUTIME, 0n, 0) !== 0) return undefined;
  return () => {
    getTime(THREAD_CPUTIME, 0n, 0);
    return Number(view.getBigUint64(0, true)) / 1e6;
  };
}

/** That node:wasi is experimental is nothing a reader of figures can act on. */
function muteExperimentalWarning(): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
}
