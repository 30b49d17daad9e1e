/**
 * wirq against the logs that emulators of Cortex-M gave for the same firmware (`npm run oracle` records them): the same
 * handlers in the same order, the same value at every read. Where an emulator is known to differ from the architecture
 * manual, against what follows from the manual.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Machine } from '../../src/machine/machine.ts';
import type { Outcome } from '../../src/scheduler/outcome.ts';
import { root } from '../support/root.ts';
import { END } from './ends.ts';
import { committedLog, EMULATORS, type Emulator, PROGRAMS, type Scenario, scenarios, strayLogs } from './scenarios.ts';
import { table } from './table.ts';

/** No scenario comes near it. A limit in machine time would be something that a wait can wait for. */
const MOST_INSTRUCTIONS = 100_000_000;

const all = scenarios();

function endOf(outcome: Outcome): string {
  if (outcome.kind === 'exit') return END.exit;
  if (outcome.kind === 'trap') return END.lockup;
  if (outcome.kind === 'deadlock') return END.waits;
  return `end: ${outcome.kind}`;
}

function runOnWirq(name: string, priorityBits: number): string {
  const decoder = new TextDecoder();
  let log = '';
  const machine = Machine.load(new Uint8Array(readFileSync(join(PROGRAMS, `${name}.wasm`))), {
    priorityBits,
    maxInstructions: MOST_INSTRUCTIONS,
    onOutput: (_stream, bytes) => {
      log += decoder.decode(bytes);
    },
  });
  const { outcome } = machine.run();
  return `${log}${endOf(outcome)}\n`;
}

function expectedOf(scenario: Scenario, emulator: Emulator): string | undefined {
  return committedLog(scenario.name, scenario.differs.has(emulator) ? 'manual' : emulator);
}

test('there are enough scenarios, and each has its logs', (t) => {
  t.true(all.length >= 40);
  t.true(all.filter(({ on }) => on.includes('rp2040')).length >= 20);
  t.deepEqual(strayLogs(), []);
});

test('docs/controller.md has the table of what is compared', (t) => {
  const text = readFileSync(join(root, 'docs', 'controller.md'), 'utf8');
  t.true(text.includes(table(all)), 'npm run oracle -- --table writes it');
});

for (const scenario of all) {
  for (const emulator of scenario.on) {
    const origin = scenario.differs.has(emulator) ? `${emulator} ought to` : emulator;
    test(`${scenario.name}: as ${origin}: ${scenario.title}`, (t) => {
      const expected = expectedOf(scenario, emulator);
      t.truthy(expected, 'npm run oracle records it');
      t.is(runOnWirq(scenario.name, EMULATORS[emulator].priorityBits), expected!);
    });
  }
}

test('an emulator that is said to differ does', (t) => {
  for (const { name, differs } of all) {
    for (const emulator of differs.keys()) {
      t.truthy(committedLog(name, emulator), `${name} was recorded on ${emulator}`);
      t.not(committedLog(name, emulator), committedLog(name, 'manual'), `${name} on ${emulator}`);
    }
  }
});
