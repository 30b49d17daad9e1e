/**
 * Breaks modules in the ways that files break, and says whether instrument() answers as it should: with a WirqError or a module;
 * never refusing what the engine takes; never making an invalid module of a valid one; never out of proportion to its input.
 */
import { WirqError } from '../../src/errors.ts';
import { type Granularity, instrument } from '../../src/rewrite/instrument.ts';
import { Random } from './differential-modules.ts';

/** A section as bytes: id, size, contents. */
interface Span {
  readonly start: number;
  readonly contents: number;
  readonly end: number;
}

/** Reads sizes as a mutilated module gives them; stops at what makes no sense. */
function sections(bytes: Uint8Array): Span[] {
  const spans: Span[] = [];
  let offset = 8;
  while (offset < bytes.length) {
    const start = offset++;
    let size = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[offset++] ?? 0;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (offset + size > bytes.length) return spans;
    spans.push({ start, contents: offset, end: offset + size });
    offset += size;
  }
  return spans;
}

function leb(value: number, padding: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      out.push(rest);
      break;
    }
    out.push((rest % 128) | 0x80);
  }
  for (let i = 0; i < padding; i++) {
    out[out.length - 1]! |= 0x80;
    out.push(0);
  }
  return out;
}

function concatenated(...parts: (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

type Mutation = (bytes: Uint8Array<ArrayBuffer>, random: Random) => Uint8Array<ArrayBuffer>;

function flip(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const mutated = bytes.slice();
  for (let i = random.below(3); i >= 0; i--) mutated[8 + random.below(bytes.length - 8)]! ^= 1 << random.below(8);
  return mutated;
}

/** Numbers that programs trip over. */
const notable = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xff, 0xfb, 0xfc, 0xfd, 0xfe, 0x0b, 0x05, 0x03, 0x02, 0x1f, 0x06];

function overwrite(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const mutated = bytes.slice();
  mutated[8 + random.below(bytes.length - 8)] = notable[random.below(notable.length)]!;
  return mutated;
}

function cut(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  return bytes.slice(0, random.below(bytes.length));
}

/** Takes bytes out, or copies some to another place, and leaves all sizes as they were. */
function splice(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = 8 + random.below(bytes.length - 8);
  const from = 8 + random.below(bytes.length - 8);
  const length = random.below(20);
  const inserted = random.oneIn(2) ? [] : bytes.subarray(from, from + length);
  return concatenated(bytes.subarray(0, at), inserted, bytes.subarray(at + (random.oneIn(2) ? length : 0)));
}

function withSpans(change: (spans: Span[], random: Random) => void): Mutation {
  return (bytes, random) => {
    const spans = sections(bytes);
    if (spans.length > 0) change(spans, random);
    return concatenated(bytes.subarray(0, 8), ...spans.map(({ start, end }) => bytes.subarray(start, end)));
  };
}

const swapSections = withSpans((spans, random) => {
  const a = random.below(spans.length);
  const b = random.below(spans.length);
  [spans[a], spans[b]] = [spans[b]!, spans[a]!];
});
const dropSection = withSpans((spans, random) => {
  spans.splice(random.below(spans.length), 1);
});
const repeatSection = withSpans((spans, random) => {
  spans.splice(random.below(spans.length), 0, spans[random.below(spans.length)]!);
});

/** Custom sections may stand anywhere; names and branch hints are read. */
function addCustom(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const spans = sections(bytes);
  const at = spans[random.below(Math.max(1, spans.length))]?.start ?? bytes.length;
  const name = [...new TextEncoder().encode(random.oneIn(2) ? 'name' : 'metadata.code.branch_hint')];
  const contents = [...leb(name.length, 0), ...name, ...random.bytes(random.below(30))];
  return concatenated(bytes.subarray(0, at), [0], leb(contents.length, 0), contents, bytes.subarray(at));
}

/** A section's count, as long a number as may be or one that no section can hold. */
function rewriteCount(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const spans = sections(bytes);
  const span = spans[random.below(Math.max(1, spans.length))];
  if (span === undefined) return bytes;
  const huge = [0xffff_ffff, 0x7fff_ffff, 1_000_001, 1_000_000, 100_000, 50_001, 7_654_321];
  const count = bytes[span.contents] ?? 0;
  const number = random.oneIn(2) && count < 0x80 ? leb(count, 1 + random.below(4)) : leb(huge[random.below(7)]!, 0);
  const contents = concatenated(number, bytes.subarray(span.contents + 1, span.end));
  const size = leb(contents.length, random.oneIn(2) ? random.below(3) : 0);
  return concatenated(bytes.subarray(0, span.start + 1), size, contents, bytes.subarray(span.end));
}

/** Some byte below 0x80, wherever it stands, with the same number padded: where sizes permit, still valid. */
function pad(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = 8 + random.below(bytes.length - 8);
  return concatenated(bytes.subarray(0, at), leb(bytes[at]! & 0x7f, random.below(5)), bytes.subarray(at + 1));
}

const mutations: readonly Mutation[] = [
  ...[flip, flip, flip, overwrite, overwrite, overwrite, cut, splice, splice],
  ...[swapSections, dropSection, repeatSection, addCustom, addCustom, rewriteCount, rewriteCount, pad],
];

/** A broken copy, the same for the same seed. */
export function mutate(bytes: Uint8Array<ArrayBuffer>, seed: number): Uint8Array<ArrayBuffer> {
  const random = new Random(seed);
  const mutated = mutations[random.below(mutations.length)]!(bytes, random);
  return random.oneIn(6) && mutated.length > 8 ? overwrite(mutated, random) : mutated;
}

/** No rewriting makes a module this many times larger, or adds more than this to an empty one. */
const maxGrowth = 40;
const maxAdded = 4096;

export interface Verdict {
  /** Whether the engine takes the module. */
  readonly valid: boolean;
  /** It does not, but takes what instrument() made of it: whoever runs that has to ask about the original first. */
  readonly becameValid: boolean;
  /** What instrument() did wrong with it. */
  readonly fault: string | undefined;
}

/**
 * Asks the engine again and again. V8 looks at functions in several threads, and once in thousands of times overlooks that a
 * module mixes both encodings of exceptions.
 */
export function isValid(bytes: Uint8Array<ArrayBuffer>): boolean {
  for (let i = 0; i < 5; i++) if (!WebAssembly.validate(bytes)) return false;
  return true;
}

/** Puts a module through instrument(). */
export function checkMutation(bytes: Uint8Array<ArrayBuffer>, granularity: Granularity = 'loop'): Verdict {
  const valid = WebAssembly.validate(bytes);
  const wrong = (fault: string): Verdict => ({ valid, becameValid: false, fault: `${granularity}: ${fault}` });
  try {
    const { bytes: rewritten } = instrument(bytes, { granularity });
    if (rewritten.length > maxGrowth * bytes.length + maxAdded) return wrong(`grew to ${rewritten.length} bytes`);
    const stillValid = WebAssembly.validate(rewritten);
    if (valid && !stillValid && isValid(bytes)) return wrong('valid, but not after rewriting');
    return { valid, becameValid: !valid && stillValid, fault: undefined };
  } catch (error) {
    if (!(error instanceof WirqError)) return wrong(`no WirqError: ${(error as Error).stack}`);
    if (valid) return wrong(`the engine takes it, but: ${error.report}`);
    if (error.place?.offset === undefined) return wrong(`no place: ${error.report}`);
  }
  return { valid, becameValid: false, fault: undefined };
}
