/** The pending signals of a process agree with an independent model (model.ts) over random histories. */
import test from 'ava';
import fc from 'fast-check';
import { SIG_DFL, SIG_IGN } from '../../src/signals/dispositions.ts';
import { ProcessSignals } from '../../src/signals/process-signals.ts';
import { SI_QUEUE, SI_TKILL, SI_USER, type SignalInfo, signalInfo } from '../../src/signals/siginfo.ts';
import { SignalSet } from '../../src/signals/signal-set.ts';
import { ModelSignals, type Sent } from './model.ts';

type Step =
  | { readonly do: 'send'; readonly sent: Sent; readonly target: 'thread' | 'process' }
  | { readonly do: 'take' }
  | { readonly do: 'accept' | 'mask' | 'await'; readonly set: readonly number[] }
  | { readonly do: 'dispose'; readonly signal: number; readonly to: 'default' | 'ignore' | 'handler' };

/** Those with a role of their own, the edges of the words of a set, and a few that are like all others. */
const signal = fc.constantFrom(1, 2, 5, 8, 9, 10, 11, 12, 17, 18, 19, 20, 22, 28, 31, 32, 33, 34, 35, 63, 64);
const caught = signal.filter((each) => each !== 9 && each !== 19);
const set = fc.uniqueArray(signal, { maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      sent: fc.record({ signal, code: fc.constantFrom(SI_USER, SI_QUEUE, SI_TKILL, 128), value: fc.nat(999) }),
      target: fc.constantFrom('thread' as const, 'process' as const),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'take' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('accept' as const), set }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('mask' as const, 'await' as const), set }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('dispose' as const),
      signal: caught,
      to: fc.constantFrom('default' as const, 'ignore' as const, 'handler' as const),
    }),
  },
);

const HANDLERS = { default: SIG_DFL, ignore: SIG_IGN, handler: 7 } as const;

function told(info: SignalInfo | undefined): Sent | undefined {
  return info === undefined ? undefined : { signal: info.signal, code: info.code, value: info.value };
}

/** Does a step on both. @returns what each answered. */
function both(step: Step, real: ProcessSignals, model: ModelSignals): [real: unknown, model: unknown] {
  switch (step.do) {
    case 'send': {
      const { signal, code, value } = step.sent;
      return [real.send(signalInfo(signal, code, { value }), step.target), model.send(step.sent, step.target)];
    }
    case 'take':
      return [told(real.take()), model.take()];
    case 'accept':
      return [told(real.accept(SignalSet.of(...step.set))), model.accept(step.set)];
    case 'dispose':
      real.setDisposition(step.signal, HANDLERS[step.to], 0, 0, 0);
      return [undefined, model.setDisposition(step.signal, step.to)];
    case 'mask':
    case 'await': {
      const { low, high } = SignalSet.of(...step.set);
      if (step.do === 'mask') real.setMask(low, high);
      else real.await(low, high);
      return [undefined, step.do === 'mask' ? model.setMask(step.set) : model.await(step.set)];
    }
  }
}

test('whatever is sent, masked, ignored, awaited and taken, in whatever order', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), fc.integer({ min: 1, max: 6 }), (history, limit) => {
      const real = new ProcessSignals(limit);
      const model = new ModelSignals(limit);
      for (const each of history) {
        const [answer, expected] = both(each, real, model);
        t.deepEqual(answer, expected);
        t.is(real.deliverable, model.deliverable);
        const pending = model.pending();
        const shown = SignalSet.of(...pending.filter((one) => model.blocked.includes(one)));
        t.deepEqual([real.pendingLow, real.pendingHigh], [shown.low, shown.high]);
        for (const one of pending) t.true(real.isPending(one));
        t.is(
          real.anyPending(SignalSet.of(...model.awaited)),
          pending.some((one) => model.awaited.includes(one)),
        );
      }
      for (let last = model.take(); last !== undefined; last = model.take()) t.deepEqual(told(real.take()), last);
      t.is(real.take(), undefined);
    }),
    { numRuns: 500 },
  );
});

test('a stopped program is continued by SIGCONT and SIGKILL, blocked or not, and by nothing else', (t) => {
  for (let signal = 1; signal <= 64; signal++) {
    const real = new ProcessSignals();
    real.setMask(-1, -1);
    real.stopped = true;
    real.send(signalInfo(signal, SI_USER), 'process');
    t.is(real.stopped, signal !== 9 && signal !== 18, `signal ${signal}`);
  }
});
