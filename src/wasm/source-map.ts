/**
 * Which line of which file a byte of code comes from, by a source map: the one that the module's `sourceMappingURL` section names
 * (WebAssembly tool conventions), in the section itself as a data: URL or in a file that the host finds. In a map for WebAssembly
 * the generated column is the offset in the file. Left out: maps made of sections, which no compiler to WebAssembly writes, and
 * addresses on a network.
 */
import { createRequire } from 'node:module';
import type { TraceMap } from '@jridgewell/trace-mapping';
import { WirqError } from '../errors.ts';
import type { SourcePosition } from './debug-line.ts';
import { maxMappingsLength, maxSourceMapLength } from './limits.ts';
import { type Module, sectionIds } from './module.ts';
import { Reader } from './reader.ts';

/**
 * Finds the file that a module names as its source map, and gives its text; undefined if the host gives none.
 * @throws WirqError for one that cannot be read.
 */
export type LoadSourceMap = (url: string) => string | undefined;

type Library = typeof import('@jridgewell/trace-mapping');

/** Loaded when a map is read: most runs read none, and a lookup cannot wait for an import. */
const library = (): Library => createRequire(import.meta.url)('@jridgewell/trace-mapping');

/** What the `sourceMappingURL` section says; undefined without one. @throws WirqError for a malformed one. */
export function sourceMapUrl(module: Module): string | undefined {
  const section = module.sections.find((each) => each.id === sectionIds.custom && each.name === 'sourceMappingURL');
  if (section === undefined) return undefined;
  return new Reader(module.bytes, section.body, section.end).name(maxSourceMapLength);
}

export class SourceMap {
  /** The files it speaks of. */
  readonly sources: number;
  readonly #module: Module;
  readonly #map: TraceMap;

  /**
   * @param text as it was found, at an address or in a data: URL.
   * @throws WirqError `unsupported` for what is no source map that this reads.
   */
  constructor(module: Module, text: string) {
    this.#module = module;
    this.#map = readMap(text);
    this.sources = this.#map.sources.length;
  }

  /** `offset` is that of an instruction in the file. Undefined where the map does not say. */
  find(offset: number): SourcePosition | undefined {
    const body = functionBodyAt(this.#module, offset);
    const found = library().traceSegment(this.#map, 0, offset);
    // What stands before this function is about another one.
    if (body === undefined || found === null || found[0] < body.start || found.length === 1) return undefined;
    const [, source, line, column] = found;
    // Not below the map's sourceRoot: it says where sources can be fetched, not what the user calls them.
    const file = this.#map.sources[source];
    const isPlace = typeof file === 'string' && file !== '' && line >= 0 && column >= 0;
    return isPlace ? { file, line: line + 1, column: column + 1 } : undefined;
  }
}

/** The text that a data: URL holds (RFC 2397); undefined for any other URL. @throws WirqError for a malformed one. */
export function dataUrlText(url: string): string | undefined {
  const match = /^data:([^,]{0,200}),/i.exec(url);
  if (match === null) return undefined;
  const contents = url.slice(match[0].length);
  try {
    if (!/;base64$/i.test(match[1]!)) return decodeURIComponent(contents);
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(atob(contents), (each) => each.charCodeAt(0)),
    );
  } catch {
    throw new WirqError('unsupported', 'the data: URL is malformed');
  }
}

function readMap(text: string): TraceMap {
  if (text.length > maxSourceMapLength)
    throw new WirqError('limit', `it is longer than ${maxSourceMapLength} characters`);
  const map = parse(text);
  const isMap =
    map.version === 3 &&
    typeof map.mappings === 'string' &&
    Array.isArray(map.sources) &&
    map.sources.every((each) => typeof each === 'string' || each === null);
  if (!isMap) throw new WirqError('unsupported', 'it is no source map of version 3');
  const { mappings: everything, sources } = map as { mappings: string; sources: string[] };
  const lineEnd = everything.indexOf(';');
  // A module is one generated line; each further one would cost memory for nothing.
  const mappings = lineEnd < 0 ? everything : everything.slice(0, lineEnd);
  if (mappings.length > maxMappingsLength) {
    throw new WirqError('limit', `its mappings are longer than ${maxMappingsLength} characters`);
  }
  const read = new (library().TraceMap)({ version: 3, names: [], mappings, sources });
  library().traceSegment(read, 0, 0); // decodes the mappings: throws now for those that it cannot decode
  return read;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    // A first line that guards against being run as a script may precede the map.
    const map: unknown = JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, ''));
    if (typeof map === 'object' && map !== null) return map as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw new WirqError('unsupported', 'it is not JSON');
}

function functionBodyAt({ bodies }: Module, offset: number): { readonly start: number } | undefined {
  let low = 0;
  let high = bodies.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bodies[middle]!.start <= offset) low = middle + 1;
    else high = middle;
  }
  const body = bodies[low - 1];
  return body !== undefined && offset < body.end ? body : undefined;
}
