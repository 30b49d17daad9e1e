/** The controller decides as ARMv7-M does, and accounts for everything that was ever raised. */
import test from 'ava';
import fc from 'fast-check';
import { InterruptController } from '../../src/interrupts/controller.ts';
import { LEAVING } from '../../src/interrupts/exception.ts';
import {
  EXCEPTION_COUNT,
  type ExceptionNumber,
  HARD_FAULT,
  NMI,
  PEND_SV,
  SYS_TICK,
  THREAD_MODE,
} from '../../src/interrupts/exceptions.ts';
import { MAX_NESTING } from '../../src/interrupts/priorities.ts';
import { ModelController } from './model.ts';

/** Of the system control register (ARMv7-M B3.2.7). */
const SEV_ON_PEND = 1 << 4;

const NUMBERS = [2, 3, 11, 14, 15, 16, 17, 31, 32, 47, 48, 63, 64, 254, 255];
const E = (n: number) => n as ExceptionNumber;

type Step =
  | { readonly op: 'pend' | 'clear' | 'enable' | 'disable'; readonly n: number }
  | { readonly op: 'priority'; readonly n: number; readonly value: number }
  | { readonly op: 'basepri'; readonly value: number }
  | { readonly op: 'primask' | 'faultmask' | 'sevonpend'; readonly value: boolean }
  | { readonly op: 'level'; readonly n: number; readonly value: boolean }
  | { readonly op: 'grouping'; readonly value: number }
  | { readonly op: 'drop'; readonly n: number }
  | { readonly op: 'wfe' }
  | { readonly op: 'enter' | 'leave' };

const n = fc.constantFrom(...NUMBERS);
const priority = fc.oneof(fc.constantFrom(0, 1, 2, 254, 255, 256, -1), fc.nat(255));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constantFrom('pend', 'pend', 'clear', 'enable', 'enable', 'disable'), n }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('priority'), n, value: priority }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('basepri'), value: priority }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constantFrom('primask', 'faultmask', 'sevonpend'), value: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('grouping'), value: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('drop'), n }) },
  { weight: 1, arbitrary: fc.constant({ op: 'wfe' }) },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('level'), n: fc.constantFrom(16, 31, 32, 255), value: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('enter', 'enter', 'leave') }) },
);

function apply(step: Step, controller: InterruptController, model: ModelController): void {
  switch (step.op) {
    case 'pend':
      if (controller.pend(E(step.n)) === model.at(step.n).pending) throw new Error('pend answers whether it was fresh');
      model.pend(step.n);
      return;
    case 'clear':
      controller.clearPending(E(step.n));
      model.clear(step.n);
      return;
    case 'enable':
      controller.enable(E(step.n));
      model.setEnabled(step.n, true);
      return;
    case 'disable':
      controller.disable(E(step.n));
      model.setEnabled(step.n, false);
      return;
    case 'priority':
      controller.setPriority(E(step.n), step.value);
      model.setPriority(step.n, step.value);
      return;
    case 'basepri':
      controller.basepri = step.value;
      model.setBasepri(step.value);
      return;
    case 'primask':
      controller.primask = step.value;
      model.primask = step.value;
      return;
    case 'faultmask':
      controller.faultmask = step.value;
      model.setFaultmask(step.value);
      return;
    case 'sevonpend':
      controller.systemControl = step.value ? SEV_ON_PEND : 0;
      model.sevOnPend = step.value;
      return;
    case 'grouping':
      controller.grouping = step.value;
      model.prigroup = step.value;
      return;
    case 'wfe':
      controller.eventRegister = false;
      model.eventRegister = false;
      return;
    case 'drop':
      if (!model.at(step.n).pending) return;
      controller.drop(E(step.n));
      model.drop(step.n);
      return;
    case 'level': {
      const rises = step.value && !controller.isAsserted(E(step.n));
      controller.assertLevel(E(step.n), step.value);
      if (rises) controller.pend(E(step.n));
      model.setLevel(step.n, step.value);
      return;
    }
    case 'enter': {
      const next = controller.mostUrgent();
      if (next === undefined) return;
      controller.enter(next);
      model.enter(next);
      return;
    }
    case 'leave':
      if (model.stack.length === 0) return;
      leave(controller, E(model.leave()));
  }
}

/** As the machine does it. */
function leave(controller: InterruptController, n: ExceptionNumber): void {
  const then = controller.leave();
  if (controller.justLeft !== n) throw new Error(`${controller.justLeft} ended instead of ${n}`);
  if ((then & LEAVING.stillAsserted) !== 0) controller.pend(n);
}

/** What differs between the two; undefined when nothing does. */
function difference(controller: InterruptController, model: ModelController): string | undefined {
  const differ = (what: string, is: unknown, should: unknown) =>
    is === should ? undefined : `${what}: ${is}, not ${should}`;
  for (const [n, each] of model.exceptions) {
    const account = controller.account(E(n));
    const found =
      differ(`${n} enabled`, controller.isEnabled(E(n)), each.enabled) ??
      differ(`${n} pending`, controller.isPending(E(n)), each.pending) ??
      differ(`${n} active`, controller.isActive(E(n)), each.active) ??
      differ(`${n} priority`, controller.priorityOf(E(n)), each.priority) ??
      differ(`${n} raised`, account.raised, each.raised) ??
      differ(`${n} delivered`, account.delivered, each.delivered) ??
      differ(`${n} coalesced`, account.coalesced, each.coalesced) ??
      differ(`${n} cleared`, account.cleared, each.cleared) ??
      differ(`${n} dropped`, account.dropped, each.dropped) ??
      differ(`${n} asserted`, controller.isAsserted(E(n)), each.asserted);
    if (found !== undefined) return found;
    const { raised, delivered, coalesced, cleared, dropped, pending } = account;
    if (raised !== delivered + coalesced + cleared + dropped + Number(pending)) return `${n} does not add up`;
  }
  return (
    differ('execution priority', controller.executionPriority, model.executionPriority()) ??
    differ('next', controller.mostUrgent(), model.next()) ??
    differ('wakes', controller.wakesUp, model.wakes()) ??
    differ('current', controller.current, model.stack.at(-1) ?? 0) ??
    differ('depth', controller.depth, model.stack.length) ??
    differ('primask', controller.primask, model.primask) ??
    differ('faultmask', controller.faultmask, model.faultmask) ??
    differ('basepri', controller.basepri, model.basepri) ??
    differ('event register', controller.eventRegister, model.eventRegister) ??
    differ('masked', controller.isMasked, model.primask || model.faultmask || model.basepri !== 0) ??
    differ(
      'delivered in all',
      deliveredInAll(controller),
      [...model.exceptions.values()].reduce((sum, each) => sum + each.delivered, 0),
    )
  );
}

function deliveredInAll(controller: InterruptController): number {
  let total = 0;
  for (let n = 1; n < EXCEPTION_COUNT; n++) total += controller.account(n as ExceptionNumber).delivered;
  return total;
}

test('agrees with a model of ARMv7-M over random sequences, and every exception adds up', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), fc.integer({ min: 2, max: 8 }), (steps, bits) => {
      const controller = new InterruptController(bits);
      const model = new ModelController(NUMBERS, bits);
      steps.forEach((step, at) => {
        apply(step, controller, model);
        const found = difference(controller, model);
        if (found !== undefined) throw new Error(`after step ${at} (${JSON.stringify(step)}): ${found}`);
      });
    }),
    { numRuns: 600 },
  );
  t.pass();
});

test('each handler on the nesting stack is more urgent than the one it interrupted', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const controller = new InterruptController();
      const model = new ModelController(NUMBERS);
      const entered: { n: number; priority: number }[] = [];
      for (const step of steps) {
        // What changes the priority of those in progress is left out.
        if (step.op === 'grouping' || (step.op === 'priority' && controller.isActive(E(step.n)))) continue;
        const depth = controller.depth;
        apply(step, controller, model);
        if (controller.depth < depth) entered.pop();
        if (controller.depth > depth) {
          const n = controller.current;
          const last = entered.at(-1);
          if (last !== undefined && controller.priorityOf(n) >= last.priority)
            throw new Error(`${n} interrupts ${last.n}`);
          if (entered.some((each) => each.n === n)) throw new Error(`${n} interrupts itself`);
          entered.push({ n, priority: controller.priorityOf(n) });
        }
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('an exception made more urgent while it is active does not interrupt itself', (t) => {
  const controller = new InterruptController();
  const line = E(16);
  controller.enable(line);
  controller.setPriority(line, 5);
  controller.pend(line);
  controller.enter(line);
  t.is(controller.executionPriority, 4); // 5 without its sub-priority
  controller.setPriority(line, 2);
  controller.pend(line);
  t.is(controller.mostUrgent(), undefined);
  t.is(controller.executionPriority, 2);
  controller.leave();
  t.is(controller.mostUrgent(), line);
});

test('FAULTMASK cannot be set by NMI and HardFault, which it would outlast or not concern', (t) => {
  for (const n of [NMI, HARD_FAULT]) {
    const controller = new InterruptController();
    controller.pend(n);
    controller.enter(n);
    controller.faultmask = true;
    t.false(controller.faultmask);
    controller.leave();
    t.is(controller.executionPriority, 256);
  }
});

test('priorities are those of the manual: PRIMASK 0, FAULTMASK -1, BASEPRI itself and less urgent', (t) => {
  const controller = new InterruptController();
  t.is(controller.executionPriority, 256);
  controller.basepri = 0x1_40;
  t.is(controller.basepri, 0x40);
  t.is(controller.executionPriority, 0x40);
  controller.setPriority(SYS_TICK, 0x40);
  controller.pend(SYS_TICK);
  t.is(controller.mostUrgent(), undefined);
  controller.setPriority(SYS_TICK, 0x3f);
  t.is(controller.mostUrgent(), SYS_TICK);
  controller.primask = true;
  t.is(controller.mostUrgent(), undefined);
  t.true(controller.wakesUp);
  controller.pend(HARD_FAULT);
  t.is(controller.mostUrgent(), HARD_FAULT);
  controller.faultmask = true;
  t.is(controller.mostUrgent(), undefined);
  controller.pend(NMI);
  t.is(controller.mostUrgent(), NMI);
});

test('what is delivered by mailbox counts as delivered, in the order of line numbers and only where it is enabled', (t) => {
  const controller = new InterruptController();
  for (const n of [31, 255]) controller.routeElsewhere(E(n), true);
  t.is(controller.firstElsewhere(), undefined);
  for (const n of [255, 31, 17, 16]) controller.pend(E(n));
  t.is(controller.firstElsewhere(), undefined);
  for (const n of [255, 31, 17]) controller.enable(E(n));
  t.is(controller.mostUrgent(), E(17));
  const order: number[] = [];
  for (let n = controller.firstElsewhere(); n !== undefined; n = controller.firstElsewhere()) {
    controller.deliverElsewhere(n);
    order.push(n);
  }
  t.deepEqual(order, [31, 255]);
  t.like(controller.account(E(255)), { raised: 1, delivered: 1, pending: false });
  t.false(controller.isActive(E(255)));
  controller.pend(E(31));
  controller.routeElsewhere(E(31), false);
  t.is(controller.firstElsewhere(), undefined);
  controller.enter(E(17));
  controller.leave();
  t.is(controller.mostUrgent(), E(31));
});

test('handlers nest as deep as there are priorities, and the depth is remembered', (t) => {
  const controller = new InterruptController();
  // 128 group priorities, for bit 0 belongs to the sub-priority, HardFault and NMI.
  const numbers = [...Array.from({ length: 128 }, (_, at) => 143 - at), HARD_FAULT, NMI];
  for (const n of numbers) {
    controller.enable(E(n));
    controller.setPriority(E(n), (n - 16) * 2);
    controller.pend(E(n));
    t.is(controller.mostUrgent(), E(n));
    controller.enter(E(n));
  }
  t.is(controller.depth, 130);
  t.true(controller.depth < MAX_NESTING);
  for (const n of numbers.reverse()) {
    t.is(controller.current, E(n));
    controller.leave();
    t.is(controller.justLeft, E(n));
  }
  t.is(controller.current, THREAD_MODE);
  t.is(controller.deepest, 130);
});

test('misuse is our own mistake, and said so', (t) => {
  const controller = new InterruptController();
  t.throws(() => controller.enter(PEND_SV), { name: 'AssertionError' });
  t.throws(() => controller.deliverElsewhere(PEND_SV), { name: 'AssertionError' });
  t.throws(() => controller.leave(), { name: 'AssertionError' });
});
