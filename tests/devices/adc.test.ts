/** The converter gives what its waveform is at the moment, in steps of the reference, the same on every engine. */
import test from 'ava';
import fc from 'fast-check';
import { duration, type Instant } from '../../src/clock/instant.ts';
import { Adc } from '../../src/devices/adc.ts';
import { parseBaud, parseVolts } from '../../src/devices/units.ts';
import { sineOfTurn, voltageAt, type Waveform } from '../../src/devices/waveform.ts';
import { BenchBoard } from './bench-board.ts';

const at = (waveform: Waveform, ...times: number[]) => times.map((each) => voltageAt(waveform, each as Instant));

test('constants, ramps and recorded samples are exact', (t) => {
  t.deepEqual(at({ kind: 'constant', volts: 1.5 }, 0, 1e15), [1.5, 1.5]);
  const ramp: Waveform = { kind: 'ramp', from: 1, to: 3, period: duration(1000) };
  t.deepEqual(at(ramp, 0, 250, 500, 999, 1000, 1500), [1, 1.5, 2, 2.998, 1, 2]);
  const once: Waveform = { kind: 'samples', volts: [0, 1, 2], hz: 1000, repeat: false };
  t.deepEqual(at(once, 0, 999_999, 1_000_000, 2_000_000, 3_000_000, 1e15), [0, 0, 1, 2, 2, 2]);
  t.deepEqual(at({ ...once, repeat: true }, 3_000_000, 4_000_000, 1_000_000_000, 5_001_000_000), [0, 1, 1, 0]);
});

test('the sine agrees with that of mathematics to a billionth, and stays in its range', (t) => {
  for (let step = 0; step < 4096; step++) {
    const turn = step / 4096;
    if (Math.abs(sineOfTurn(turn) - Math.sin(2 * Math.PI * turn)) > 1e-9) t.fail(`at ${turn}`);
  }
  t.is(sineOfTurn(0), 0);
  t.is(sineOfTurn(0.5), -0);
  // Written down once: the same bits on every engine.
  t.deepEqual([0.1, 0.25, 0.7].map(sineOfTurn), [0.5877852522924731, 0.9999999999939766, -0.9510565162950175]);
  const wave: Waveform = { kind: 'sine', low: 0, high: 3, period: duration(400) };
  t.deepEqual(
    at(wave, 0, 100, 200, 300).map((each) => Math.round(each * 1e6) / 1e6),
    [1.5, 3, 1.5, 0],
  );
});

test('voltages become steps of the reference; what is beyond the range is clipped, and counted', (t) => {
  const channels = new Map<number, Waveform>(
    [0, 3.3, 1.65, 4, -1].map((volts, channel) => [channel, { kind: 'constant', volts }]),
  );
  const adc = new Adc(new BenchBoard(), { channels });
  t.deepEqual(
    [0, 1, 2, 3, 4, 5].map((channel) => adc.read(channel)),
    [0, 4095, 2048, 4095, 0, 0],
  );
  t.deepEqual(adc.account(), { conversions: 6, clipped: 2 });
  const coarse = new Adc(new BenchBoard(), { bits: 8, reference: 5, channels });
  t.deepEqual(
    [1, 3].map((channel) => coarse.read(channel)),
    [168, 204],
  );
  coarse.connect(1, { kind: 'constant', volts: 2.5 });
  t.is(coarse.read(1), 128);
});

test('results are in range whatever the waveform', (t) => {
  const volts = fc.double({ min: -10, max: 10, noNaN: true });
  const period = fc.integer({ min: 1, max: 1e9 }).map(duration);
  const waveform = fc.oneof<fc.Arbitrary<Waveform>[]>(
    fc.record({ kind: fc.constant('ramp' as const), from: volts, to: volts, period }),
    fc.record({ kind: fc.constant('sine' as const), low: volts, high: volts, period }),
    fc.record({
      kind: fc.constant('samples' as const),
      volts: fc.array(volts, { minLength: 1, maxLength: 9 }),
      hz: fc.integer({ min: 1, max: 1e7 }),
      repeat: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(waveform, fc.maxSafeNat(), (each, time) => {
      const board = new BenchBoard();
      board.advance(time);
      const adc = new Adc(board, { channels: new Map([[0, each]]) });
      const value = adc.read(0);
      if (!Number.isInteger(value) || value < 0 || value > 4095) throw new Error(`${value}`);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('volts and baud have units', (t) => {
  t.deepEqual(['1.65V', '300mV', '-2 V', '0V'].map(parseVolts), [1.65, 0.3, -2, 0]);
  t.deepEqual(['1.65', 'V', '1,5V', '1kV', '1e3V', ''].map(parseVolts), Array(6).fill(undefined));
  t.deepEqual(['115200Bd', '9.6kBd', '1MBd'].map(parseBaud), [115200, 9600, 1e6]);
  t.deepEqual(['9600', '9600 baud', '0.5Bd', ''].map(parseBaud), Array(4).fill(undefined));
});
