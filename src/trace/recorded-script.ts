/**
 * Scripts on a tape: not what they are, but what they do to the machine and what they wait for. A replay needs neither the
 * script nor the scenario that it was made of.
 */
import type { Script, Wait } from '../machine/script.ts';
import type { TapeReader } from './tape-reader.ts';
import type { TapeWriter } from './tape-writer.ts';
import { describeOutcome, outcomeOf, repeatOutcome } from './thrown.ts';

export function recordScript(make: () => Script, tape: TapeWriter): Script {
  return recorded(tape.within('step', make), tape);
}

function* recorded(script: Script, tape: TapeWriter): Script {
  let resume = () => script.next();
  for (;;) {
    const outcome = outcomeOf(() => tape.within('step', resume));
    if ('error' in outcome) {
      tape.answer('script', describeOutcome(outcome));
      throw outcome.error;
    }
    const step = outcome.value as IteratorResult<Wait, unknown>;
    if (step.done === true) {
      tape.answer('script', []);
      return;
    }
    const { what, timeout } = step.value;
    tape.answer('script', [what, timeout]);
    try {
      yield taped(step.value, tape);
      resume = () => script.next();
    } catch (error) {
      resume = () => script.throw(error);
    }
  }
}

function taped(wait: Wait, tape: TapeWriter): Wait {
  return { ...wait, ready: () => tape.asked('ready', tape.within('poll', wait.ready)) };
}

/** `act` does again what was done in a section. */
export function* replayScript(tape: TapeReader, act: (name: 'called' | 'memory', value: unknown) => void): Script {
  tape.section('step', act); // where the script was made
  for (;;) {
    tape.section('step', act);
    const record = tape.answer('script');
    if (!Array.isArray(record)) {
      repeatOutcome(record);
      return; // nothing matters any more
    }
    const [what, timeout] = record as unknown[];
    if (record.length === 0) return;
    if (typeof what !== 'string' || !(timeout === undefined || isDuration(timeout))) {
      tape.fail('a wait of its script makes no sense');
      return;
    }
    const ready = () => {
      tape.section('poll', act);
      return tape.flag('ready');
    };
    try {
      yield { what, timeout, ready };
    } catch {
      // Its time ran out, as it did then, or the guest ended.
    }
  }
}

function isDuration(value: unknown): value is NonNullable<Wait['timeout']> {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
