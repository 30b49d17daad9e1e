/** The heap gives events out as a stably sorted array would, whatever is done to it. */
import test from 'ava';
import fc from 'fast-check';
import { EventQueue, MAX_EVENTS, QueuedEvent } from '../../src/clock/event-queue.ts';

type Step =
  | { readonly op: 'schedule'; readonly key: number }
  | { readonly op: 'take'; readonly limit: number }
  | { readonly op: 'remove'; readonly nth: number };

/** An event that the tests can tell from others. */
class Numbered extends QueuedEvent {
  readonly item: number;

  constructor(item: number) {
    super();
    this.item = item;
  }
}

const key = fc.oneof(fc.nat(12), fc.nat(1000), fc.constant(Number.MAX_SAFE_INTEGER));
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: key.map((key): Step => ({ op: 'schedule', key })) },
    { weight: 4, arbitrary: key.map((limit): Step => ({ op: 'take', limit })) },
    { weight: 2, arbitrary: fc.nat().map((nth): Step => ({ op: 'remove', nth })) },
  ),
  { maxLength: 120, size: 'max' },
);

test('agrees with a stably sorted array over random schedules, takes and removals', (t) => {
  fc.assert(
    fc.property(steps, (steps) => {
      const queue = new EventQueue<Numbered>();
      const model: Numbered[] = [];
      steps.forEach((step, item) => {
        if (step.op === 'schedule') {
          const event = new Numbered(item);
          queue.schedule(step.key, event);
          const at = model.findIndex((each) => each.key > step.key);
          model.splice(at < 0 ? model.length : at, 0, event);
        } else if (step.op === 'take') {
          const expected = model[0] !== undefined && model[0].key <= step.limit ? model.shift() : undefined;
          if (queue.takeDue(step.limit) !== expected) throw new Error(`step ${item}: expected ${expected?.item}`);
          // Mostly the next thing that happens is not a question, but that something is scheduled, and fills the gap.
          if (item % 2 === 0) return;
        } else if (model.length > 0) {
          const [removed] = model.splice(step.nth % model.length, 1);
          queue.remove(removed!);
        }
        if (queue.size !== model.length || queue.nextKey !== model[0]?.key) {
          throw new Error(`after step ${item}: ${queue.size} events, next ${queue.nextKey}`);
        }
        if (model.some(({ place }) => place === undefined)) throw new Error(`after step ${item}: one has no place`);
      });
      for (const expected of model)
        if (queue.takeDue(Number.MAX_SAFE_INTEGER) !== expected) throw new Error('at the end');
      return queue.size === 0;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('a flood of events ends in a clear error', (t) => {
  const queue = new EventQueue<Numbered>();
  for (let at = 0; at < MAX_EVENTS; at++) queue.schedule(at, new Numbered(at));
  t.throws(() => queue.schedule(0, new Numbered(0)), { code: 'limit', message: /more than 1000000 events/ });
});
