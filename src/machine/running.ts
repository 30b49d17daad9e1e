/**
 * Takes a run forward that may have to wait for promises: one that may not wait, and one that does. All that is
 * asynchronous about a machine is here; what runs is the same.
 */
import { WirqError } from '../errors.ts';
import type { Pause } from '../scheduler/dispatch-host.ts';

/** @throws WirqError `unsupported` when the run has to wait. */
export function runNow<T>(run: Generator<Pause, T, unknown>): T {
  const first = run.next();
  if (first.done === true) return first.value;
  first.value.catch(() => {}); // nobody else will hear of it
  throw new WirqError('unsupported', 'this guest has to wait for JavaScript promises', {
    advice: 'run it with `await machine.runAsync()`',
  });
}

export async function runLater<T>(run: Generator<Pause, T, unknown>): Promise<T> {
  let next = run.next();
  while (next.done !== true) {
    let settled: unknown;
    try {
      settled = await next.value;
    } catch (error) {
      next = run.throw(error);
      continue;
    }
    next = run.next(settled);
  }
  return next.value;
}
