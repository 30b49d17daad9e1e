/**
 * What the engine has against a module, said in terms of the user's file: function and offset, where V8 tells them. Leaves to the
 * reader (src/wasm) what is malformed, which is refused before.
 */
import { WirqError } from '../errors.ts';
import { type Module, parseModule } from '../wasm/module.ts';
import { usesSwitch } from '../wasm/uses-switch.ts';

/** The engine's refusal of the user's module; undefined when it takes it. */
export function refusalOf(original: Uint8Array): WirqError | undefined {
  const copy = new Uint8Array(original); // the engine takes no shared memory
  if (WebAssembly.validate(copy)) return notCompiled(copy);
  try {
    new WebAssembly.Module(copy);
    return undefined;
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    return inTheFile(error, parseModule(copy));
  }
}

/** What stands in `inspect` and `instrument` beside a module that may be for another engine than this one. */
export function refusalWarning(bytes: Uint8Array): string[] {
  const refusal = refusalOf(bytes);
  return refusal === undefined ? [] : [`this engine refuses it: ${refusal.report.split('\n', 1)[0]}`];
}

/** `WebAssembly.Module(): Compiling function #3:"name" failed: what is wrong @+123`, as V8 says it. */
function inTheFile(error: WebAssembly.CompileError, module: Module): WirqError {
  const [, index, what = '', offset] =
    /^(?:WebAssembly\.Module\(\): )?(?:Compiling function #(\d+)(?::".*?")? failed: )?(.*?)(?: @\+(\d+))?$/s.exec(
      error.message,
    ) ?? [];
  const place = {
    function: index === undefined ? undefined : module.functionName(Number(index)),
    offset: offset === undefined ? undefined : Number(offset),
  };
  return new WirqError('bad-module', what, {
    place: index === undefined && offset === undefined ? undefined : place,
    advice: what.includes('stack switching not enabled')
      ? '--stacks wasmfx switches it on, enableStackSwitching() in a library'
      : 'the module is not valid WebAssembly, or uses a feature that this engine lacks (see wirq doctor)',
    cause: error,
  });
}

/** V8 14.6 takes `switch` for valid, and ends the process when it comes to compile it ("unimplemented code"). */
function notCompiled(bytes: Uint8Array): WirqError | undefined {
  const offset = usesSwitch(bytes);
  if (offset === undefined) return undefined;
  return new WirqError('unsupported', 'no engine can compile the instruction switch of stack switching yet', {
    place: { offset },
    advice: 'suspend and resume do what it does',
  });
}
