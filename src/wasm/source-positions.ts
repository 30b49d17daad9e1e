/**
 * The debug information of a module, of whatever kind it is: from a byte of code to the user's file and line. DWARF comes first,
 * the source map where it says nothing. Nothing is read before it is asked for, and what cannot be read is none: a warning says
 * so. Left out: calls that the compiler inlined (a frame shows the place in the innermost), and DWARF in a file of its own.
 */
import { WirqError } from '../errors.ts';
import { DebugLine, type SourcePosition } from './debug-line.ts';
import { type Module, sectionIds } from './module.ts';
import { dataUrlText, type LoadSourceMap, SourceMap, sourceMapUrl } from './source-map.ts';

/** What there is of it, for people. */
export interface DebugInformation {
  readonly dwarf: { readonly versions: readonly number[]; readonly functions: number } | undefined;
  /** `url` is `data:` where the map stands in the module itself. */
  readonly sourceMap: { readonly url: string; readonly sources: number } | undefined;
  /** What could not be read. */
  readonly warnings: readonly string[];
}

/** Sections that name a file with the DWARF in it: the tool conventions' and LLVM's for split DWARF. */
const elsewhere = ['external_debug_info', '.debug_line.dwo'];
/** URLs in messages are cut to this length. */
const shownUrlLength = 100;

export class SourcePositions {
  readonly #module: Module;
  readonly #load: LoadSourceMap;
  #warnings: string[] | undefined;
  #lines: DebugLine | undefined;
  #map: SourceMap | undefined;
  #mapUrl: string | undefined;

  /** `load` finds source maps that stand beside the module; without it there are only those inside. */
  constructor(module: Module, load: LoadSourceMap = () => undefined) {
    this.#module = module;
    this.#load = load;
  }

  /**
   * The place in the user's source of the instruction at `offset` in the file; undefined where nothing says.
   *
   * @example new SourcePositions(module).find(0x1a3) // { file: 'sensor.c', line: 17, column: 9 }
   */
  find(offset: number): SourcePosition | undefined {
    this.#read();
    return this.#lines?.find(offset) ?? this.#map?.find(offset);
  }

  describe(): DebugInformation {
    const warnings = this.#read();
    const dwarf = this.#lines && { versions: this.#lines.versions, functions: this.#lines.sequences };
    const sourceMap = this.#map && { url: this.#mapUrl!, sources: this.#map.sources };
    return { dwarf, sourceMap, warnings };
  }

  #read(): readonly string[] {
    if (this.#warnings !== undefined) return this.#warnings;
    const warnings: string[] = [];
    this.#warnings = warnings;
    for (const name of elsewhere) {
      const names = this.#module.sections.some((each) => each.id === sectionIds.custom && each.name === name);
      if (names) warnings.push(`DWARF in a file of its own (section ${name}) is not read`);
    }
    this.#lines = DebugLine.of(this.#module);
    if (this.#lines?.problem !== undefined) warnings.push(`.debug_line: ${this.#lines.problem}`);
    try {
      this.#map = this.#readMap(warnings);
    } catch (error) {
      warnings.push(`source map${shown(this.#mapUrl)}: ${reason(error)}`);
    }
    return warnings;
  }

  #readMap(warnings: string[]): SourceMap | undefined {
    const url = sourceMapUrl(this.#module);
    if (url === undefined) return undefined;
    const inside = /^data:/i.test(url);
    this.#mapUrl = inside ? 'data:' : url;
    const text = inside ? dataUrlText(url) : this.#load(url);
    if (text !== undefined) return new SourceMap(this.#module, text);
    warnings.push(`source map${shown(this.#mapUrl)}: not found`);
    return undefined;
  }
}

function shown(url: string | undefined): string {
  if (url === undefined) return '';
  return ` ${url.length > shownUrlLength ? `${url.slice(0, shownUrlLength)}…` : url}`;
}

/** The library for source maps throws what it likes at a map that is none, running out of stack or memory included. */
function reason(error: unknown): string {
  if (error instanceof WirqError) return error.message;
  return `it cannot be read (${error instanceof Error ? error.message : String(error)})`;
}
