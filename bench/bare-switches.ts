/**
 * The least that switching stacks can cost on this engine: modules written by hand that do nothing else, to hold the machine's
 * figures against. `pair` resumes a continuation that suspends at once, inside WebAssembly; `driven` has JavaScript resume it,
 * as whoever decides in JavaScript must; `yield` calls a `Suspending` import whose promise is resolved; `hand-over` does so on
 * two stacks, each of which resolves the promise that the other waits for: the least that a switch by promises can be.
 */
import { newWat } from './new-wat.ts';
import { stopwatch } from './stopwatch.ts';

export type BareName = 'pair' | 'driven' | 'yield' | 'hand-over';

/** Times `n` round trips between two stacks, one of them `depth` calls deep, in ms. */
export type BareSwitches = (n: number) => number | Promise<number>;

const CONTINUATIONS = `(module
  (type $f (func)) (type $c (cont $f)) (tag $t)
  (table $kept 1 (ref null $c))
  (elem declare func $body)
  (global $depth (mut i32) (i32.const 1))
  (func $body (call $down (global.get $depth)) (drop))
  (func $down (param $n i32) (result i32)
    (if (i32.gt_s (local.get $n) (i32.const 1))
      (then (return (i32.add (i32.mul (i32.const 3) (call $down (i32.sub (local.get $n) (i32.const 1)))) (local.get $n)))))
    (loop $l (suspend $t) (br $l)))
  (func $go (param $k (ref null $c))
    (table.set $kept (i32.const 0) (block $h (result (ref $c)) (resume $c (on $t $h) (local.get $k)) (return))))
  (func $once (export "once") (call $go (table.get $kept (i32.const 0))))
  (func (export "begin") (param i32) (global.set $depth (local.get 0)) (call $go (cont.new $c (ref.func $body))))
  (func (export "run") (param $n i32)
    (loop $l (call $once) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`;

const PROMISES = `(module
  (import "h" "s" (func $s))
  (func $down (export "run") (param $depth i32) (param $n i32) (result i32)
    (if (i32.gt_s (local.get $depth) (i32.const 1))
      (then (return (i32.add (i32.mul (i32.const 3) (call $down (i32.sub (local.get $depth) (i32.const 1)) (local.get $n))) (local.get $depth)))))
    (loop $l (call $s) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.const 0)))`;

/** What TypeScript's library does not know yet. */
interface Jspi {
  readonly Suspending: new (call: () => Promise<void>) => WebAssembly.ImportValue;
  promising(call: unknown): (...args: number[]) => Promise<number>;
}

/** Undefined where the engine cannot do it. */
export async function bareSwitches(name: BareName, depth: number): Promise<BareSwitches | undefined> {
  if (name === 'yield' || name === 'hand-over') {
    if (!('Suspending' in WebAssembly)) return undefined;
    const bytes = await newWat(PROMISES);
    return name === 'yield' ? suspending(bytes, depth) : handingOver(bytes, depth);
  }
  const bytes = await newWat(CONTINUATIONS);
  if (!WebAssembly.validate(bytes)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { begin, once, run } = exports as Record<string, (n?: number) => void>;
  begin!(depth);
  const driven = (n: number) => {
    for (let i = 0; i < n; i++) once!();
  };
  const work = name === 'pair' ? run! : driven;
  return (n) => {
    const start = stopwatch();
    work(n);
    return stopwatch() - start;
  };
}

function suspending(bytes: Uint8Array<ArrayBuffer>, depth: number): BareSwitches {
  const jspi = WebAssembly as unknown as Jspi;
  const settled = Promise.resolve();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    h: { s: new jspi.Suspending(() => settled) },
  });
  const run = jspi.promising(exports.run);
  return async (n) => {
    const start = stopwatch();
    await run(depth, n);
    return stopwatch() - start;
  };
}

/** Two stacks; `n` switches together. */
function handingOver(bytes: Uint8Array<ArrayBuffer>, depth: number): BareSwitches {
  const jspi = WebAssembly as unknown as Jspi;
  const waiting: { resolve?: (() => void) | undefined } = {};
  const begin = () => {
    waiting.resolve = undefined;
  };
  const handOver = () => {
    const other = waiting.resolve;
    const promise = new Promise<void>((resolve) => {
      waiting.resolve = resolve;
    });
    other?.();
    return promise;
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    h: { s: new jspi.Suspending(handOver) },
  });
  const run = jspi.promising(exports.run);
  return async (n) => {
    begin();
    const start = stopwatch();
    const both = [run(depth, n / 2), run(depth, n / 2)];
    await both[0];
    const ms = stopwatch() - start;
    waiting.resolve?.();
    await both[1];
    return ms;
  };
}
