/**
 * What is known of a module before it runs: whether AssemblyScript made it, which of its functions are the runtime's,
 * and whether its export names may be shown to `@assemblyscript/loader`, which turns them into objects and would let
 * a hostile name reach `Object.prototype` or the module's own memory object.
 */

/** As much of a module as it takes to recognise it. */
export interface ModuleShape {
  /** `parameters` is the number of parameters of a function, where known. */
  readonly imports: readonly { module: string; name: string; kind: string; parameters?: number | undefined }[];
  readonly exports: readonly { name: string; kind: string }[];
  /** Names from the name section, if there is one. */
  readonly functionNames?: Iterable<string> | undefined;
}

/** The shape that the engine tells; it knows no parameters and no names. */
export function shapeOf(module: WebAssembly.Module): ModuleShape {
  return { imports: WebAssembly.Module.imports(module), exports: WebAssembly.Module.exports(module) };
}

/** Imports of `env` that asc's standard library declares: `console.log`, `Date.now`, … */
const BINDING = /^(?:console|Date|performance|process|crypto|Math|Reflect|document)\.[A-Za-z0-9]+$/;

/** Whether the AssemblyScript compiler made the module: by its names, its exported runtime, or its imports. */
export function isAssemblyScript(shape: ModuleShape): boolean {
  for (const name of shape.functionNames ?? []) if (name.startsWith('~lib/')) return true;
  const exported = new Set(shape.exports.map((one) => one.name));
  if (exported.has('__rtti_base')) return true;
  if (['__new', '__pin', '__unpin'].every((name) => exported.has(name))) return true;
  return shape.imports.some(({ module, name, kind, parameters }) => {
    if (module !== 'env' || kind !== 'function') return false;
    return (name === 'abort' && (parameters ?? 4) === 4) || BINDING.test(name);
  });
}

/**
 * Whether a function belongs to AssemblyScript's memory manager or collector, which is not re-entrant: a handler that
 * allocates while one of these is interrupted would corrupt the heap. `name` is from the name section.
 *
 * @example isRuntimeFunction('~lib/rt/tlsf/allocateBlock') // true
 */
export function isRuntimeFunction(name: string): boolean {
  return name.startsWith('~lib/rt/');
}

/**
 * Whether the loader may turn these exports into objects. It splits names at `.` and `#` and assigns along the way,
 * so `constructor#toString` would change `Object.prototype`, and `memory.grow` the memory itself. asc exports no such names.
 */
export function isSafeForLoader(exports: ModuleShape['exports']): boolean {
  const objects = new Set(exports.filter((one) => one.kind !== 'function').map((one) => one.name));
  return exports.every(({ name }) => {
    // The loader's own names would be replaced by the guest's.
    if (/^(?:[gs]et:)?__(?:get|new(?:String|Array))/.test(name)) return false;
    const path = name.split('#', 1)[0]!.split('.');
    const containers = name.includes('#') ? path : path.slice(0, -1);
    return containers.every(
      (part, index) =>
        !(part in Object.prototype) &&
        part !== 'prototype' &&
        !part.startsWith('__') &&
        !objects.has(path.slice(0, index + 1).join('.')),
    );
  });
}
