/**
 * What others would do, beside ours in the same table: Binaryen's Asyncify, which lets every safepoint unwind the stack,
 * and a metering package from npm, which calls out at every block. Both are optional packages, loaded only when asked for.
 */
import { instrument } from '../src/rewrite/instrument.ts';
import { codeBytes, compile, hooked, rewritings, type Subject, type Variant, VariantMissing } from './subjects.ts';

/** The little of the packages' interfaces that is used here; neither is a declared dependency with types of its own. */
interface Binaryen {
  readBinary(bytes: Uint8Array): {
    setFeatures(features: number): void;
    runPasses(passes: readonly string[]): void;
    optimize(): void;
    emitBinary(): Uint8Array;
    dispose(): void;
  };
  setOptimizeLevel(level: number): void;
  setShrinkLevel(level: number): void;
  readonly Features: { readonly All: number };
}

interface Metering {
  meterWASM(bytes: Buffer, options: { readonly meterType: 'i32' | 'i64' }): Buffer;
}

export const asyncify: Variant = {
  name: 'asyncify',
  meaning: 'no-unroll, then Binaryen’s Asyncify and -O2: every safepoint can unwind',
  async prepare(bytes, nonce) {
    const binaryen = await optional<Binaryen>('binaryen');
    const { bytes: changed, hookNames } = instrument(bytes, { unroll: false });
    const module = binaryen.readBinary(changed);
    module.setFeatures(binaryen.Features.All);
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(0);
    module.runPasses(['asyncify']);
    module.optimize();
    const unwinding = new Uint8Array(module.emitBinary());
    module.dispose();
    return hooked(unwinding, hookNames, nonce);
  },
};

export const metering: Variant = {
  name: 'metering',
  meaning: 'wasm-metering from npm: an import call with the cost of every block',
  async prepare(bytes, nonce): Promise<Subject> {
    const { meterWASM } = await optional<Metering>('wasm-metering');
    const changed = new Uint8Array(meter(meterWASM, bytes));
    let used = 0;
    const usegas = (amount: number): void => {
      used += amount;
    };
    const { exports } = new WebAssembly.Instance(compile(changed, nonce), { metering: { usegas } });
    const run = exports.run as (n: number) => number;
    return {
      run(n) {
        used = 0;
        const checksum = run(n);
        if (used === 0) throw new Error('the metering package counted nothing');
        return checksum;
      },
      codeBytes: codeBytes(changed),
    };
  },
};

/** All that can be asked for by name. */
export const variants: readonly Variant[] = [...rewritings, asyncify, metering];

/** The package knows the first version of Wasm only, and fails in its own ways on anything newer. */
function meter(meterWASM: Metering['meterWASM'], bytes: Uint8Array): Uint8Array {
  try {
    return meterWASM(Buffer.from(bytes), { meterType: 'i32' });
  } catch (error) {
    throw new VariantMissing(`wasm-metering cannot read this module: ${error}`);
  }
}

async function optional<T>(name: string): Promise<T> {
  try {
    const loaded = (await import(name)) as { default: T };
    return loaded.default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new VariantMissing(`the package ${name} is not installed`);
  }
}
