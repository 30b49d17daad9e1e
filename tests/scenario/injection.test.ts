/** Goal: the inline forms read as documented, come back from text unchanged, and complain in a useful way. */
import test from 'ava';
import fc from 'fast-check';
import type { Duration, Instant } from '../../src/clock/instant.ts';
import { MAX_NS } from '../../src/clock/instant.ts';
import { WirqError } from '../../src/errors.ts';
import type { LineNumber } from '../../src/interrupts/exceptions.ts';
import type { When } from '../../src/machine/when.ts';
import {
  formatInjection,
  formatSignalInjection,
  formatWhen,
  type Injection,
  parseInjection,
  parseSignalInjection,
  parseWhen,
} from '../../src/scenario/injection.ts';

const GOOD: readonly (readonly [text: string, injection: unknown])[] = [
  ['3@10ms', { irq: 3, when: { kind: 'time', at: 10_000_000 } }],
  ['0@0s', { irq: 0, when: { kind: 'time', at: 0 } }],
  ['239@1.5us', { irq: 239, when: { kind: 'time', at: 1500 } }],
  ['3@insn:1234', { irq: 3, when: { kind: 'instruction', count: 1234 } }],
  ['3@insn:0', { irq: 3, when: { kind: 'instruction', count: 0 } }],
  ['BUTTON@func:main_loop#3', { irq: 'BUTTON', when: { kind: 'function', name: 'main_loop', entry: 3 } }],
  ['BUTTON@func:main_loop', { irq: 'BUTTON', when: { kind: 'function', name: 'main_loop', entry: 1 } }],
  ['B@func:assembly/Pump#start', { irq: 'B', when: { kind: 'function', name: 'assembly/Pump#start', entry: 1 } }],
  ['B@func:a:b@c#x#2', { irq: 'B', when: { kind: 'function', name: 'a:b@c#x', entry: 2 } }],
  ['3@every:1ms', { irq: 3, when: { kind: 'every', period: 1_000_000 } }],
  ['SysTick@2s', { irq: -1, when: { kind: 'time', at: 2_000_000_000 } }],
  ['PendSV@insn:1', { irq: -2, when: { kind: 'instruction', count: 1 } }],
  ['NMI@1s', { irq: -14, when: { kind: 'time', at: 1_000_000_000 } }],
];

for (const [text, injection] of GOOD) {
  test(`reads ${text}`, (t) => t.deepEqual(parseInjection(text) as unknown, injection));
}

for (const [text, signal] of [
  ['SIGUSR1@2s', 10],
  ['USR1@2s', 10],
  ['10@2s', 10],
  ['SIGRTMIN+2@2s', 36],
] as const) {
  test(`reads signal ${text}`, (t) => {
    t.deepEqual(parseSignalInjection(text), { signal, when: { kind: 'time', at: 2e9 as Instant } });
  });
}

const EXAMPLES = 'write for example 3@10ms, 3@insn:1234, BUTTON@func:main_loop#3 or 3@every:1ms';
const MOMENTS = 'write a time such as 10ms, or insn:1234, func:main_loop#3 or every:1ms';
const BAD: readonly (readonly [text: string, message: string, advice: string])[] = [
  ['', "'' does not say when", EXAMPLES],
  ['3', "'3' does not say when", EXAMPLES],
  ['3@', "'3@' does not say when", EXAMPLES],
  ['@10ms', "'@10ms' does not name an interrupt", EXAMPLES],
  ['3@10', "'3@10': '10' has no unit", 'write 10ms, 10us or 10s for a time, insn:1234 for a count'],
  ['3@10 sec', "'3@10 sec': '10 sec' is not a moment", MOMENTS],
  ['3@-1ms', "'3@-1ms': '-1ms' is not a moment", MOMENTS],
  ['3@99999h', "'3@99999h': '99999h' is beyond the end of machine time", 'a run ends after about 104 days, 9007199s'],
  ['240@1ms', "'240@1ms': line 240 is out of range", 'lines are 0 to 239'],
  [
    '-1@1ms',
    "'-1@1ms': line -1 is out of range",
    'lines are 0 to 239; system exceptions go by name, for example SysTick',
  ],
  [
    'my line@1ms',
    "'my line@1ms': 'my line' is neither a line's number nor a name",
    'write a number from 0 to 239, SysTick, PendSV or a name',
  ],
  ['3@isn:5', "'3@isn:5': 'isn:' is no kind of moment", "did you mean 'insn:'?"],
  ['3@instruction:5', "'3@instruction:5': 'instruction:' is no kind of moment", MOMENTS],
  [
    '3@insn:1.5',
    "'3@insn:1.5': '1.5' is not a count of instructions",
    'write a whole number below 2^53, for example insn:1234',
  ],
  ['3@insn:', "'3@insn:': '' is not a count of instructions", 'write a whole number below 2^53, for example insn:1234'],
  ['3@func:', "'3@func:': the function has no name", 'write for example func:main_loop#3'],
  ['3@func:#3', "'3@func:#3': the function has no name", 'write for example func:main_loop#3'],
  ['3@func:f#0', "'3@func:f#0': entry 0 is out of range", 'entries count from 1, for example func:main_loop#3'],
  ['3@every:0s', "'3@every:0s': a period of 0 never lets the machine run", 'write for example every:1ms'],
  ['3@every:1', "'3@every:1': '1' has no unit", 'write 1ms, 1us or 1s for a time, insn:1234 for a count'],
];

for (const [text, message, advice] of BAD) {
  test(`refuses ${text === '' ? 'nothing' : text}`, (t) => {
    const error = t.throws(() => parseInjection(text), { instanceOf: WirqError });
    t.is(error.code, 'bad-argument');
    t.is(error.message, message);
    t.is(error.advice, advice);
  });
}

for (const [text, message, advice] of [
  ['SIGUSR9@1s', "'SIGUSR9@1s': there is no signal 'SIGUSR9'", "did you mean 'SIGUSR1'?"],
  ['65@1s', "'65@1s': signal 65 is out of range", 'signals are 1 to 64, for example SIGUSR1 (10)'],
  ['0@1s', "'0@1s': signal 0 is out of range", 'signals are 1 to 64, for example SIGUSR1 (10)'],
  ['SIGUSR1', "'SIGUSR1' does not say when", 'write for example SIGUSR1@2s, 10@insn:1234 or SIGALRM@every:1ms'],
  ['@1s', "'@1s' does not name a signal", 'write for example SIGUSR1@2s, 10@insn:1234 or SIGALRM@every:1ms'],
] as const) {
  test(`refuses signal ${text}`, (t) => {
    const error = t.throws(() => parseSignalInjection(text), { instanceOf: WirqError });
    t.is(error.message, message);
    t.is(error.advice, advice);
  });
}

const when: fc.Arbitrary<When> = fc.oneof(
  fc.record({ kind: fc.constant('time' as const), at: fc.nat(MAX_NS) as fc.Arbitrary<Instant> }),
  fc.record({ kind: fc.constant('instruction' as const), count: fc.maxSafeNat() }),
  fc.record({
    kind: fc.constant('function' as const),
    name: fc.oneof(fc.string({ minLength: 1 }), fc.stringMatching(/^[a-z]{1,3}#[0-9]{1,3}$/)),
    entry: fc.integer({ min: 1, max: MAX_NS }),
  }),
  fc.record({
    kind: fc.constant('every' as const),
    period: fc.integer({ min: 1, max: MAX_NS }) as fc.Arbitrary<Duration>,
  }),
);
const irq = fc.oneof(
  fc.nat(239) as fc.Arbitrary<LineNumber>,
  fc.constantFrom(-1, -2, -5, -13, -14) as fc.Arbitrary<LineNumber>,
  fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,9}$/).filter((name) => name !== 'NMI'),
);

test('what is written is read back unchanged, to the nanosecond', (t) => {
  fc.assert(
    fc.property(fc.record({ irq, when }), (injection: Injection) => {
      t.deepEqual(parseInjection(formatInjection(injection)), injection);
      t.deepEqual(parseWhen(formatWhen(injection.when)), injection.when);
    }),
  );
  fc.assert(
    fc.property(fc.record({ signal: fc.integer({ min: 1, max: 64 }), when }), (injection) => {
      t.deepEqual(parseSignalInjection(formatSignalInjection(injection)), injection);
    }),
  );
});

test('any text is read or refused with a WirqError on one line', (t) => {
  const piece = fc.constantFrom(
    '3',
    '@',
    'insn:',
    'func:',
    'every:',
    '#',
    '10ms',
    '-',
    '.',
    'SysTick',
    '9'.repeat(400),
    '\n',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (each) => {
      for (const parse of [parseInjection, parseSignalInjection, parseWhen]) {
        try {
          parse(each);
        } catch (error) {
          t.true(error instanceof WirqError);
          const { message, advice } = error as WirqError;
          t.notRegex(message, /\n/);
          t.true(message.length < 300);
          t.true((advice ?? '').length > 0);
        }
      }
    }),
    { numRuns: 500 },
  );
});
