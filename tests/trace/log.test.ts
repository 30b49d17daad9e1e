/** Goal: every kind of event has a readable line in columns, and no guest can command the terminal through it. */
import test from 'ava';
import fc from 'fast-check';
import type { Instant } from '../../src/clock/instant.ts';
import type { EventDetails, EventKind } from '../../src/machine/events.ts';
import { EVENT_FIELDS } from '../../src/trace/jsonl.ts';
import { formatLogLine } from '../../src/trace/log.ts';

const ESCAPE = String.fromCharCode(27);

const at = (kind: EventKind, details: EventDetails, time = 10_000_000, instructions = 160_000) => ({
  time: time as Instant,
  instructions,
  kind,
  details,
});

const LINES: readonly (readonly [kind: EventKind, details: EventDetails, words: string])[] = [
  ['reset', { module: 'ab'.repeat(32), hz: 16000000, seed: 7 }, 'reset    module abababababab, 16000000 Hz, seed 7'],
  [
    'reset',
    { cause: 'watchdog', module: 'ab'.repeat(32), hz: 1000, seed: 0 },
    'reset    module abababababab, 1000 Hz, seed 0, after watchdog',
  ],
  ['call', { function: '_start' }, 'call     _start'],
  ['pend', { line: 'BUTTON', source: 'injection' }, 'pend     BUTTON from injection'],
  ['pend', { line: 'BUTTON', source: 'pin 4', coalesced: true }, 'pend     BUTTON from pin 4, was pending already'],
  ['enter', { line: 'BUTTON', priority: 2, depth: 1 }, 'enter    BUTTON at priority 2, depth 1'],
  ['leave', { line: 'BUTTON', depth: 1 }, 'leave    BUTTON, depth 1'],
  ['post', { what: 'irq', number: 3, overrun: true }, 'post     irq 3, overrun'],
  ['post', { what: 'signal', number: 10, value: 42 }, 'post     signal 10, value 42'],
  ['done', { line: 'IRQ3' }, 'done     IRQ3'],
  ['guest', { number: 1, value: '18446744073709551615' }, 'guest    event 1, value 18446744073709551615'],
  ['signal', { signal: 'SIGUSR1', action: 'terminate', value: 0 }, 'signal   SIGUSR1: terminate, value 0'],
  ['pin', { pin: 13, level: 1, driver: 'guest' }, 'pin      pin 13 = 1 by the guest'],
  ['pin', { pin: 4, level: 0, driver: 'outside' }, 'pin      pin 4 = 0 by the board'],
  ['uart-tx', { port: 0, text: 'say "hi"\n' }, 'uart-tx  port 0 "say \\"hi\\"\\n"'],
  ['uart-rx', { port: 1, text: 'x'.repeat(200) }, `uart-rx  port 1 "${'x'.repeat(120)}" and 80 more`],
  ['device', { device: 'watchdog', what: 'expired', action: 'nmi' }, 'device   watchdog: expired action=nmi'],
  ['log', { from: 'console', level: 'warn', message: 'low water' }, 'log      console warn: low water'],
  ['log', { from: 'trace', message: 'count', values: '1, 2' }, 'log      trace: count 1, 2'],
  ['log', { from: 'probe', other: 3 }, 'log      probe other=3'],
  ['step', { step: 'delay', place: 'a.yaml:3:5' }, 'step     delay (a.yaml:3:5)'],
  ['step', { step: 'press' }, 'step     press'],
  ['expect', { what: 'pin LED', passed: true, expected: '1', actual: '1' }, 'expect   pin LED is 1'],
  ['expect', { what: 'pin LED', passed: false, expected: '1', actual: '0' }, 'expect   pin LED: expected 1, actual 0'],
  ['hardfault', { cause: 1, message: 'unreachable' }, 'hardfault  unreachable (cause 1)'],
  ['mask', { mask: 'PRIMASK', value: 1 }, 'mask     PRIMASK = 1'],
  ['sleep', {}, 'sleep'],
  ['wake', {}, 'wake'],
  ['spawn', { task: 1, priority: 128 }, 'spawn    task 1 at priority 128'],
  ['finish', { task: 1, code: 3 }, 'finish   task 1, code 3'],
  ['await', { call: 'env.fetch', number: 1 }, 'await    env.fetch, promise 1'],
  ['settle', { call: 'env.fetch', number: 1, result: '7' }, 'settle   env.fetch, promise 1 = 7'],
  ['switch', { to: 'task 1' }, 'switch   to task 1'],
  ['fault', { in: 'task 1', message: 'unreachable', backtrace: 'f < g' }, 'fault    task 1: unreachable in f < g'],
  ['end', { outcome: 'exit', code: 0 }, 'end      exit, exit code 0'],
];

for (const [kind, details, words] of LINES) {
  test(`${kind} ${JSON.stringify(details).slice(0, 60)}`, (t) => {
    t.is(formatLogLine(at(kind, details)), ` 0.010000000s       160000  ${words}`);
  });
}

test('every kind is in the table above', (t) => {
  t.deepEqual([...new Set(LINES.map(([kind]) => kind))].sort(), (Object.keys(EVENT_FIELDS) as EventKind[]).sort());
});

test('time is exact to the last nanosecond there is', (t) => {
  t.is(
    formatLogLine(at('wake', {}, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
    '9007199.254740991s 9007199254740991  wake',
  );
});

test('colour only when asked for, and failures in red', (t) => {
  const failed = at('expect', { what: 'pin LED', passed: false, expected: '1', actual: '0' });
  t.false(formatLogLine(failed).includes(ESCAPE));
  const colored = formatLogLine(failed, { color: true });
  t.true(colored.includes(`${ESCAPE}[31mexpect`));
  t.is(colored.replace(/\p{Cc}\[\d+m/gu, ''), formatLogLine(failed));
});

test('whatever a guest or module says, the line holds no control characters', (t) => {
  const details = fc.dictionary(
    fc.oneof(fc.constantFrom(...Object.values(EVENT_FIELDS).flat()), fc.string({ unit: 'binary' })),
    fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean()),
  );
  fc.assert(
    fc.property(fc.constantFrom(...(Object.keys(EVENT_FIELDS) as EventKind[])), details, (kind, each) => {
      t.notRegex(formatLogLine(at(kind, each)), /[\p{Cc}\u2028\u2029]/u);
    }),
  );
});
