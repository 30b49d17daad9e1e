/**
 * Plays a scenario on a machine: its triggers are set before the run, its steps are a script, so that each runs while
 * the guest is paused. A wait that fails ends the scenario, for later steps have lost their meaning; an expectation
 * that fails is noted, and the next step goes on.
 */
import type { Instant } from '../clock/instant.ts';
import { formatPlace, type Place, WirqError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { type Script, type Wait, WaitError } from '../machine/script.ts';
import { exitCode } from '../scheduler/outcome.ts';
import { signalName } from '../signals/numbers.ts';
import { type ReadBeside, waveformOptions } from './machine-section.ts';
import { formatMemory, readMemoryValue } from './memory-value.ts';
import { type Action, DEFAULT_TIMEOUT, type MemoryType, type Scenario, type Schedule, type Step } from './scenario.ts';

type Steps = Generator<Wait, void, unknown>;

/** One thing that was expected and did not come. */
export interface FailedExpectation {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
  /** Machine time, ns. */
  readonly time: Instant;
  readonly instructions: number;
  /** `file:line:col` of the step. */
  readonly place: string;
}

export interface Verdict {
  readonly passed: boolean;
  readonly failures: readonly FailedExpectation[];
  readonly stepsTaken: number;
  readonly stepsTotal: number;
  /** A step says with which code the run is to end: it has judged the end, too. */
  readonly endExpected: boolean;
}

/**
 * @example
 * const player = new ScenarioPlayer(machine, parseScenario(text, 'button.yaml'));
 * machine.run(player.script);
 * player.verdict.passed
 */
export class ScenarioPlayer {
  readonly #machine: Machine;
  readonly #scenario: Scenario;
  readonly #readBeside: ReadBeside | undefined;
  readonly #failures: FailedExpectation[] = [];
  #stepsTaken = 0;

  /**
   * Sets the triggers, and what the steps inject into functions: call before the machine runs.
   * @param readBeside gives the text of files with samples that steps name.
   */
  constructor(machine: Machine, scenario: Scenario, readBeside?: ReadBeside) {
    this.#machine = machine;
    this.#readBeside = readBeside;
    this.#scenario = scenario;
    for (const trigger of scenario.triggers) this.#perform(trigger.action, trigger.schedule);
    for (const step of scenario.steps) {
      // A function has to be watched from the beginning; its entries count from reset, whatever the step's turn.
      if (step.kind === 'act' && step.schedule.when?.kind === 'function') this.#perform(step.action, step.schedule);
    }
  }

  get verdict(): Verdict {
    return {
      passed: this.#failures.length === 0,
      failures: this.#failures,
      stepsTaken: this.#stepsTaken,
      stepsTotal: this.#scenario.steps.length,
      endExpected: this.#scenario.steps.some((step) => step.kind === 'expect-exit'),
    };
  }

  /** The script to give to `machine.run`; undefined when the scenario has only triggers and the guest decides the end. */
  get script(): (() => Script) | undefined {
    return this.#scenario.steps.length === 0 ? undefined : () => this.#play();
  }

  *#play(): Steps {
    for (const [at, step] of this.#scenario.steps.entries()) {
      this.#machine.logStep(step.name ?? (step.kind === 'act' ? step.action.kind : step.kind), formatPlace(step.place));
      this.#stepsTaken++;
      try {
        yield* this.#take(step, at);
      } catch (error) {
        if (!(error instanceof WaitError)) throw error;
        this.#fail(step, error.what, 'to come', error.message);
        return;
      }
    }
  }

  *#take(step: Step, at: number): Steps {
    const machine = this.#machine;
    switch (step.kind) {
      case 'act':
        if (step.schedule.when?.kind !== 'function') this.#perform(step.action, step.schedule);
        // What comes after it is meant for the firmware that begins.
        if (step.action.kind === 'reset') yield machine.untilReset(machine.resets + 1, { timeout: DEFAULT_TIMEOUT });
        return;
      case 'wait-reset':
        yield machine.untilReset(step.count, { timeout: step.timeout });
        return;
      case 'wait-event':
        yield machine.untilEvent(step.event, { value: step.value, timeout: step.timeout });
        return;
      case 'delay':
        yield* this.#delay(step, at);
        return;
      case 'wait-serial':
        yield machine.untilSerial(step.text, { timeout: step.timeout });
        return;
      case 'wait-irq':
        yield machine.untilDelivered(step.irq.line, step.count, { timeout: step.timeout });
        return;
      case 'wait-pin':
        yield machine.untilPin(step.pin.pin, step.level, { timeout: step.timeout });
        return;
      case 'expect-exit':
        yield* this.#expectExit(step);
        return;
      default:
        this.#expect(step);
    }
  }

  /**
   * Time ends with the guest: a delay in which it ends is over, if that is expected, and nothing is left to be done to it
   * before.
   */
  *#delay(step: Extract<Step, { kind: 'delay' }>, at: number): Steps {
    try {
      yield this.#machine.delay(step.duration);
    } catch (error) {
      if (!(error instanceof WaitError)) throw error;
      const later = this.#scenario.steps.slice(at + 1).map(({ kind }) => kind);
      const onlyLooks = later.every((kind) => kind === 'delay' || kind.startsWith('expect-'));
      if (!later.includes('expect-exit') || !onlyLooks) throw error;
    }
  }

  *#expectExit(step: Extract<Step, { kind: 'expect-exit' }>): Steps {
    yield this.#machine.untilEnd({ timeout: step.timeout });
    const outcome = this.#machine.outcome!;
    this.#check(
      step,
      'exit code',
      String(step.code),
      `${exitCode(outcome)}${outcome.kind === 'exit' ? '' : ` (${outcome.kind})`}`,
      exitCode(outcome) === step.code,
    );
  }

  #expect(step: Extract<Step, { kind: 'expect-pin' | 'expect-irq' | 'expect-mem' | 'expect-reset' }>): void {
    const machine = this.#machine;
    switch (step.kind) {
      case 'expect-pin': {
        const level = machine.pin(step.pin.pin);
        this.#check(step, `pin ${step.pin.label}`, String(step.level), String(level), level === step.level);
        return;
      }
      case 'expect-irq': {
        const count = machine.delivered(step.irq.line);
        this.#check(step, `deliveries of ${step.irq.label}`, String(step.count), String(count), count === step.count);
        return;
      }
      case 'expect-reset': {
        const { resets, resetCause } = machine;
        const [cause, found] = step.cause === undefined ? ['', ''] : [`, ${step.cause}`, `, ${resetCause}`];
        const [expected, actual] = [`${step.count}${cause}`, `${resets}${found}`];
        this.#check(step, 'resets', expected, actual, expected === actual);
        return;
      }
      case 'expect-mem': {
        const actual = this.#read(step.address, step.value.type, step.place);
        const same = Object.is(actual, step.value.equals) || actual === step.value.equals;
        this.#check(
          step,
          `${step.value.type} at ${step.address}`,
          formatMemory(step.value.equals),
          formatMemory(actual),
          same,
        );
      }
    }
  }

  /** What only the module can tell, whether there is such an address, is refused with the place in the scenario. */
  #read(where: number | string, type: MemoryType, place: Place): number | bigint {
    try {
      const address = typeof where === 'number' ? where : this.#machine.addressOf(where);
      return readMemoryValue(this.#machine, address, type);
    } catch (error) {
      if (!(error instanceof WirqError)) throw error;
      throw new WirqError('bad-scenario', error.message, { place, advice: error.advice });
    }
  }

  #perform(action: Action, schedule: Schedule): void {
    const machine = this.#machine;
    machine.at(schedule.when, () => this.#act(action), { every: schedule.every, count: schedule.count });
  }

  #act(action: Action): void {
    const machine = this.#machine;
    switch (action.kind) {
      case 'irq':
        machine.raise(action.irq.line);
        return;
      case 'signal':
        machine.signal(signalName(action.signal), { value: action.value });
        return;
      case 'write-serial':
        machine.writeSerial(action.bytes, { port: action.port, damaged: action.damaged });
        return;
      case 'set-pin':
        machine.setPin(action.pin.pin, action.level);
        return;
      case 'release-pin':
        machine.releasePin(action.pin.pin);
        return;
      case 'set-adc':
        machine.setAnalog(action.channel, waveformOptions(action.waveform, this.#readBeside));
        return;
      case 'reset':
        machine.reset(action.cause);
        return;
      case 'control':
        machine.control(action.device, action.control, action.value);
    }
  }

  #check(step: Step, what: string, expected: string, actual: string, passed: boolean): void {
    this.#machine.logExpectation(what, passed, expected, actual);
    if (!passed) this.#fail(step, what, expected, actual);
  }

  #fail(step: Step, what: string, expected: string, actual: string): void {
    const { now, instructions } = this.#machine;
    this.#failures.push({ what, expected, actual, time: now, instructions, place: formatPlace(step.place) });
  }
}
