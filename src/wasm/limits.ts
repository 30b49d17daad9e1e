/**
 * Every limit on a module, in one place: what V8 itself refuses beyond (its wasm-limits.h and the JS API's
 * "implementation-defined limits"), and our own where V8 has none. Reaching one is a `limit` error, never a crash.
 */

/** Largest module we read; V8 takes up to 1 GiB, and our offsets stay far below 2^31 even when the code grows. */
export const maxModuleBytes = 1024 * 1024 * 1024;
/** V8's limit on one function body; the rewritten body has to stay below it too. */
export const maxFunctionBytes = 7_654_321;
/** V8's limit on locals of one function, parameters included. */
export const maxLocals = 50_000;
export const maxTypes = 1_000_000;
export const maxImports = 1_000_000;
export const maxFunctions = 1_000_000;
export const maxExports = 1_000_000;
export const maxGlobals = 1_000_000;
export const maxTables = 100_000;
export const maxMemories = 100_000;
export const maxTags = 1_000_000;
export const maxSegments = 10_000_000;
export const maxParameters = 1_000;
export const maxResults = 1_000;
export const maxStructFields = 10_000;
export const maxBranchTable = 65_520;
/** How deep blocks may nest in one function: bounds our own control stack. */
export const maxNesting = 1_000_000;
export const maxNameBytes = 100_000;
/** Branch hints of one function: as many as there can be instructions. */
export const maxBranchHints = maxFunctionBytes;
/** How many counted instructions may pass between two safepoints before a function gets a check of its own. */
export const maxStretch = 65_536;
/** Largest `.debug_line` section that is looked at: some ten times what a large program has. */
export const maxDebugLineBytes = 64 * 1024 * 1024;
/** The most bytes in it that the lines of one function take, or the files of one unit: a lookup reads through both. */
export const maxDebugUnitBytes = 1024 * 1024;
/** Largest source map, as text; and its mappings, which take some thirty times as much memory once they are read. */
export const maxSourceMapLength = 64 * 1024 * 1024;
export const maxMappingsLength = 8 * 1024 * 1024;
