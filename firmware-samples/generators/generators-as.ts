// Needs `wirq/stack`: a stack of its own for each generator, and a switch in the middle of a call (--stacks wasmfx, jspi or asyncify).
// build: asc --runtime stub --exportTable
// Generators in AssemblyScript, which has no `function*`: the permutations of a word, made by plain recursion and taken one
// at a time; and a pipeline of them, each taking from the one before: numbers, those that are prime, and the sums of pairs.
import { stack } from '../../sdk/assemblyscript/task';
import { uart } from '../../sdk/assemblyscript/wirq';

/** What a generator is: its stack, and whom it gives to. Their numbers are their places here. */
class Generator {
  stack: i32 = 0;
  taker: i32 = 0;
  value: i32 = 0;
}

const generators: Generator[] = [];

function generate(body: (self: i32) => void): i32 {
  const generator = new Generator();
  generators.push(generator);
  const self = generators.length - 1;
  generator.stack = stack.create(body, self);
  return self;
}

/** Whether there was one more; then it is `valueOf`. */
function next(from: i32): bool {
  const generator = generators[from];
  if (!stack.alive(generator.stack)) return false;
  generator.taker = stack.current();
  stack.to(generator.stack);
  return stack.alive(generator.stack);
}

function give(self: i32, value: i32): void {
  generators[self].value = value;
  stack.to(generators[self].taker);
}

/** A stack that returns goes on with 0: one that was taken from elsewhere hands over by itself. */
function finish(self: i32): void {
  stack.exit(generators[self].taker);
}

function valueOf(from: i32): i32 {
  return generators[from].value;
}

const letters: i32[] = [97, 98, 99];

function permute(self: i32, from: i32): void {
  if (from == letters.length) {
    give(self, 0);
    return;
  }
  for (let i = from; i < letters.length; i++) {
    const at = letters[from];
    letters[from] = letters[i];
    letters[i] = at;
    permute(self, from + 1);
    letters[i] = letters[from];
    letters[from] = at;
  }
}

function permutations(self: i32): void {
  permute(self, 0);
  finish(self);
}

function numbers(self: i32): void {
  for (let n = 2; ; n++) give(self, n);
}

function primes(self: i32): void {
  const source = generate(numbers);
  while (next(source)) {
    const n = valueOf(source);
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor != 0) divisor++;
    if (divisor * divisor > n) give(self, n);
  }
}

function sums(self: i32): void {
  const source = generate(primes);
  while (next(source)) {
    const first = valueOf(source);
    if (!next(source)) break;
    give(self, first + valueOf(source));
  }
}

export function main(): i32 {
  const words = generate(permutations);
  while (next(words)) uart.print(`${String.fromCharCodes(letters)} `);
  uart.print('\n');
  const pairs = generate(sums);
  for (let i = 0; i < 8 && next(pairs); i++) uart.print(`${valueOf(pairs)} `);
  uart.print('\n');
  return 0;
}
