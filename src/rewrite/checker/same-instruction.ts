/**
 * Whether an instruction of a rewritten body is, byte for byte, one of the original's. Labels are left out: they are relative to
 * the nesting of blocks, which added code changes; lockstep.ts compares where they lead.
 */
import { Instructions } from '../../wasm/instructions.ts';
import { Effect } from '../../wasm/opcodes.ts';
import { type Flow, Kind } from './flow.ts';

export interface PlacedInstruction {
  readonly bytes: Uint8Array;
  readonly flow: Flow;
  readonly at: number;
}

export function sameInstruction(one: PlacedInstruction, other: PlacedInstruction): boolean {
  const { flow, at } = one;
  if (flow.opcode[at] !== other.flow.opcode[other.at]) return false;
  if (flow.kind[at] === Kind.branch || flow.effect[at] === Effect.switch) {
    return withoutLabels(one) === withoutLabels(other);
  }
  if (flow.rethrows.has(at)) return catchDepth(one) === catchDepth(other);
  const [start, from] = [flow.start[at]!, other.flow.start[other.at]!];
  const length = flow.end(at) - start;
  if (length !== other.flow.end(other.at) - from) return false;
  for (let i = 0; i < length; i++) if (one.bytes[start + i] !== other.bytes[from + i]) return false;
  return true;
}

/** How many tries there are around the one whose exception a rethrow throws. */
function catchDepth({ flow, at }: PlacedInstruction): number {
  let depth = 0;
  for (let block = flow.rethrows.get(at)!; block >= 0; block = flow.tries[block]!.parent) depth++;
  return depth;
}

function withoutLabels({ bytes, flow, at }: PlacedInstruction): string {
  const start = flow.start[at]!;
  const code = new Instructions(bytes, start);
  code.next();
  const parts: string[] = [];
  const several = flow.effect[at] === Effect.switch || flow.effect[at] === Effect.brTable;
  const spans = several
    ? code.labels.flatMap((_, i) => [code.startOfLabel(i), code.endOfLabel(i)])
    : [code.labelStart, code.labelEnd];
  let from = start;
  for (let i = 0; i < spans.length; i += 2) {
    parts.push(bytes.subarray(from, spans[i]).join());
    from = spans[i + 1]!;
  }
  return [...parts, bytes.subarray(from, code.offset).join()].join(' ');
}
