/** Alarms fire in the order (key, when they were set), exactly once a setting, and count from when they were due. */
import test from 'ava';
import fc from 'fast-check';
import { type Alarm, Alarms } from '../../src/clock/alarms.ts';

/** Alarms over a clock that the test moves, and a list of what fired. */
function bench() {
  const state = { now: 0, fired: [] as string[] };
  const alarms = new Alarms(() => state.now);
  const create = (name: string, then: (alarm: Alarm) => void = () => {}): Alarm => {
    const alarm: Alarm = alarms.create(() => {
      state.fired.push(`${name}@${alarms.base}`);
      then(alarm);
    });
    return alarm;
  };
  const advance = (to: number): string[] => {
    state.now = to;
    state.fired = [];
    alarms.runDue(to);
    return state.fired;
  };
  return { alarms, create, advance };
}

test('a setting replaces the one before, and counts as new', (t) => {
  const { alarms, create, advance } = bench();
  const [a, b] = [create('a'), create('b')];
  a.at(10);
  b.at(10);
  a.cancel();
  a.at(10);
  t.is(alarms.nextKey, 10);
  t.deepEqual(advance(10), ['b@10', 'a@10'], 'a was set last');
  t.is(alarms.nextKey, undefined);
  t.deepEqual(advance(20), []);
});

test('a periodic alarm does not drift, however late it is looked at', (t) => {
  const { create, advance } = bench();
  create('tick', (alarm) => alarm.after(10)).after(10);
  t.deepEqual(advance(35), ['tick@10', 'tick@20', 'tick@30']);
  t.deepEqual(advance(39), []);
  t.deepEqual(advance(40), ['tick@40']);
});

test('an alarm beyond the end of time never fires, and is not waited for', (t) => {
  const { alarms, create, advance } = bench();
  const end = Number.MAX_SAFE_INTEGER;
  create('tick', (alarm) => alarm.after(10)).at(end - 5);
  t.is(alarms.nextKey, end - 5);
  t.deepEqual(advance(end), [`tick@${end - 5}`]);
  t.is(alarms.nextKey, undefined);
});

test('of many alarms, each set several times, those that were not cancelled fire once', (t) => {
  const { alarms, create, advance } = bench();
  const many = Array.from({ length: 3000 }, (_, at) => create(`${at}`));
  for (const alarm of many) alarm.at(50);
  for (const alarm of many) alarm.at(50);
  for (const alarm of many) alarm.at(60);
  for (const alarm of many.slice(5)) alarm.cancel();
  t.is(alarms.nextKey, 60);
  t.deepEqual(advance(100), ['0@60', '1@60', '2@60', '3@60', '4@60']);
  t.is(alarms.nextKey, undefined);
});

test('after an alarm threw, the next still fires and counts from its own moment', (t) => {
  const { alarms, create, advance } = bench();
  create('bad', () => {
    throw new Error('bad');
  }).at(5);
  create('good').at(6);
  t.throws(() => advance(10), { message: 'bad' });
  t.is(alarms.base, 10);
  t.deepEqual(advance(10), ['good@6']);
});

type Step =
  | { readonly op: 'at' | 'after'; readonly alarm: number; readonly key: number }
  | { readonly op: 'cancel'; readonly alarm: number }
  | { readonly op: 'advance'; readonly by: number };

const ALARMS = 4;
const alarm = fc.nat(ALARMS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constantFrom('at', 'after'), alarm, key: fc.nat(4) }),
  fc.record({ op: fc.constant('cancel'), alarm }),
  fc.record({ op: fc.constant('advance'), by: fc.nat(6) }),
);

test('agrees with a sorted array over random settings and cancellings', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const { alarms, create, advance } = bench();
      const all = Array.from({ length: ALARMS }, (_, at) => create(`${at}`));
      let now = 0;
      let model: { alarm: number; key: number }[] = [];
      const set = (alarm: number, key: number) => {
        model = model.filter((each) => each.alarm !== alarm);
        const at = model.findIndex((each) => each.key > key);
        model.splice(at < 0 ? model.length : at, 0, { alarm, key });
      };
      for (const step of steps) {
        if (step.op === 'advance') {
          now += step.by;
          const due = model.filter((each) => each.key <= now);
          model = model.filter((each) => each.key > now);
          const expected = due.map((each) => `${each.alarm}@${each.key}`).join();
          const fired = advance(now).join();
          if (fired !== expected) throw new Error(`at ${now}: fired ${fired}, not ${expected}`);
        } else if (step.op === 'cancel') {
          all[step.alarm]!.cancel();
          model = model.filter((each) => each.alarm !== step.alarm);
        } else if (step.op === 'at') {
          all[step.alarm]!.at(step.key);
          set(step.alarm, step.key);
        } else {
          all[step.alarm]!.after(step.key);
          set(step.alarm, now + step.key);
        }
        if (alarms.nextKey !== model[0]?.key) throw new Error(`next is ${alarms.nextKey}, not ${model[0]?.key}`);
        all.forEach((each, at) => {
          if (each.isSet !== model.some((one) => one.alarm === at))
            throw new Error(`alarm ${at} is set: ${each.isSet}`);
        });
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});
