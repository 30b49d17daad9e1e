/** Goal: a misspelt word finds its neighbour, a strange one finds the list, and long ones cost nothing. */
import test from 'ava';
import fc from 'fast-check';
import { editDistance, nearest, quote, suggest } from '../../src/scenario/suggest.ts';

const STEPS = ['wait-serial', 'write-serial', 'delay', 'irq', 'expect-pin'];

for (const [word, expected] of [
  ['wait-seral', 'wait-serial'],
  ['wiat-serial', 'wait-serial'],
  ['Delay', 'delay'],
  ['dealy', 'delay'],
  ['iqr', 'irq'],
  ['expct-pin', 'expect-pin'],
  ['frobnicate', undefined],
  ['', undefined],
  ['x'.repeat(1000), undefined],
] as const) {
  test(`nearest to ${word.slice(0, 20)}`, (t) => t.is(nearest(word, STEPS), expected));
}

test('a swap of neighbours is one edit', (t) => {
  t.is(editDistance('tiemout', 'timeout'), 1);
  t.is(editDistance('ab', 'ba'), 1);
  t.is(editDistance('kitten', 'sitting'), 3);
});

test('the distance is symmetric, zero only for equals, and never more than the longer word', (t) => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (left, right) => {
      const distance = editDistance(left, right);
      t.is(distance, editDistance(right, left));
      t.is(distance === 0, left === right);
      t.true(distance <= Math.max(left.length, right.length));
      t.true(distance >= Math.abs(left.length - right.length));
    }),
  );
});

test('advice names one word, or lists them, or says that there are none', (t) => {
  t.is(suggest('dealy', STEPS, 'steps'), "did you mean 'delay'?");
  t.is(suggest('frobnicate', ['delay', 'irq'], 'steps'), 'known steps: delay, irq');
  t.is(suggest('LED', [], 'pins'), 'no pins are named here');
  const many = Array.from({ length: 20 }, (_, index) => `line${index}`);
  t.regex(suggest('frobnicate', many, 'lines'), /line15, and 4 more$/);
});

test('a quoted text stays on one line', (t) => {
  t.is(quote('a\nb\x1b[31m'), "'a\\x0ab\\x1b[31m'");
  t.is(quote('y'.repeat(100)).length, 62);
});
