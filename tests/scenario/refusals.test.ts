/** Goal: each mistake in a scenario gets its own sentence, at the right line and column, with what to write instead. */
import test from 'ava';
import fc from 'fast-check';
import { WirqError } from '../../src/errors.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const NAMES = 'machine: {irqs: {BUTTON: {line: 3}}, pins: {LED: 13, btn1: 4}}';

function refusal(text: string): string {
  try {
    parseScenario(text, 'f.yaml');
  } catch (error) {
    if (error instanceof WirqError && error.code === 'bad-scenario') return error.report;
    throw error;
  }
  return 'accepted';
}

/** Whole files, and what is said of them. */
const FILES: readonly (readonly [text: string, report: string])[] = [
  ['', "f.yaml:1:1: the scenario is empty\n  begin with 'version: 1'"],
  ['# nothing\n', "f.yaml:1:1: the scenario is empty\n  begin with 'version: 1'"],
  ['hello', "f.yaml:1:1: the scenario must be a mapping, not 'hello'\n  write for example 'version: 1' and 'steps:'"],
  ['- a', "f.yaml:1:1: the scenario must be a mapping, not a list\n  write for example 'version: 1' and 'steps:'"],
  ['steps: []', "f.yaml:1:1: the scenario has no 'version'\n  add 'version: 1'"],
  ['version: 2\nsteps: []', "f.yaml:1:10: version 2 is not known\n  this wirq reads 'version: 1'"],
  ["version: '1'", "f.yaml:1:10: 'version' must be a whole number, not '1'\n  write a number from 0 to 4294967295"],
  ['version: 1', "f.yaml:1:1: the scenario has no 'steps'\n  add 'steps:' with one '- ' line for each"],
  ['version: 1\nstep: []', "f.yaml:2:1: unknown key 'step' in the scenario\n  did you mean 'steps'?"],
  [
    'version: 1\nsteps: []\nversion: 1',
    "f.yaml:3:1: 'version' is given twice in the scenario\n  the first is on line 1",
  ],
  ['version: 1\nsteps: {}', "f.yaml:2:8: 'steps' must be a list, not a mapping\n  begin each item with '- '"],
  ['version: 1\nsteps:', "f.yaml:2:7: 'steps' must be a list, not nothing\n  begin each item with '- '"],
  ['version: 1\n1: 2', 'f.yaml:2:1: a key of the scenario must be text, not 1\n  write keys as words'],
  ['version: 1\n? [a]\n: 2', 'f.yaml:2:3: a key of the scenario must be text, not a list\n  write keys as words'],
  ['version: 1\nname: 42\nsteps: []', "f.yaml:2:7: 'name' must be text, not 42\n  put it in quotes: '42'"],
  ['version: 1\nsteps:\n\t- delay: 1ms', 'f.yaml:3:1: a tab indents this line\n  YAML is indented with spaces'],
  [
    'version: 1\n---\nsteps: []',
    "f.yaml:2:1: a second document begins here\n  a scenario file holds one; remove the '---' between them",
  ],
  ['version: !!binary aaaa', "f.yaml:1:10: tags are not read\n  remove the word that begins with '!'"],
  [
    '%YAML 1.1\n---\nversion: 1',
    'f.yaml:1:1: YAML 1.1 is not read\n  scenarios are YAML 1.2; leave the %YAML line out',
  ],
  ['version: *v', "f.yaml:1:10: alias '*v' repeats nothing\n  no '&v' stands before it"],
  [
    'version: 1\nsteps: [',
    'f.yaml:2:9: not YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  ['version: 1\nsteps: "open', 'f.yaml:2:13: not YAML: missing closing "quote'],
];

for (const [text, report] of FILES) {
  test(`file ${JSON.stringify(text)}`, (t) => t.is(refusal(text), report));
}

/** One step each, on line 4 from column 5. */
const STEPS: readonly (readonly [text: string, report: string])[] = [
  ['wait-seral: x', "4:5: unknown key 'wait-seral' in a step\n  did you mean 'wait-serial'?"],
  [
    'press: x',
    "4:5: unknown key 'press' in a step\n  known steps: wait-serial, write-serial, irq, signal, delay, set-pin, set-control, release-pin, set-adc, reset, wait-pin, wait-irq, wait-event, wait-reset, expect-reset, expect-pin, and 4 more",
  ],
  ['delay', "4:5: a step must be a mapping, not 'delay'\n  write for example 'delay: 10ms'"],
  [
    'name: nothing',
    '4:5: a step does nothing\n  add one of wait-serial, write-serial, irq, signal, delay, set-pin, set-control, release-pin, set-adc, reset, wait-pin, wait-irq, wait-event, wait-reset, expect-reset, expect-pin, expect-irq, expect-mem, expect-exit',
  ],
  [
    '{delay: 1ms, irq: 3}',
    "4:18: 'delay' and 'irq' are in one step\n  begin the second with '- ' as a step of its own",
  ],
  [
    "{wait-serial: 'x', timeout: 5s}",
    "4:24: 'timeout' stands beside 'wait-serial'\n  write it inside: wait-serial: {..., timeout: '5s'}",
  ],
  ['{delay: 1ms, delay: 2ms}', "4:18: 'delay' is given twice in a step\n  the first is on line 4"],
  [
    'take-screenshot: {part-id: lcd}',
    "4:5: there is no step 'take-screenshot': nothing here has a screen\n  remove the step, or check what the firmware prints with wait-serial",
  ],
  [
    'touch: {x: 1, y: 2}',
    "4:5: there is no step 'touch': nothing here has a touch screen\n  use set-pin or irq for the line that the touch controller drives",
  ],
  [
    'expect-serial: x',
    "4:5: there is no step 'expect-serial': serial output is matched as it arrives\n  write wait-serial: {text: 'ready', timeout: 10ms}",
  ],
  ['delay: 5', "4:12: 'delay' has no unit: 5\n  write 5ms, 5us or 5s"],
  [
    'delay: 5 sec',
    "4:12: 'delay' is not a time: '5 sec'\n  write a number and a unit (ns, us, ms, s, m, h), at most 104 days, for example 10ms",
  ],
  [
    'delay:',
    "4:11: 'delay' is not a time: nothing\n  write a number and a unit (ns, us, ms, s, m, h), at most 104 days, for example 10ms",
  ],
  ['wait-serial: 42', "4:18: 'wait-serial' must be text, not 42\n  put it in quotes: '42'"],
  ['wait-serial: ""', "4:18: 'wait-serial' is empty\n  write for example 'ready'"],
  [
    'wait-serial: {timeout: 5ms}',
    "4:18: 'wait-serial' has no 'text'\n  add 'text', for example {text: 'ready', timeout: 50ms}",
  ],
  ['wait-serial: {text: x, tiemout: 5ms}', "4:28: unknown key 'tiemout' in 'wait-serial'\n  did you mean 'timeout'?"],
  ['wait-serial: {text: x, timeout: 5}', "4:37: 'timeout' has no unit: 5\n  write 5ms, 5us or 5s"],
  ['write-serial: ""', "4:19: 'write-serial' sends nothing\n  write for example 'go'"],
  ['write-serial: {bytes: [256]}', '4:28: a byte is out of range: 256\n  write a number from 0 to 255'],
  ['write-serial: {bytes: []}', "4:27: 'bytes' sends nothing\n  list at least one byte"],
  [
    'write-serial: {port: 1}',
    "4:19: 'write-serial' has neither 'text' nor 'bytes'\n  write one, for example {text: 'go'} or {bytes: [1, 2]}",
  ],
  [
    'write-serial: {text: a, bytes: [1]}',
    "4:19: 'write-serial' has both 'text' and 'bytes'\n  write one, for example {text: 'go'} or {bytes: [1, 2]}",
  ],
  ['write-serial: {text: a, port: 4}', "4:35: 'port' is out of range: 4\n  write a number from 0 to 3"],
  ['irq: BUTON', "4:10: 'irq': no line is named 'BUTON'\n  did you mean 'BUTTON'?"],
  ['irq: Systick1', "4:10: 'irq': no line is named 'Systick1'\n  did you mean 'SysTick'?"],
  [
    'irq: GPIO_PORT_A',
    "4:10: 'irq': no line is named 'GPIO_PORT_A'\n  name it in the scenario, machine: {irqs: {GPIO_PORT_A: {line: 3}}}, or write its number",
  ],
  ['irq: IRQ240', "4:10: 'irq': line IRQ240 is out of range\n  lines are IRQ0 to IRQ239"],
  ['irq: 240', "4:10: 'irq': line 240 is out of range\n  lines are 0 to 239"],
  [
    'irq: -1',
    "4:10: 'irq': line -1 is out of range\n  lines are 0 to 239; system exceptions go by name, for example SysTick",
  ],
  [
    'irq: 1.5',
    "4:10: 'irq': '1.5' is neither a line's number nor a name\n  write a number from 0 to 239, SysTick, PendSV or a name",
  ],
  ['irq: 3@10ms', "4:10: 'irq': '3@10ms' is the form of the command line\n  write {line: 3, at: '10ms'}"],
  ['irq: {at: 1ms}', "4:10: 'irq' has no 'line'\n  add 'line', for example {line: 3, at: '10ms'}"],
  [
    'irq: {line: 3, at: 10}',
    "4:24: 'at': '10' has no unit\n  write 10ms, 10us or 10s for a time, insn:1234 for a count",
  ],
  ['irq: {line: 3, at: "isn:10"}', "4:24: 'at': 'isn:' is no kind of moment\n  did you mean 'insn:'?"],
  ['irq: {line: 3, at: 1ms, count: 2}', "4:36: 'count' has nothing to count\n  add a period, for example every: 1ms"],
  ['irq: {line: 3, every: 1ms, count: 0}', "4:39: 'count' is out of range: 0\n  write a number from 1 to 4294967295"],
  [
    'irq: {line: 3, every: 0s}',
    "4:27: 'every' is a period of 0, which never lets the machine run\n  write for example 1ms",
  ],
  ['irq: {line: 3, at: "every:1ms", every: 2ms}', "4:24: 'at' and 'every' both say a period\n  write 'every' once"],
  ['irq: [3]', "4:10: 'irq' must be a name or a number, not a list"],
  ['signal: SIGUSER1', "4:13: 'signal': there is no signal 'SIGUSER1'\n  did you mean 'SIGUSR1'?"],
  ['signal: 65', "4:13: 'signal': signal 65 is out of range\n  signals are 1 to 64, for example SIGUSR1 (10)"],
  ['signal: {value: 1}', "4:13: 'signal' has no 'sig'\n  add 'sig', for example {sig: SIGUSR1}"],
  [
    'signal: {sig: 10, value: 2147483648}',
    "4:30: 'value' is out of range: 2147483648\n  write a number from -2147483648 to 2147483647",
  ],
  ['set-pin: {pin: LEDS, value: 1}', "4:20: 'pin': no pin is named 'LEDS'\n  did you mean 'LED'?"],
  [
    'set-pin: {pin: MOTOR, value: 1}',
    "4:20: 'pin': no pin is named 'MOTOR'\n  name it under machine, for example pins: {LED: 13}, or write its number",
  ],
  ['set-pin: {pin: 256, value: 1}', "4:20: 'pin': pin 256 is out of range\n  pins are 0 to 255"],
  ['set-pin: {pin: LED, value: 2}', "4:32: 'value' is out of range: 2\n  write a number from 0 to 1"],
  ['set-pin: {pin: LED, value: true}', "4:32: 'value' must be a whole number, not true\n  write a number from 0 to 1"],
  ['set-pin: {pin: LED}', "4:14: 'set-pin' has no 'value'\n  add 'value', 0 or 1"],
  ['set-control: {part-id: bnt1, control: pressed, value: 1}', "4:28: there is no part 'bnt1'\n  did you mean 'btn1'?"],
  [
    'set-control: {part-id: green-button, control: pressed, value: 1}',
    "4:28: there is no part 'green-button'\n  say which pin it is wired to, machine: {pins: {green-button: 4}}, with {pin: 4, active: low} if it pulls to ground",
  ],
  [
    'set-control: {part-id: dht, control: temperature, value: 22}',
    "4:42: there is no control 'temperature' here\n  only a push button's 'pressed'; other parts are not emulated",
  ],
  [
    "expect-pin: {part-id: led1, pin: 'A', value: 1}",
    "4:38: 'pin': no pin is named 'led1:A'\n  say which pin that is, machine: {pins: {'led1:A': 13}}",
  ],
  [
    'expect-pin: {part-id: esp, pin: 2, name: 2, value: 1}',
    "4:40: 'name' is another word for 'pin', which is given too\n  leave one of them out",
  ],
  ['wait-event: {event: -1}', "4:25: 'event' is out of range: -1\n  write a number from 0 to 4294967295"],
  [
    'expect-irq: {line: BUTTON}',
    "4:17: 'expect-irq' has no 'count'\n  add 'count', the number of deliveries so far, for example count: 2",
  ],
  ['wait-irq: {line: BUTTON, count: 0}', "4:37: 'count' is out of range: 0\n  write a number from 1 to 4294967295"],
  [
    'wait-pin: {pin: LED, value: 1, timeout: -1ms}',
    "4:45: 'timeout' is not a time: '-1ms'\n  write a number and a unit (ns, us, ms, s, m, h), at most 104 days, for example 10ms",
  ],
  [
    'expect-mem: {address: 8, type: u128, equals: 1}',
    "4:36: 'type' cannot be 'u128'\n  known values: u8, i8, u16, i16, u32, i32, u64, i64, f32, f64",
  ],
  [
    'expect-mem: {address: -8, type: u8, equals: 1}',
    "4:27: 'address' is out of range: -8\n  write a number from 0 to 4294967295",
  ],
  [
    'expect-mem: {address: 8, type: u8, equals: 256}',
    "4:48: 'equals' is out of range: 256\n  write a number from 0 to 255",
  ],
  [
    'expect-mem: {address: 8, type: i32, equals: 7.5}',
    "4:49: 'equals' must be a whole number, not 7.5\n  write a number from -2147483648 to 2147483647",
  ],
  [
    'expect-mem: {address: 8, type: f32, equals: 1e39}',
    "4:49: 'equals' is beyond an f32: 1e39\n  the largest is about 3.4e38; write .inf for infinity",
  ],
  [
    'expect-mem: {address: 8, type: f64, equals: x}',
    "4:49: 'equals' must be a number, not 'x'\n  write for example 1.5",
  ],
  ['expect-exit: ok', "4:18: 'expect-exit' must be a whole number, not 'ok'\n  write a number from 0 to 255"],
  [
    'expect-exit: 0\n  - delay: 1ms',
    "5:5: nothing happens after the guest has ended\n  move this step before 'expect-exit'",
  ],
];

for (const [text, report] of STEPS) {
  test(`step ${text}`, (t) => t.is(refusal(`version: 1\n${NAMES}\nsteps:\n  - ${text}\n`), `f.yaml:${report}`));
}

/** A machine section each, on line 2 from column 10. */
const MACHINES: readonly (readonly [text: string, report: string])[] = [
  ['{hz: 16000000}', "2:15: 'hz' has no unit: 16000000\n  write 16000000Hz, 16000000kHz or 16000000MHz"],
  [
    '{hz: 16 mhz}',
    "2:15: 'hz' is not a frequency: '16 mhz'\n  write 1Hz to 10GHz with its unit (Hz, kHz, MHz, GHz), for example 16MHz",
  ],
  [
    '{freq: 16MHz}',
    "2:11: unknown key 'freq' in 'machine'\n  known keys: hz, irqs, pins, priority-bits, deliver, seed, mailbox-poll, uarts, adc, watchdog, rtc, dma, retain, devices",
  ],
  ['{irqs: {BUTTON: 3}}', "2:26: 'BUTTON' must be a mapping, not 3\n  write for example {line: 3, priority: 2}"],
  ['{irqs: {BUTTON: {priority: 3}}}', "2:26: 'BUTTON' has no 'line'\n  add 'line', for example {line: 3}"],
  ['{irqs: {BUTTON: {line: 240}}}', "2:33: 'line' is out of range: 240\n  write a number from 0 to 239"],
  [
    '{irqs: {BUTTON: {line: 3, priority: 256}}}',
    "2:46: 'priority' is out of range: 256\n  write a number from 0 to 255",
  ],
  ['{irqs: {BUTTON: {line: 3, handlr: f}}}', "2:36: unknown key 'handlr' in 'BUTTON'\n  did you mean 'handler'?"],
  ['{irqs: {A: {line: 3}, B: {line: 3}}}', "2:32: line 3 is already named 'A'\n  give each line one name"],
  [
    '{irqs: {my-button: {line: 3}}}',
    "2:18: 'my-button' cannot name a line\n  use letters, digits and _, because <NAME>_IRQHandler is looked up",
  ],
  ['{irqs: {SysTick: {line: 3}}}', "2:18: 'SysTick' is a system exception, not a line\n  choose another name"],
  ['{pins: {13: 13}}', "2:18: a key of 'pins' must be text, not 13\n  write keys as words"],
  ['{pins: {"13": 13}}', "2:18: '13' cannot name a pin\n  use a word, for example LED: 13"],
  ['{pins: {LED: 256}}', "2:23: 'LED' is out of range: 256\n  write a number from 0 to 255"],
  ['{pins: {LED: {pin: 1, active: hi}}}', "2:40: 'active' cannot be 'hi'\n  known values: high, low"],
  ['{irqs: {IRQ4: {line: 3}}}', "2:18: 'IRQ4' is the name of another line\n  choose another name for line 3"],
  ['{pins: {LED: {pin: 1, edge: both}}}', "2:32: 'edge' raises nothing\n  add the line, for example irq: BUTTON"],
  [
    '{irqs: {BUTTON: {line: 3}}, pins: {b: {pin: 1, irq: BUTON}}}',
    "2:62: 'irq': no line is named 'BUTON'\n  did you mean 'BUTTON'?",
  ],
  ['{deliver: malibox}', "2:20: 'deliver' cannot be 'malibox'\n  did you mean 'mailbox'?"],
  ['{seed: -1}', "2:17: 'seed' is out of range: -1\n  write a number from 0 to 4294967295"],
  ['{priority-bits: 9}', "2:26: 'priority-bits' is out of range: 9\n  write a number from 2 to 8"],
  ['{mailbox-poll: 100}', "2:25: 'mailbox-poll' has no unit: 100\n  write 100ms, 100us or 100s"],
  [
    '16MHz',
    "2:10: 'machine' must be a mapping, not '16MHz'\n  write for example {hz: 16MHz, irqs: {BUTTON: {line: 3}}}",
  ],
];

for (const [text, report] of MACHINES) {
  test(`machine ${text}`, (t) => t.is(refusal(`version: 1\nmachine: ${text}\n`), `f.yaml:${report}`));
}

/** A trigger each, on line 4 from column 9. */
const TRIGGERS: readonly (readonly [text: string, report: string])[] = [
  ['{irq: 3}', "4:9: trigger 'tick' does not say when\n  add for example every: 1ms or at: 'insn:1000'"],
  [
    '{every: 1ms}',
    "4:9: trigger 'tick' does nothing\n  add one of irq, signal, write-serial, set-pin, release-pin, set-adc, reset",
  ],
  [
    '{every: 1ms, irq: 3, signal: 10}',
    "4:30: trigger 'tick' does two things, 'irq' and 'signal'\n  write a trigger for each",
  ],
  ['{evry: 1ms, irq: 3}', "4:10: unknown key 'evry' in 'tick'\n  did you mean 'every'?"],
  [
    '{every: 1ms, delay: 1ms}',
    "4:22: unknown key 'delay' in 'tick'\n  known keys: at, every, count, irq, signal, write-serial, set-pin, release-pin, set-adc, reset",
  ],
  ['{every: 1ms, irq: {line: 3, at: 1ms}}', "4:27: 'irq' must be a name or a number, not a mapping"],
  ['{at: 1ms, count: 2, irq: 3}', "4:26: 'count' has nothing to count\n  add a period, for example every: 1ms"],
];

for (const [text, report] of TRIGGERS) {
  test(`trigger ${text}`, (t) =>
    t.is(refusal(`version: 1\n${NAMES}\ntriggers:\n  tick: ${text}\n`), `f.yaml:${report}`));
}

test('limits are stated and kept', (t) => {
  const huge = `version: 1\nname: '${'é'.repeat(600_000)}'\nsteps: []`;
  t.is(refusal(huge), 'f.yaml: the scenario is larger than 1 MiB\n  a scenario is a script; keep bulk input elsewhere');
  const steps = (count: number) => `version: 1\nsteps:\n${'- delay: 1ms\n'.repeat(count)}`;
  t.is(refusal(steps(10_001)), "f.yaml:3:1: 'steps' has 10001 items\n  the limit is 10000");
  t.is(refusal(steps(10_000)), 'accepted');
  const aliases = (count: number) => `version: 1\nsteps:\n- delay: &d 1ms\n${'- delay: *d\n'.repeat(count)}`;
  t.is(refusal(aliases(101)), 'f.yaml:104:10: more than 100 aliases\n  write the values out');
  t.is(refusal(aliases(100)), 'accepted');
  const triggers = Array.from({ length: 1001 }, (_, index) => `t${index}: {at: 1ms, irq: 3}`).join(', ');
  t.regex(refusal(`version: 1\ntriggers: {${triggers}}`), /'triggers' has 1001 entries\n {2}the limit is 1000/);
  t.regex(
    refusal(`version: 1\nsteps: [{write-serial: '${'x'.repeat(65_537)}'}]`),
    /sends 65537 bytes\n {2}the limit is 65536/,
  );
  t.regex(refusal(`version: ${'9'.repeat(100_000)}`), /^f\.yaml:1:10: 'version' is out of range: 9{57}\.\.\.\n/);
});

test('hostile shapes are refused, none by a crash', (t) => {
  t.is(
    refusal('['.repeat(1 << 20)),
    'f.yaml:1:101: nested too deeply\n  a scenario needs no more than about five levels',
  );
  t.regex(refusal(']'.repeat(1 << 20)), /^f\.yaml:1:1: not YAML: unexpected flow-seq-end token/);
  t.regex(refusal(`version: 1\nsteps: [${'1,'.repeat(400_000)}]`), /more than 500000 tokens/);
  t.regex(refusal('- '.repeat(20_000)), /nested too deeply/);
  t.regex(refusal('&a [*a]'), /must be a mapping/);
  t.regex(refusal('version: 1\nsteps: &s [*s]'), /a step must be a mapping/);
  const bomb = `version: &a [x, x]\nname: &b [*a, *a]\nauthor: &c [*b, *b]\nsteps: [*c, *c]`;
  t.regex(refusal(bomb), /'version' must be a whole number, not a list/);
  t.regex(refusal('version: 1\n__proto__: 1'), /unknown key '__proto__'/);
  t.regex(refusal('version: 1\nconstructor: 1'), /unknown key 'constructor'/);
});

test('any text is read or refused, with a place, by a WirqError', (t) => {
  const piece = fc.constantFrom(
    'version: 1\n',
    'steps:\n',
    'machine:\n',
    'triggers:\n',
    '  - ',
    'irq: ',
    'delay: ',
    'at: ',
    'every: ',
    'line: ',
    'irqs: ',
    'pins: ',
    'wait-serial: ',
    'expect-mem: ',
    'address: ',
    'type: u8',
    'equals: ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '3',
    '10ms',
    'BUTTON',
    ': ',
    '\n',
    '  ',
    '"',
    "'",
    '&a ',
    '*a',
    '!!str ',
    '|',
    '# ',
    '? ',
    '- ',
    '---\n',
    '\t',
    '\0',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
  );
  let accepted = 0;
  fc.assert(
    fc.property(text, (each) => {
      const report = refusal(each);
      if (report === 'accepted') accepted += 1;
      else t.regex(report, /^f\.yaml(:\d+:\d+)?: /);
      t.true(report.length < 700);
    }),
    { numRuns: 2000 },
  );
  t.true(accepted < 2000);
});
