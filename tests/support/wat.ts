/** Turns the text format into a binary module with WABT, so that a test carries its firmware inside itself. */
import wabtFactory from 'wabt';

const wabt = await wabtFactory();

export function wat(source: string): Uint8Array<ArrayBuffer> {
  const parsed = wabt.parseWat('test.wat', source, {
    exceptions: true,
    mutable_globals: true,
    sat_float_to_int: true,
    sign_extension: true,
    simd: true,
    threads: true,
    function_references: false,
    multi_value: true,
    tail_call: true,
    bulk_memory: true,
    reference_types: true,
    annotations: false,
    code_metadata: false,
    gc: false,
    extended_const: true,
    relaxed_simd: true,
  });
  try {
    parsed.resolveNames();
    parsed.validate();
    return new Uint8Array(parsed.toBinary({ write_debug_names: true }).buffer);
  } finally {
    parsed.destroy();
  }
}
