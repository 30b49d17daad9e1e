/** The text format of the newest instructions as a binary module, by Binaryen: WABT does not know them. */

/** The little of Binaryen that is used here; it is an optional package. */
interface Binaryen {
  parseText(source: string): { setFeatures(features: number): void; emitBinary(): Uint8Array; dispose(): void };
  readonly Features: { readonly All: number };
}

/** Import sections in the compact form, which engines do not read yet. */
const COMPACT_IMPORTS = 1 << 26;

export async function newWat(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const name = 'binaryen'; // not resolved when this is compiled
  const { default: binaryen } = (await import(name)) as { default: Binaryen };
  const module = binaryen.parseText(source);
  try {
    module.setFeatures(binaryen.Features.All & ~COMPACT_IMPORTS);
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}
