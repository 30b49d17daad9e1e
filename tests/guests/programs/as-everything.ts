// build: asc --runtime incremental --exportRuntime
// One export for each thing that the host side of AssemblyScript has to do; see tests/guests/assemblyscript.test.ts.
// @ts-nocheck: AssemblyScript, which has types of its own.
const label = 'cycle';

export function traces(): void {
  trace('plain');
  trace('values', 3, 1, 2.5, -7);
  trace('grün 🦊', 5, 1, 2, 3, 4, 5);
}

export function prints(): void {
  console.log('to stdout');
  console.warn('to stderr');
  console.assert(true, 'not shown');
  console.assert(false, 'shown');
}

export function startTimer(): void {
  // Concatenated, so that each call makes another object of the same text.
  console.time(`${label}!`);
}

export function stopTimer(): void {
  console.timeEnd(`${label}!`);
}

export function today(): f64 {
  return <f64>Date.now();
}

export function uptime(): f64 {
  return performance.now();
}

export function dice(): f64 {
  return Math.random();
}

export function fail(): void {
  throw new Error(`out of ${label}s`);
}

export function leave(code: i32): void {
  process.exit(code);
}

export function name(): string {
  return `pump ${label}`;
}

export function long(length: i32): string {
  return 'x'.repeat(length);
}

export function integers(): i32[] {
  return [3, -1, 4];
}

export function bigs(): Uint64Array {
  const values = new Uint64Array(2);
  values[1] = u64.MAX_VALUE;
  return values;
}

export function fixed(): StaticArray<f32> {
  return [0.5, 1.5];
}

export function words(): string[] {
  return ['one', 'two'];
}

export class Counter {
  count: i32 = 0;
  step(): i32 {
    return ++this.count;
  }
}
