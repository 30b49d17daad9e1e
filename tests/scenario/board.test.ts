/** Goal: a scenario says everything about the board's devices, in units; each mistake gets its place and its sentence. */
import test from 'ava';
import { WirqError } from '../../src/errors.ts';
import { machineOptions } from '../../src/scenario/machine-section.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { ScenarioPlayer } from '../../src/scenario/player.ts';
import { eventsOf, firmware } from '../machine/firmware.ts';

function complaint(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof WirqError && error.code === 'bad-scenario') return error.report.replace('\n  ', ' | ');
    throw error;
  }
  return 'accepted';
}

const refusal = (text: string) => complaint(() => parseScenario(text, 'f.yaml'));

test('everything the machine section can say of the board', (t) => {
  const { machine } = parseScenario(
    `version: 1
machine:
  irqs: {BUTTON: {line: 3}, SENT: {line: 50}}
  pins: {KEY: {pin: 4, active: low, irq: BUTTON, edge: low, pull: up, bounce: 2ms}}
  uarts: {UART0: {baud: 115200Bd, fifo: 8, sent-irq: SENT}, UART3: {baud: 9.6kBd}}
  adc:
    bits: 10
    reference: 5V
    channels:
      A0: 1.65V
      A1: {constant: 300mV}
      A2: {ramp: {from: 0V, to: 3.3V, period: 10ms}}
      A3: {sine: {low: 0V, high: 5V, period: 20ms}}
      A15: {file: {path: log/battery.txt, rate: 1kHz, then: repeat}}
  watchdog: {action: nmi, window: 1ms, timeout: 10ms}
  rtc: {start: '2026-03-01T12:00:00Z'}
  dma: {word-time: 125ns}
  retain: [{address: counters, bytes: 16}, {address: 0x400, bytes: 4}]
  devices: {thermo: {line: 7, period: 10ms}}
`,
    'board.yaml',
  );
  const options = machineOptions(machine, (path) => {
    t.is(path, 'log/battery.txt');
    return '# volts\n1V\n\n 2500mV\r\n';
  });
  t.deepEqual(options.wires as unknown, [{ pin: 4, line: 3, edge: 'low' }]);
  t.deepEqual(options.retain as unknown, [
    { address: 'counters', bytes: 16 },
    { address: 1024, bytes: 4 },
  ]);
  t.deepEqual(options.deviceOptions, { thermo: { line: 7, period: '10ms' } });
  t.deepEqual(options.board as unknown, {
    uarts: {
      0: { baud: 115200, fifo: 8, sentLine: 50 },
      3: { baud: 9600, fifo: undefined, sentLine: undefined },
    },
    pulls: [{ pin: 4, pull: 'up' }],
    bounces: [{ pin: 4, time: 2e6 }],
    adc: {
      bits: 10,
      reference: 5,
      channels: {
        0: { constant: 1.65 },
        1: { constant: 0.3 },
        2: { ramp: { from: 0, to: 3.3, period: 1e7 } },
        3: { sine: { low: 0, high: 5, period: 2e7 } },
        15: { samples: { volts: [1, 2.5], rate: 1000, repeat: true } },
      },
    },
    watchdog: { action: 'nmi', window: 1e6, timeout: 1e7 },
    rtc: { start: '2026-03-01T12:00:00Z' },
    dma: { wordTime: 125 },
  });
  t.notThrows(() =>
    firmware('(module (memory (export "m") 1) (global (export "counters") i32 (i32.const 8)))', {
      ...options,
      deviceOptions: {},
    }).run(),
  );
});

/** What a machine section says, on line 2 from column 11, and what is said of it. */
const MACHINES: readonly (readonly [text: string, report: string])[] = [
  ['{uarts: {UART4: {}}}', "there is no 'UART4' | they are UART0 to UART3"],
  ['{uarts: {UART00: {}}}', "there is no 'UART00' | they are UART0 to UART3"],
  ['{uarts: {UART0: {baud: 9600}}}', "'baud' has no unit: 9600 | write 9600Bd"],
  ['{uarts: {UART0: {baud: fast}}}', "'baud' is not a baud rate: 'fast' | write for example 115200Bd, at most 1000MBd"],
  ['{uarts: {UART0: {fifo: 0}}}', "'fifo' is out of range: 0 | write a number from 1 to 1048576"],
  ['{uarts: {UART0: {rate: 1}}}', "unknown key 'rate' in 'UART0' | known keys: baud, fifo, sent-irq"],
  [
    '{uarts: {UART0: {sent-irq: DONE}}}',
    "'sent-irq': no line is named 'DONE' | name it in the scenario, machine: {irqs: {DONE: {line: 3}}}, or write its number",
  ],
  ['{adc: {channels: {A16: 1V}}}', "there is no 'A16' | they are A0 to A15"],
  ['{adc: {channels: {A0: 1.65}}}', "'A0' has no unit: 1.65 | write 1.65V or 1.65mV"],
  ['{adc: {channels: {A0: {}}}}', "'A0' is no waveform | add one of constant, ramp, sine, file"],
  ['{adc: {channels: {A0: {constant: 1V, sine: {}}}}}', "'constant' and 'sine' are two waveforms | write one"],
  [
    '{adc: {channels: {A0: {sine: {low: 0V, high: 1V}}}}}',
    "'sine' has no 'period' | add 'period', for example period: 20ms",
  ],
  [
    '{adc: {channels: {A0: {ramp: {from: 0V, to: 1A, period: 1s}}}}}',
    "'to' is not a voltage: '1A' | write for example 1.65V or 300mV",
  ],
  ['{adc: {channels: {A0: {square: 1}}}}', "unknown key 'square' in 'A0' | known keys: constant, ramp, sine, file"],
  ['{adc: {bits: 17}}', "'bits' is out of range: 17 | write a number from 1 to 16"],
  ['{adc: {reference: 0V}}', "'reference' is '0V' | it is above 0V"],
  ...['../secret', '/etc/passwd', 'a/../../b', 'C:x', 'a\\\\b'].map(
    (path) =>
      [
        `{adc: {channels: {A0: {file: {path: '${path.replace('\\\\', '\\')}', rate: 1Hz}}}}}`,
        `'${path.replace('\\\\', '\\')}' may lead out of the scenario's folder | name a file beside the scenario or below`,
      ] as const,
  ),
  ['{watchdog: {timeout: 10}}', "'timeout' has no unit: 10 | write 10ms, 10us or 10s"],
  ['{watchdog: {action: bark}}', "'action' cannot be 'bark' | known values: reset, nmi"],
  ['{watchdog: {window: 2ms, timeout: 1ms}}', "'window' is not shorter than 'timeout' | nothing could feed it in time"],
  [
    '{rtc: {start: yesterday}}',
    `'start': "yesterday" is not a date | write it in UTC, for example 2026-03-01T12:00:00Z`,
  ],
  ['{dma: {word-time: 0ns}}', "'word-time' is a period of 0, which never lets the machine run | write for example 1ms"],
  ['{retain: {a: 1}}', "'retain' must be a list, not a mapping | begin each item with '- '"],
  ['{retain: [{address: 4}]}', "a retained block has no 'bytes' | add 'bytes', for example bytes: 16"],
  ['{devices: {thermo: {a: [1]}}}', "'a' must be text, not a list | write for example '10ms'"],
  ['{pins: {KEY: {pin: 1, pull: sideways}}}', "'pull' cannot be 'sideways' | known values: up, down, none"],
  ['{pins: {KEY: {pin: 1, bounce: 2}}}', "'bounce' has no unit: 2 | write 2ms, 2us or 2s"],
];

for (const [text, report] of MACHINES) {
  test(`machine ${text}`, (t) => {
    const said = refusal(`version: 1\nmachine: ${text}\n`);
    t.regex(said, /^f\.yaml:2:\d+: /);
    t.is(said.replace(/^f\.yaml:2:\d+: /, ''), report);
  });
}

const STEPS: readonly (readonly [text: string, report: string])[] = [
  ['reset: now', "'reset' cannot be 'now' | known values: pin, power"],
  ['release-pin: KAY', "'release-pin': no pin is named 'KAY' | did you mean 'KEY'?"],
  ['set-adc: {channel: 0, value: 1V}', "'channel' must be text, not 0 | put it in quotes: '0'"],
  ['set-adc: {channel: A99, value: 1V}', "there is no 'A99' | they are A0 to A15"],
  ['set-adc: {channel: A0}', "'set-adc' has no 'value' | add 'value', for example value: 1.2V"],
  ['write-serial: {text: x, error: parity}', "'error' cannot be 'parity' | known values: framing"],
  [
    'expect-reset: {cause: watchdog}',
    "'expect-reset' has no 'count' | add 'count', the number of resets so far, for example count: 1",
  ],
  ['expect-reset: {count: 1, cause: dog}', "'cause' cannot be 'dog' | known values: power-on, software, watchdog, pin"],
];

for (const [text, report] of STEPS) {
  test(`step ${text}`, (t) => {
    const said = refusal(`version: 1\nmachine: {pins: {KEY: 4}}\nsteps:\n  - ${text}\n`);
    t.is(said.replace(/^f\.yaml:4:\d+: /, ''), report);
  });
}

test('files of samples: what is wrong in them is said with their line', (t) => {
  const load = (samples: string | undefined) => {
    const { machine } = parseScenario(
      'version: 1\nmachine: {adc: {channels: {A0: {file: {path: b.txt, rate: 1kHz}}}}}\n',
      'f.yaml',
    );
    return complaint(() => machineOptions(machine, samples === undefined ? undefined : () => samples));
  };
  t.is(load('1V\n# rest\n2.5\n'), "b.txt:3:1: '2.5' is not a voltage | write one a line, for example 1.65V or 300mV");
  t.is(load('# nothing\n'), "b.txt: 'b.txt' holds no samples | write one a line");
  t.regex(load(undefined), /^f\.yaml:2:\d+: 'b\.txt' cannot be read here/);
});

test('a file of samples that cannot be read is complained of where the scenario names it', (t) => {
  const { machine } = parseScenario(
    'version: 1\nmachine: {adc: {channels: {A0: {file: {path: b.txt, rate: 1kHz}}}}}\n',
    'f.yaml',
  );
  const missing = () => {
    throw new WirqError('bad-file', 'it is no regular file', { advice: 'give it a file' });
  };
  t.is(
    complaint(() => machineOptions(machine, missing)),
    "f.yaml:2:46: the samples in 'b.txt': it is no regular file | give it a file",
  );
});

/** Counts boots in retained memory at 64; on line 3 it samples channel 0 to 128, and what pin 4 is to 132. */
const FIRMWARE = `(module
  (import "wirq/irq" "wfi" (func $wfi)) (import "wirq/board" "adc_read" (func $adc (param i32) (result i32)))
  (import "wirq/board" "gpio_read" (func $pin (param i32) (result i32)))
  (import "wirq/board" "uart_status" (func $status (param i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 64) "\\10") (global (export "wirq_retained") i32 (i32.const 64))
  (func (export "IRQ3_Handler")
    (i32.store (i32.const 128) (call $adc (i32.const 0))) (i32.store (i32.const 132) (call $pin (i32.const 4)))
    (i32.store (i32.const 136) (call $status (i32.const 1))))
  (func (export "_start")
    (i32.store (i32.const 68) (i32.add (i32.load (i32.const 68)) (i32.const 1)))
    (loop (call $wfi) (br 0))))`;

function play(text: string) {
  const scenario = parseScenario(text, 'play.yaml');
  const machine = firmware(FIRMWARE, machineOptions(scenario.machine));
  const player = new ScenarioPlayer(machine, scenario);
  const events = eventsOf(machine);
  const result = machine.run(player.script);
  return {
    failures: player.verdict.failures.map(({ what, expected, actual }) => [what, expected, actual]),
    result,
    events,
  };
}

test('the steps for the board do what they say', (t) => {
  const { failures, result } = play(`version: 1
machine:
  pins: {KEY: {pin: 4, pull: up}}
  uarts: {UART1: {baud: 1MBd}}
  adc: {channels: {A0: 3.3V}}
steps:
  - delay: 1ms
  - irq: 3
  - delay: 1ms
  - expect-mem: {address: 128, type: u32, equals: 4095}
  - expect-mem: {address: 132, type: u32, equals: 1}
  - set-adc: {channel: A0, value: 0V}
  - set-pin: {pin: KEY, value: 0}
  - write-serial: {text: 'x', port: 1, error: framing}
  - delay: 1ms
  - irq: 3
  - delay: 1ms
  - expect-mem: {address: 128, type: u32, equals: 0}
  - expect-mem: {address: 132, type: u32, equals: 0}
  - expect-mem: {address: 136, type: u32, equals: 14} # framing error, received, idle
  - release-pin: KEY
  - expect-pin: {pin: KEY, value: 1}
  - expect-reset: 0
  - reset: pin
  - wait-reset: {count: 1, timeout: 1ms}
  - expect-reset: {count: 1, cause: pin}
  - delay: 1ms
  - expect-mem: {address: 68, type: u32, equals: 2}
  - expect-mem: {address: 136, type: u32, equals: 0}
  - reset: power
  - expect-reset: {count: 2, cause: power-on}
  - delay: 1ms
  - expect-mem: {address: 68, type: u32, equals: 1}
  - expect-reset: {count: 3, cause: watchdog}
`);
  t.deepEqual(failures, [['resets', '3, watchdog', '2, power-on']]);
  t.deepEqual(result.resets, { count: 2, cause: 'power-on' });
});

test('triggers drive the board, too', (t) => {
  const { result, events } = play(`version: 1
machine: {pins: {KEY: {pin: 4, pull: up}}}
steps: [delay: 10ms]
triggers:
  crash: {every: 3ms, reset: pin}
  press: {at: 1ms, set-pin: {pin: KEY, value: 0}}
  let-go: {at: 2ms, release-pin: KEY}
  cold: {at: 2ms, set-adc: {channel: A1, value: {ramp: {from: 0V, to: 1V, period: 1s}}}}
`);
  t.is(result.resets.count, 3);
  t.deepEqual(
    events.filter((each) => each.kind === 'pin').map((each) => each.details.level),
    [1, 0, 1].slice(1),
  );
});
