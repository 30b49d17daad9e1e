/** Writes a function's declarations of locals anew, with those behind them that safepoints need. Core specification 5.5.13. */
import { WirqError } from '../errors.ts';
import { maxLocals } from '../wasm/limits.ts';
import type { FirstLocals } from './carriers.ts';
import type { CopiedCode } from './copied-code.ts';
import type { FunctionScan } from './scan-types.ts';

const i32 = 0x7f;

/**
 * `added` are the types of locals to append; the first holds the budget. `first` is there for a function that carries it: the
 * parameter with the budget takes the place of its first declared local, or of the first appended one.
 */
export function declareLocals(
  copied: CopiedCode,
  { localCount, localGroups, localsAt, codeAt }: FunctionScan,
  added: readonly number[],
  first: FirstLocals | undefined,
): void {
  if (localCount + added.length > maxLocals) {
    const advice = 'safepoints need a few locals more; split the function';
    throw new WirqError('limit', `${localCount} locals leave no room`, { place: { offset: localsAt }, advice });
  }
  const { body } = copied;
  const appended = first?.count === 0 ? added.slice(1) : added;
  body.u32(localGroups + appended.length);
  if (first !== undefined && first.count > 0) body.u32(first.count - 1).u8(i32);
  copied.copy(first?.end ?? localsAt, codeAt);
  for (const type of appended) body.u32(1).u8(type);
}
