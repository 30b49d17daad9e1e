/**
 * Reads a scenario file: YAML text in, checked and resolved `Scenario` out, or one error with file:line:col.
 * Strict on purpose: a key that is not known, a time without a unit or a name that nothing has is an error, never
 * a guess, because a test that quietly does less than it says is worse than none.
 */
import {
  readPlainIrq,
  readPlainSignal,
  readReleasePin,
  readReset,
  readSchedule,
  readSetAdc,
  readSetPin,
  readWriteSerial,
} from './actions.ts';
import { readDocument } from './document.ts';
import { NO_MACHINE, readMachine } from './machine-section.ts';
import type { Names } from './names.ts';
import { type Action, MAX_STEPS, MAX_TRIGGERS, type Scenario, type Step, type Trigger } from './scenario.ts';
import { readStep } from './steps.ts';
import { Value } from './value.ts';

const KEYS = ['version', 'name', 'author', 'machine', 'steps', 'triggers'];
const EXAMPLE = "'version: 1' and 'steps:'";

/**
 * Reads the text of a scenario file.
 *
 * @param file The name to use in messages; nothing is opened.
 * @throws WirqError `bad-scenario` with file, line, column and advice.
 * @example parseScenario("version: 1\nsteps:\n  - delay: 10ms\n", 'wait.yaml').steps.length // 1
 */
export function parseScenario(text: string, file: string): Scenario {
  const { contents, source } = readDocument(text, file);
  const root = new Value(contents, source, 'the scenario', source.place(0));
  const fields = root.fields(KEYS, EXAMPLE);
  const version = fields.need('version', "'version: 1'").integer(0, 2 ** 32 - 1);
  if (version !== 1) fields.get('version')!.fail(`version ${version} is not known`, "this wirq reads 'version: 1'");
  const machine = fields.get('machine');
  const section = machine === undefined ? NO_MACHINE : readMachine(machine);
  const triggers = fields.get('triggers');
  const steps = fields.get('steps');
  if (steps === undefined && triggers === undefined && machine === undefined) {
    fields.need('steps', "'steps:' with one '- ' line for each");
  }
  return {
    file,
    version: 1,
    name: fields.get('name')?.text('button wakes the pump'),
    author: fields.get('author')?.text('your name'),
    machine: section,
    steps: steps === undefined ? [] : readSteps(steps, { ...section, devices: section.board.devices }),
    triggers: triggers === undefined ? [] : readTriggers(triggers, section),
  };
}

function readSteps(value: Value, names: Names): Step[] {
  const steps: Step[] = [];
  let ended = false;
  for (const item of value.items('a step', MAX_STEPS)) {
    const step = readStep(item, names);
    if (ended && !['expect-pin', 'expect-irq', 'expect-mem', 'expect-reset'].includes(step.kind)) {
      item.fail('nothing happens after the guest has ended', "move this step before 'expect-exit'");
    }
    ended ||= step.kind === 'expect-exit';
    steps.push(step);
  }
  return steps;
}

const ACTIONS: ReadonlyMap<string, (value: Value, names: Names) => Action> = new Map([
  ['irq', readPlainIrq],
  ['signal', readPlainSignal],
  ['write-serial', readWriteSerial],
  ['set-pin', readSetPin],
  ['release-pin', readReleasePin],
  ['set-adc', readSetAdc],
  ['reset', readReset],
]);

function readTriggers(value: Value, names: Names): Trigger[] {
  const entries = value.entries('{tick: {every: 1ms, irq: SysTick}}');
  if (entries.size > MAX_TRIGGERS)
    value.fail(`${value.what} has ${entries.size} entries`, `the limit is ${MAX_TRIGGERS}`);
  return [...entries].map(([name, each]) => readTrigger(name, each, names));
}

function readTrigger(name: string, value: Value, names: Names): Trigger {
  const fields = value.fields(['at', 'every', 'count', ...ACTIONS.keys()], '{every: 1ms, irq: SysTick}');
  const kinds = fields.keys.filter((key) => ACTIONS.has(key));
  const [kind, other] = kinds;
  if (kind === undefined) {
    return value.fail(`trigger ${value.what} does nothing`, `add one of ${[...ACTIONS.keys()].join(', ')}`);
  }
  if (other !== undefined) {
    fields
      .get(other)!
      .failAtKey(`trigger ${value.what} does two things, '${kind}' and '${other}'`, 'write a trigger for each');
  }
  const action = ACTIONS.get(kind)!(fields.get(kind)!, names);
  const schedule = readSchedule(fields);
  const { when } = schedule;
  if (when === undefined) {
    return value.fail(`trigger ${value.what} does not say when`, "add for example every: 1ms or at: 'insn:1000'");
  }
  return { place: value.place, name, action, schedule: { ...schedule, when } };
}
