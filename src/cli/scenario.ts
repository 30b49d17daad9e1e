/** A scenario file for `wirq run`: read, and played on a machine. Loaded only where there is one. */
import { basename } from 'node:path';
import { readText } from '../host/files.ts';
import { textBeside } from '../host/source-map-file.ts';
import type { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { machineOptions } from '../scenario/machine-section.ts';
import { parseScenario } from '../scenario/parse.ts';
import { ScenarioPlayer } from '../scenario/player.ts';

export interface PlayableScenario {
  /** Its own name, else the file's. */
  readonly name: string;
  /** What its `machine` section says. */
  readonly machine: MachineOptions;
  play(machine: Machine): ScenarioPlayer;
}

/** @throws WirqError `bad-file`, `bad-scenario`. */
export function readScenario(file: string): PlayableScenario {
  const scenario = parseScenario(readText(file), file);
  const readBeside = textBeside(file);
  return {
    name: scenario.name ?? basename(file),
    machine: machineOptions(scenario.machine, readBeside),
    play: (machine) => new ScenarioPlayer(machine, scenario, readBeside),
  };
}
