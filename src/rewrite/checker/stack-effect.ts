/**
 * How many operands each instruction takes and leaves, by its name in the opcode table. Core specification 3.4 "Instructions".
 * Leaves out control instructions, and those whose count depends on a type or an immediate: flow.ts works those out.
 */
import { opcodeCount, opcodeName } from '../../wasm/opcodes.ts';

/** For instructions that no rule is about. */
export const varies = 0xff;

/** By opcode. */
export interface StackEffects {
  readonly pops: Uint8Array;
  readonly pushes: Uint8Array;
}

type Rule = readonly [pattern: RegExp, pops: number, pushes: number];

/** The first that matches a name decides. */
const rules: readonly Rule[] = [
  [/^(nop|atomic\.fence|data\.drop|elem\.drop)$/, 0, 0],
  [/^drop$/, 1, 0],
  [/^select$/, 3, 1],
  [/^(local|global)\.get$/, 0, 1],
  [/^(local|global)\.set$/, 1, 0],
  [/^local\.tee$/, 1, 1],
  [/^table\.get$/, 1, 1],
  [/^table\.set$/, 2, 0],
  [/^table\.grow$/, 2, 1],
  [/^(table|memory)\.size$/, 0, 1],
  [/^memory\.grow$/, 1, 1],
  [/^(memory|table)\.(init|copy|fill)$/, 3, 0],
  [/\.const$/, 0, 1],
  // Threads
  [/^memory\.atomic\.notify$/, 2, 1],
  [/^memory\.atomic\.wait/, 3, 1],
  [/\.cmpxchg/, 3, 1],
  [/\.atomic\.rmw/, 2, 1],
  // Lanes to and from memory
  [/^v128\.load\d+_lane$/, 2, 1],
  [/^v128\.store\d+_lane$/, 2, 0],
  [/^(i32|i64|f32|f64|v128)(\.atomic)?\.load/, 1, 1],
  [/^(i32|i64|f32|f64|v128)(\.atomic)?\.store/, 2, 0],
  // References and aggregates
  [/^ref\.(null|func)$/, 0, 1],
  [/^ref\.eq$/, 2, 1],
  [/^(ref\.(is_null|as_non_null|test|test_null|cast|cast_null|i31)|i31\.get_[su])$/, 1, 1],
  [/^(any\.convert_extern|extern\.convert_any|cont\.new)$/, 1, 1],
  [/^struct\.new_default$/, 0, 1],
  [/^struct\.get/, 1, 1],
  [/^struct\.set$/, 2, 0],
  [/^array\.(new_default|len)$/, 1, 1],
  [/^array\.(new|new_data|new_elem)$/, 2, 1],
  [/^array\.get/, 2, 1],
  [/^array\.set$/, 3, 0],
  [/^array\.(fill|init_data|init_elem)$/, 4, 0],
  [/^array\.copy$/, 5, 0],
  // Wide arithmetic
  [/^i64\.(add|sub)128$/, 4, 2],
  [/^i64\.mul_wide_[su]$/, 2, 2],
  // Vectors
  [/^v128\.bitselect$|laneselect$|relaxed_n?madd$|_add_s$/, 3, 1],
  [/^v128\.(not|any_true)$|\.(all_true|bitmask|splat)$|\.extract_lane(_[su])?$/, 1, 1],
  [/\.(extend_(low|high)|extadd_pairwise|convert_low|promote_low)_/, 1, 1],
  [/\.(relaxed_)?trunc_|\.demote_/, 1, 1],
  // Numbers, in scalars and in lanes
  [/\.(eqz|clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt)$/, 1, 1],
  [/\.(wrap_i64|promote_f32|extend_i32_[su]|extend\d+_s)$|\.(convert|reinterpret)_/, 1, 1],
  [/^(i32|i64|f32|f64|v128|[if]\d+x\d+)\./, 2, 1],
];

let known: StackEffects | undefined;

/** Made when first asked for: only who verifies pays for it. */
export function stackEffects(): StackEffects {
  known ??= makeStackEffects();
  return known;
}

function makeStackEffects(): StackEffects {
  const pops = new Uint8Array(opcodeCount).fill(varies);
  const pushes = new Uint8Array(opcodeCount).fill(varies);
  for (let opcode = 0; opcode < opcodeCount; opcode++) {
    const rule = rules.find(([pattern]) => pattern.test(opcodeName(opcode)));
    if (rule === undefined) continue;
    pops[opcode] = rule[1];
    pushes[opcode] = rule[2];
  }
  return { pops, pushes };
}
