/**
 * Value types and type definitions as the text format spells them: a type is a string, so that equal types are equal strings.
 * WebAssembly core specification 3.0, 5.3 "Types"; stack switching adds `cont`. Leaves out shared and string types.
 */
import { WirqError } from '../errors.ts';
import { maxParameters, maxResults, maxStructFields } from './limits.ts';
import { badModule, type Reader, Space } from './reader.ts';

/** `i32`, `v128`, `funcref`, `(ref null 3)`, … */
export type ValueType = string;

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** One entry of the type index space. Only functions are kept in full; of the others wirq needs no more than their kind. */
export interface TypeDefinition {
  readonly kind: 'func' | 'struct' | 'array' | 'cont';
  /** The signature of a function type. */
  readonly signature: FunctionType | undefined;
  /** Declared with `sub`: other types may be its subtypes, or it one of others. */
  readonly subtyping: boolean;
}

/** `(i32, i32) -> i32`, as messages show a signature. */
export function formatSignature(type: FunctionType): string {
  const results = type.results.length === 1 ? type.results[0] : `(${type.results.join(', ')})`;
  return `(${type.params.join(', ')}) -> ${results}`;
}

const numberTypes = new Map<number, ValueType>([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
]);

const heapTypes = new Map<number, string>([
  [0x75, 'nocont'],
  [0x74, 'noexn'],
  [0x73, 'nofunc'],
  [0x72, 'noextern'],
  [0x71, 'none'],
  [0x70, 'func'],
  [0x6f, 'extern'],
  [0x6e, 'any'],
  [0x6d, 'eq'],
  [0x6c, 'i31'],
  [0x6b, 'struct'],
  [0x6a, 'array'],
  [0x69, 'exn'],
  [0x68, 'cont'],
]);

/** The bottom types' shorthands do not follow the `…ref` pattern. */
const shorthands = new Map<string, ValueType>([
  ['nocont', 'nullcontref'],
  ['noexn', 'nullexnref'],
  ['nofunc', 'nullfuncref'],
  ['noextern', 'nullexternref'],
  ['none', 'nullref'],
]);

/** `func`, or the index of a type as a string. */
export function readHeapType(reader: Reader): string {
  const at = reader.offset;
  const code = reader.s33();
  if (code >= 0) {
    reader.note(Space.type, code);
    return String(code);
  }
  const name = heapTypes.get(code + 0x80);
  if (name === undefined) throw unknownType(code + 0x80, at);
  return name;
}

export function readValueType(reader: Reader): ValueType {
  const at = reader.offset;
  const code = reader.u8();
  const number = numberTypes.get(code);
  if (number !== undefined) return number;
  if (code === 0x63) return `(ref null ${readHeapType(reader)})`;
  if (code === 0x64) return `(ref ${readHeapType(reader)})`;
  const heap = heapTypes.get(code);
  if (heap === undefined) throw unknownType(code, at);
  return shorthands.get(heap) ?? `${heap}ref`;
}

function unknownType(code: number, at: number): WirqError {
  return new WirqError('unsupported', `unknown type 0x${code.toString(16)}`, { place: { offset: at } });
}

function readTypes(reader: Reader, what: string, limit: number): ValueType[] {
  const count = reader.count(what, limit);
  const types: ValueType[] = [];
  for (let i = 0; i < count; i++) types.push(readValueType(reader));
  return types;
}

function readField(reader: Reader): void {
  const packed = reader.bytes[reader.offset];
  if (packed === 0x78 || packed === 0x77) reader.skip(1);
  else readValueType(reader);
  const at = reader.offset;
  if (reader.u8() > 1) throw badModule('a field is neither const nor mut', at);
}

function readComposite(reader: Reader, subtyping: boolean): TypeDefinition {
  const at = reader.offset;
  const code = reader.u8();
  switch (code) {
    case 0x60: {
      const params = readTypes(reader, 'parameters', maxParameters);
      const results = readTypes(reader, 'results', maxResults);
      return { kind: 'func', signature: { params, results }, subtyping };
    }
    case 0x5f: {
      const fields = reader.count('fields', maxStructFields);
      for (let i = 0; i < fields; i++) readField(reader);
      return { kind: 'struct', signature: undefined, subtyping };
    }
    case 0x5e:
      readField(reader);
      return { kind: 'array', signature: undefined, subtyping };
    case 0x5d:
      readHeapType(reader);
      return { kind: 'cont', signature: undefined, subtyping };
    default:
      throw unknownType(code, at);
  }
}

function readSubtype(reader: Reader): TypeDefinition {
  const code = reader.bytes[reader.offset];
  if (code !== 0x50 && code !== 0x4f) return readComposite(reader, false);
  reader.skip(1);
  const parents = reader.count('supertypes', 1);
  for (let i = 0; i < parents; i++) reader.note(Space.type, reader.u32());
  return readComposite(reader, code === 0x50 || parents > 0);
}

/** One entry of the type section: a type, or a group of types that refer to each other. */
export function readTypeGroup(reader: Reader, types: TypeDefinition[], limit: number): void {
  if (reader.bytes[reader.offset] !== 0x4e) {
    types.push(readSubtype(reader));
    return;
  }
  reader.skip(1);
  const count = reader.count('types of a recursive group', limit);
  for (let i = 0; i < count; i++) types.push(readSubtype(reader));
}
