/** Goal: every kind of step, trigger and machine setting arrives as documented, with its place; Wokwi files are read. */
import test from 'ava';
import { machineOptions } from '../../src/scenario/machine-section.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { DEFAULT_TIMEOUT, type Step } from '../../src/scenario/scenario.ts';

const MACHINE =
  "machine: {irqs: {BUTTON: {line: 3}}, pins: {LED: 13, 'led1:A': 9, btn1: 4, btn2: {pin: 5, active: low}}}";

/** The single step of a scenario, without name and place. */
function stepOf(text: string): unknown {
  const { steps } = parseScenario(`version: 1\n${MACHINE}\nsteps:\n  - ${text}\n`, 'test.yaml');
  const { place: _place, name: _name, ...body } = steps[0]!;
  return body;
}

const BUTTON = { line: 3, label: 'BUTTON' };
const LED = { pin: 13, label: 'LED' };
const ONCE = { when: undefined, every: undefined, count: undefined };
const ascii = (text: string) => new TextEncoder().encode(text);
const written = (bytes: Uint8Array, port = 0) => ({
  kind: 'act',
  action: { kind: 'write-serial', port, bytes },
  schedule: ONCE,
});
const set = (pin: unknown, level: number) => ({ kind: 'act', action: { kind: 'set-pin', pin, level }, schedule: ONCE });
const raised = (irq: unknown, schedule: object = {}) => ({
  kind: 'act',
  action: { kind: 'irq', irq },
  schedule: { ...ONCE, ...schedule },
});
const signalled = (value: number | undefined, schedule: object = {}) => ({
  kind: 'act',
  action: { kind: 'signal', signal: 10, value },
  schedule: { ...ONCE, ...schedule },
});

const STEPS: readonly (readonly [text: string, step: unknown])[] = [
  ["wait-serial: 'ready'", { kind: 'wait-serial', text: 'ready', timeout: DEFAULT_TIMEOUT }],
  ["wait-serial: {text: 'ready', timeout: 50ms}", { kind: 'wait-serial', text: 'ready', timeout: 50_000_000 }],
  ['wait-serial: {text: "a\\tb"}', { kind: 'wait-serial', text: 'a\tb', timeout: DEFAULT_TIMEOUT }],
  ['write-serial: "go\\n"', written(ascii('go\n'))],
  ["write-serial: 'go\\n'", written(ascii('go\\n'))],
  ["write-serial: {text: 'µ', port: 1}", written(Uint8Array.of(0xc2, 0xb5), 1)],
  ['write-serial: {bytes: [1, 0xff]}', written(Uint8Array.of(1, 255))],
  ['write-serial: [104, 105]', written(ascii('hi'))],
  ['irq: BUTTON', raised(BUTTON)],
  ['irq: 3', raised(BUTTON)],
  ['irq: 7', raised({ line: 7, label: 'IRQ7' })],
  ['irq: IRQ3', raised(BUTTON)],
  ['irq: IRQ239', raised({ line: 239, label: 'IRQ239' })],
  ['irq: SysTick', raised({ line: -1, label: 'SysTick' })],
  ["irq: {line: 3, at: 'insn:120000'}", raised(BUTTON, { when: { kind: 'instruction', count: 120000 } })],
  ['irq: {line: BUTTON, at: 10ms}', raised(BUTTON, { when: { kind: 'time', at: 10_000_000 } })],
  [
    "irq: {line: BUTTON, at: 'func:main_loop#3', every: 1ms, count: 5}",
    raised(BUTTON, { when: { kind: 'function', name: 'main_loop', entry: 3 }, every: 1_000_000, count: 5 }),
  ],
  [
    'signal: {sig: SIGUSR1, value: 42, at: 1ms, every: 2ms, count: 3}',
    signalled(42, { when: { kind: 'time', at: 1_000_000 }, every: 2_000_000, count: 3 }),
  ],
  ['irq: {line: BUTTON, every: 1ms}', raised(BUTTON, { when: { kind: 'every', period: 1_000_000 } })],
  [
    "irq: {line: BUTTON, at: 'every:1ms', count: 2}",
    raised(BUTTON, { when: { kind: 'every', period: 1_000_000 }, count: 2 }),
  ],
  ['signal: SIGUSR1', signalled(undefined)],
  ['signal: 10', signalled(undefined)],
  ['signal: {sig: SIGUSR1, value: -42, at: 2s}', signalled(-42, { when: { kind: 'time', at: 2_000_000_000 } })],
  ['delay: 1.5ms', { kind: 'delay', duration: 1_500_000 }],
  ['set-pin: {pin: LED, value: 1}', set(LED, 1)],
  ['set-pin: {pin: 255, value: 0}', set({ pin: 255, label: '255' }, 0)],
  ['set-control: {part-id: btn1, control: pressed, value: 1}', set({ pin: 4, label: 'btn1' }, 1)],
  ['set-control: {part-id: btn2, control: pressed, value: 1}', set({ pin: 5, label: 'btn2' }, 0)],
  ['set-control: {part-id: btn2, control: pressed, value: 0}', set({ pin: 5, label: 'btn2' }, 1)],
  // Wokwi's newer words, and the pin of a part: the board's own, or one that is wired to it.
  ['set-control: {part-id: btn1, name: pressed, value: 1}', set({ pin: 4, label: 'btn1' }, 1)],
  ['expect-pin: {part-id: esp, pin: 2, value: 1}', { kind: 'expect-pin', pin: { pin: 2, label: '2' }, level: 1 }],
  ['expect-pin: {part-id: esp, name: LED, value: 1}', { kind: 'expect-pin', pin: LED, level: 1 }],
  [
    "expect-pin: {part-id: led1, pin: 'A', value: 0}",
    { kind: 'expect-pin', pin: { pin: 9, label: 'led1:A' }, level: 0 },
  ],
  ['expect-pin: {pin: LED, value: 1}', { kind: 'expect-pin', pin: LED, level: 1 }],
  ['wait-pin: {pin: LED, value: 0, timeout: 1s}', { kind: 'wait-pin', pin: LED, level: 0, timeout: 1e9 }],
  ['expect-irq: {line: BUTTON, count: 0}', { kind: 'expect-irq', irq: BUTTON, count: 0 }],
  ['wait-event: 9', { kind: 'wait-event', event: 9, value: undefined, timeout: DEFAULT_TIMEOUT }],
  [
    'wait-event: {event: 4294967295, value: -1, timeout: 1s}',
    { kind: 'wait-event', event: 4294967295, value: -1n, timeout: 1e9 },
  ],
  ['wait-irq: {line: BUTTON}', { kind: 'wait-irq', irq: BUTTON, count: 1, timeout: DEFAULT_TIMEOUT }],
  ['wait-irq: {line: 3, count: 2, timeout: 0s}', { kind: 'wait-irq', irq: BUTTON, count: 2, timeout: 0 }],
  [
    'expect-mem: {address: counter, type: u32, equals: 7}',
    { kind: 'expect-mem', address: 'counter', value: { type: 'u32', equals: 7 } },
  ],
  [
    'expect-mem: {address: 0x1000, type: i8, equals: -128}',
    { kind: 'expect-mem', address: 4096, value: { type: 'i8', equals: -128 } },
  ],
  [
    'expect-mem: {address: 8, type: u64, equals: 18446744073709551615}',
    { kind: 'expect-mem', address: 8, value: { type: 'u64', equals: 2n ** 64n - 1n } },
  ],
  [
    'expect-mem: {address: 8, type: i64, equals: -9223372036854775808}',
    { kind: 'expect-mem', address: 8, value: { type: 'i64', equals: -(2n ** 63n) } },
  ],
  [
    'expect-mem: {address: 8, type: f32, equals: 0.1}',
    { kind: 'expect-mem', address: 8, value: { type: 'f32', equals: Math.fround(0.1) } },
  ],
  [
    'expect-mem: {address: 8, type: f64, equals: -.inf}',
    { kind: 'expect-mem', address: 8, value: { type: 'f64', equals: Number.NEGATIVE_INFINITY } },
  ],
  ['expect-exit: 0', { kind: 'expect-exit', code: 0, timeout: DEFAULT_TIMEOUT }],
  ['expect-exit: {code: 134, timeout: 2s}', { kind: 'expect-exit', code: 134, timeout: 2e9 }],
];

for (const [text, step] of STEPS) {
  test(`step ${text}`, (t) => t.deepEqual(stepOf(text), step));
}

test('the example of the documentation', (t) => {
  const scenario = parseScenario(
    `version: 1
name: button wakes the pump
machine: {hz: 16MHz, irqs: {BUTTON: {line: 3, priority: 2}, UART0: {line: 5}}, pins: {LED: 13}}
steps:
  - wait-serial: {text: 'ready', timeout: 50ms}
  - irq: BUTTON
  - irq: {line: 3, at: 'insn:120000'}
  - signal: {sig: SIGUSR1, value: 42}
  - write-serial: "go\\n"
  - delay: 1ms
  - expect-pin: {pin: LED, value: 1}
  - expect-irq: {line: BUTTON, count: 2}
  - expect-mem: {address: counter, type: u32, equals: 7}
  - expect-exit: 0
triggers:
  tick: {every: 1ms, irq: SysTick}
`,
    'button.yaml',
  );
  t.is(scenario.name, 'button wakes the pump');
  t.is(scenario.machine.hz, 16_000_000);
  t.is(scenario.machine.irqs.get('BUTTON')?.priority, 2);
  t.deepEqual(
    scenario.steps.map((step) => (step.kind === 'act' ? step.action.kind : step.kind)),
    [
      'wait-serial',
      'irq',
      'irq',
      'signal',
      'write-serial',
      'delay',
      'expect-pin',
      'expect-irq',
      'expect-mem',
      'expect-exit',
    ],
  );
  t.deepEqual(scenario.steps[1]!.place, { file: 'button.yaml', line: 6, column: 5 });
  t.deepEqual(scenario.triggers, [
    {
      place: { file: 'button.yaml', line: 16, column: 9 },
      name: 'tick',
      action: { kind: 'irq', irq: { line: -1 as never, label: 'SysTick' } },
      schedule: { when: { kind: 'every', period: 1e6 as never }, every: undefined, count: undefined },
    },
  ]);
});

test('a scenario as Wokwi writes it', (t) => {
  const scenario = parseScenario(
    `name: 'Your scenario name'
version: 1
author: 'Your name'
machine: {pins: {btn1: 4}} # the one line to add: which pin the button is wired to

steps:
  # List of steps:
  - set-control:
      part-id: btn1
      control: pressed
      value: 1
  - name: let it settle
    delay: 500ms
  - wait-serial: 'Button 1 pressed'
`,
    'wokwi.yaml',
  );
  t.is(scenario.author, 'Your name');
  t.deepEqual(
    scenario.steps.map((step: Step) => [step.kind, step.name]),
    [
      ['act', undefined],
      ['delay', 'let it settle'],
      ['wait-serial', undefined],
    ],
  );
});

const PLAIN = { pull: undefined, bounce: undefined };

test('everything the machine section can say', (t) => {
  const { machine, steps } = parseScenario(
    `version: 1
machine:
  hz: 32.768kHz
  irqs:
    BUTTON: {line: 3, priority: 255, handler: on_button, deliver: mailbox}
    TIMER: {line: 239}
  pins: {LED: 13, btn: {pin: 4, active: low, irq: BUTTON}, sense: {pin: 5, irq: 7, edge: both}}
  priority-bits: 3
  deliver: handler
  seed: 4294967295
  mailbox-poll: 100us
`,
    'machine.yaml',
  );
  t.is(machine.hz, 32768);
  t.deepEqual(
    [...machine.irqs],
    [
      [
        'BUTTON',
        {
          line: 3 as never,
          priority: 255,
          handler: 'on_button',
          deliver: 'mailbox',
          place: { file: 'machine.yaml', line: 5, column: 13 },
        },
      ],
      [
        'TIMER',
        {
          line: 239 as never,
          priority: undefined,
          handler: undefined,
          deliver: undefined,
          place: { file: 'machine.yaml', line: 6, column: 12 },
        },
      ],
    ],
  );
  t.deepEqual(
    [...machine.pins],
    [
      ['LED', { pin: 13, active: 'high', wire: undefined, ...PLAIN }],
      ['btn', { pin: 4, active: 'low', wire: { irq: BUTTON as never, edge: 'falling' }, ...PLAIN }],
      ['sense', { pin: 5, active: 'high', wire: { irq: { line: 7 as never, label: 'IRQ7' }, edge: 'both' }, ...PLAIN }],
    ],
  );
  t.is(machine.priorityBits, 3);
  t.is(machine.deliver, 'handler');
  t.is(machine.seed, 4294967295);
  t.is(machine.mailboxPoll, 100_000 as never);
  t.deepEqual(steps, []);
});

test('triggers do what steps do, at a moment or again and again', (t) => {
  const { triggers } = parseScenario(
    `version: 1
${MACHINE}
triggers:
  press: {at: 'func:loop#2', set-pin: {pin: btn1, value: 1}}
  hello: {at: 5ms, every: 1ms, count: 3, write-serial: hi}
  alarm: {every: 2ms, count: 2, signal: {sig: SIGALRM, value: 7}}
  button: {every: 1s, irq: BUTTON}
`,
    'triggers.yaml',
  );
  t.deepEqual(triggers.map(({ name, action, schedule }) => [name, action.kind, schedule]) as unknown, [
    ['press', 'set-pin', { when: { kind: 'function', name: 'loop', entry: 2 }, every: undefined, count: undefined }],
    ['hello', 'write-serial', { when: { kind: 'time', at: 5e6 }, every: 1e6, count: 3 }],
    ['alarm', 'signal', { when: { kind: 'every', period: 2e6 }, every: undefined, count: 2 }],
    ['button', 'irq', { when: { kind: 'every', period: 1e9 }, every: undefined, count: undefined }],
  ]);
});

test('an alias repeats what the nearest anchor before it says', (t) => {
  const { steps } = parseScenario(
    `version: 1
steps:
  - wait-serial: &wait {text: ready, timeout: &short 5ms}
  - wait-serial: *wait
  - delay: *short
  - delay: &short 7ms
  - delay: *short
`,
    'alias.yaml',
  );
  const { place: _first, ...first } = steps[0]!;
  const { place: _second, ...second } = steps[1]!;
  t.deepEqual(first, second);
  t.deepEqual(
    steps.slice(2).map((step) => (step.kind === 'delay' ? Number(step.duration) : 0)),
    [5e6, 7e6, 7e6],
  );
});

test('after the guest has ended, what it left behind can still be checked', (t) => {
  const { steps } = parseScenario(
    'version: 1\nsteps:\n  - expect-exit: 0\n  - expect-pin: {pin: 1, value: 1}\n  - expect-irq: {line: 3, count: 1}\n',
    'end.yaml',
  );
  t.is(steps.length, 3);
});

test('the machine section becomes options of a machine', (t) => {
  const section = (text: string) => machineOptions(parseScenario(`version: 1\nsteps: []\n${text}`, 'm.yaml').machine);
  const options = section(
    'machine: {hz: 1MHz, irqs: {BUTTON: {line: 3, priority: 2}}, pins: {LED: 13, btn: {pin: 4, irq: BUTTON}}}',
  );
  t.is(options.hz, 1e6);
  t.like(options.irqs.BUTTON, { line: 3, priority: 2 });
  t.deepEqual(options.pins, { LED: 13, btn: 4 });
  t.deepEqual(options.wires as unknown, [{ pin: 4, line: 3, edge: 'rising' }]);
  t.deepEqual(section('').irqs, {});
});
