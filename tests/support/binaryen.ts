/** Turns the text format into a binary module with Binaryen, for what WABT does not know: the newest instructions and types. */
import binaryen from 'binaryen';

/** Import sections in the compact form: Binaryen reads them, engines do not yet. Its types do not name it. */
const compactImports = 1 << 26;

export function newWat(source: string): Uint8Array<ArrayBuffer> {
  const parsed = binaryen.parseText(source);
  try {
    parsed.setFeatures(binaryen.Features.All & ~compactImports);
    return new Uint8Array(parsed.emitBinary());
  } finally {
    parsed.dispose();
  }
}

/** A module read and written by Binaryen: imports one by one. */
export function withoutCompactImports(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const read = binaryen.readBinaryWithFeatures(bytes, binaryen.Features.All | compactImports);
  try {
    read.setFeatures(binaryen.Features.All & ~compactImports);
    return new Uint8Array(read.emitBinary());
  } finally {
    read.dispose();
  }
}

/** Whether this engine is the one that tests count on to have everything; elsewhere a module may be beyond it. */
export const newEngine = Number(process.versions.node.split('.')[0]) >= 26;
