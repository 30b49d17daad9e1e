/** Turns the text format into a binary module with Binaryen, for what WABT does not know: the newest instructions and types. */
import binaryen from 'binaryen';

export function newWat(source: string): Uint8Array<ArrayBuffer> {
  const parsed = binaryen.parseText(source);
  try {
    parsed.setFeatures(binaryen.Features.All);
    return new Uint8Array(parsed.emitBinary());
  } finally {
    parsed.dispose();
  }
}

/** Whether this engine is the one that tests count on to have everything; elsewhere a module may be beyond it. */
export const newEngine = Number(process.versions.node.split('.')[0]) >= 26;
