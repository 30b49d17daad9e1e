/** The backends that this engine has, each behind a guest of a few lines, for tests that hold for all of them. */
import { setFlagsFromString } from 'node:v8';
import { loadAsyncify } from '../../src/host/asyncify.ts';
import { AsyncifyBackend } from '../../src/stacks/asyncify.ts';
import type { Backend, BackendName, Doorway, GuestFunction, Shape } from '../../src/stacks/backend.ts';
import { JspiBackend } from '../../src/stacks/jspi.ts';
import { WasmfxBackend } from '../../src/stacks/wasmfx.ts';
import { wat } from '../support/wat.ts';

const asyncify = await loadAsyncify();
const CONTINUATION = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 2, 0x60, 0, 0, 0x5d, 0);
if (Number(process.versions.node.split('.')[0]) >= 26) setFlagsFromString('--experimental-wasm-wasmfx');

/** Those that can park. */
export const PARKING: readonly BackendName[] = [
  'asyncify',
  ...(WebAssembly.validate(CONTINUATION) ? (['wasmfx'] as const) : []),
  ...('Suspending' in WebAssembly ? (['jspi'] as const) : []),
];

export interface Rig {
  readonly backend: Backend;
  guest(name: string): GuestFunction;
}

/** A guest that imports its doorways as `h` `0`, `1` and so on, and exports its memory. */
export function rig(name: BackendName, source: string, doors: readonly Doorway[], shapes: readonly Shape[]): Rig {
  const bytes = wat(source);
  const backend = backendOf(name, doors, shapes);
  const h = Object.fromEntries(backend.doors.map((door, k) => [k, door])) as Record<string, WebAssembly.ImportValue>;
  const module = new WebAssembly.Module(name === 'asyncify' ? asyncify(bytes) : bytes);
  const { exports } = new WebAssembly.Instance(module, { h });
  if (backend instanceof AsyncifyBackend) backend.connect(exports, exports.memory as WebAssembly.Memory);
  return { backend, guest: (each) => exports[each] as GuestFunction };
}

function backendOf(name: BackendName, doors: readonly Doorway[], shapes: readonly Shape[]): Backend {
  switch (name) {
    case 'wasmfx':
      return new WasmfxBackend(doors, shapes);
    case 'jspi':
      return new JspiBackend(doors, shapes);
    default:
      return new AsyncifyBackend(doors);
  }
}
