/** An alarm that rings once for each setting, never before its moment, and not when it was set anew or taken back. */
import test from 'ava';
import { AlarmClock } from '../../src/host/alarm-clock.ts';

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test('each setting rings once, and not early', async (t) => {
  const origin = process.hrtime.bigint();
  const now = () => Number(process.hrtime.bigint() - origin);
  let rung: number | undefined;
  let times = 0;
  const clock = new AlarmClock(origin, () => {
    rung = now();
    times++;
  });
  for (let n = 1; n <= 50; n++) {
    const at = now() + 300_000 * (n % 7);
    rung = undefined;
    clock.set(at);
    while (rung === undefined) await pause(0);
    t.true(rung >= at, `${rung - at} ns early`);
  }
  await pause(50);
  t.is(times, 50);
  clock.set(now() + 20e6);
  clock.set(undefined);
  clock.set(now() + 20e6);
  clock.set(now() + 3600e9);
  await pause(100);
  t.is(times, 50, 'what was taken back, or set anew, does not ring');
  await clock.close();
});
