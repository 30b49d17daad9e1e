/** Times and frequencies as text: what is read, what is refused, and that writing and reading agree. */
import test from 'ava';
import fc from 'fast-check';
import {
  after,
  duration,
  formatDuration,
  instant,
  MAX_NS,
  parseDuration,
  parseFrequency,
} from '../../src/clock/instant.ts';

const DURATIONS: Readonly<Record<string, number>> = {
  '0ns': 0,
  '1ns': 1,
  '100us': 100_000,
  '100µs': 100_000,
  '10ms': 10_000_000,
  ' 10 ms ': 10_000_000,
  '1.5s': 1_500_000_000,
  '2m': 120_000_000_000,
  '2min': 120_000_000_000,
  '1h': 3_600_000_000_000,
  '0.1us': 100,
  '0.000001s': 1000,
  '1.4ns': 1,
  '9007199254740991ns': MAX_NS,
};

for (const [text, ns] of Object.entries(DURATIONS)) {
  test(`the duration ${JSON.stringify(text)} is ${ns} ns`, (t) =>
    t.is<number | undefined, number>(parseDuration(text), ns));
}

const NO_DURATIONS = [
  ...[
    '',
    '10',
    'ms',
    '10 parsecs',
    '-1ms',
    '+1ms',
    '1e3ms',
    '.5s',
    '5.s',
    '1,5s',
    '10MS',
    '10ms5',
    '10ms 5us',
    '0x10ms',
  ],
  ...[
    'constructorns',
    '1constructor',
    '1valueof',
    'Infinitys',
    'NaNs',
    '9007199254740993ns',
    '2502h',
    `1${'0'.repeat(400)}s`,
  ],
];

for (const text of NO_DURATIONS) {
  test(`${JSON.stringify(text.slice(0, 20))} is no duration`, (t) => t.is(parseDuration(text), undefined));
}

test('a duration that was written is read as the same', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(10_000), fc.maxSafeNat()), (ns) => {
      const text = formatDuration(ns);
      const read = parseDuration(text);
      if (read !== ns) throw new Error(`${ns} was written ${text} and read ${read}`);
    }),
    { numRuns: 2000 },
  );
  t.deepEqual([0, 999, 1000, 1500, 250_000, 10_000_000, 1_500_000_000].map(formatDuration), [
    ...['0ns', '999ns', '1us', '1.5us', '250us', '10ms', '1.5s'],
  ]);
});

const FREQUENCIES: Readonly<Record<string, number>> = {
  '1Hz': 1,
  '100Hz': 100,
  '32.768kHz': 32_768,
  '16MHz': 16_000_000,
  '16 MHz': 16_000_000,
  '1GHz': 1e9,
  '10GHz': 10e9,
  '4.9152MHz': 4_915_200,
  '0.001kHz': 1,
  '16.0Hz': 16,
};

for (const [text, hz] of Object.entries(FREQUENCIES)) {
  test(`the frequency ${JSON.stringify(text)} is ${hz} Hz`, (t) => t.is(parseFrequency(text), hz));
}

for (const text of [
  '',
  '16',
  '16M',
  '16Mhz',
  '16mHz',
  '0Hz',
  '-1Hz',
  '11GHz',
  '10.1GHz',
  '1.5Hz',
  '0.5Hz',
  '1.0005kHz',
]) {
  test(`${JSON.stringify(text)} is no frequency`, (t) => t.is(parseFrequency(text), undefined));
}

test('an instant or duration is a whole number of nanoseconds that time has', (t) => {
  for (const make of [instant, duration]) {
    t.is(Number(make(MAX_NS)), MAX_NS);
    for (const bad of [-1, 0.5, Number.NaN, MAX_NS + 1, Number.POSITIVE_INFINITY]) {
      t.throws(() => make(bad), { code: 'bad-argument', message: /is not a machine time/ });
    }
  }
  t.is(Number(after(instant(5), duration(7))), 12);
  t.is(Number(after(instant(MAX_NS - 1), duration(7))), MAX_NS);
});
