import test from 'ava';
import { Crossing } from '../../src/scheduler/crossing.ts';

test('what lands in the guest acts at once; what lands in the host when it returns to the guest', (t) => {
  const looks: string[] = [];
  const crossing = new Crossing((how) => looks.push(how));
  crossing.land();
  t.deepEqual(looks, [], 'no guest runs yet');
  crossing.run(() => {
    t.deepEqual(looks, ['returning']);
    crossing.land();
    t.deepEqual(looks, ['returning', 'inside']);
    crossing.leave();
    crossing.land();
    crossing.land();
    t.is(looks.length, 2, 'a host call is not re-entered');
    crossing.enter();
    t.deepEqual(looks.slice(2), ['returning'], 'one look for both');
  });
  crossing.land();
  t.is(looks.length, 3);
});

test('what lands while an interrupt acts makes it look again, not look inside itself', (t) => {
  let depth = 0;
  let looks = 0;
  const crossing = new Crossing(() => {
    t.is(depth++, 0);
    if (++looks < 3) crossing.land();
    depth--;
  });
  crossing.run(() => crossing.land());
  t.is(looks, 3);
});

test('a handler that an interrupt calls is guest code, and may be interrupted', (t) => {
  const seen: number[] = [];
  let depth = 0;
  const crossing = new Crossing(() => {
    depth++;
    seen.push(depth);
    if (depth < 3) crossing.run(() => crossing.land());
    depth--;
  });
  crossing.run(() => crossing.land());
  t.deepEqual(seen, [1, 2, 3]);
});

test('a guest that throws has been left; a closed crossing acts no more', (t) => {
  let looks = 0;
  const crossing = new Crossing(() => looks++);
  t.throws(() =>
    crossing.run(() => {
      throw new Error('a trap');
    }),
  );
  crossing.land();
  t.is(looks, 0);
  crossing.close();
  crossing.run(() => crossing.land());
  t.is(looks, 0);
});
