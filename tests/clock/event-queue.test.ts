/** The heap gives events out as a stably sorted array would, whatever is done to it. */
import test from 'ava';
import fc from 'fast-check';
import { EventQueue, MAX_EVENTS } from '../../src/clock/event-queue.ts';

type Step =
  | { readonly op: 'schedule'; readonly key: number }
  | { readonly op: 'take'; readonly limit: number }
  | { readonly op: 'remove'; readonly divisor: number };

const key = fc.oneof(fc.nat(12), fc.nat(1000), fc.constant(Number.MAX_SAFE_INTEGER));
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: key.map((key): Step => ({ op: 'schedule', key })) },
    { weight: 4, arbitrary: key.map((limit): Step => ({ op: 'take', limit })) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 5 }).map((divisor): Step => ({ op: 'remove', divisor })) },
  ),
  { maxLength: 120, size: 'max' },
);

test('agrees with a stably sorted array over random schedules, takes and removals', (t) => {
  fc.assert(
    fc.property(steps, (steps) => {
      const queue = new EventQueue<number>();
      let model: { key: number; item: number }[] = [];
      steps.forEach((step, item) => {
        if (step.op === 'schedule') {
          queue.schedule(step.key, item);
          const at = model.findIndex((each) => each.key > step.key);
          model.splice(at < 0 ? model.length : at, 0, { key: step.key, item });
        } else if (step.op === 'take') {
          const expected = model[0] !== undefined && model[0].key <= step.limit ? model.shift()?.item : undefined;
          if (queue.takeDue(step.limit) !== expected) throw new Error(`step ${item}: expected ${expected}`);
        } else {
          queue.removeWhere((each) => each % step.divisor === 0);
          model = model.filter((each) => each.item % step.divisor !== 0);
        }
        if (queue.size !== model.length || queue.nextKey !== model[0]?.key || queue.first !== model[0]?.item) {
          throw new Error(`after step ${item}: ${queue.size} events, next ${queue.nextKey}`);
        }
      });
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('an event that was removed for nothing leaves the order as it was', (t) => {
  const queue = new EventQueue<string>();
  for (const item of ['a', 'b', 'c']) queue.schedule(1, item);
  queue.removeWhere(() => false);
  t.deepEqual([queue.takeDue(1), queue.takeDue(1), queue.takeDue(1), queue.takeDue(1)], ['a', 'b', 'c', undefined]);
});

test('a flood of events ends in a clear error', (t) => {
  const queue = new EventQueue<number>();
  for (let at = 0; at < MAX_EVENTS; at++) queue.schedule(at, at);
  t.throws(() => queue.schedule(0, 0), { code: 'limit', message: /more than 1000000 events/ });
});
