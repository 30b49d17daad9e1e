/**
 * A second interrupt controller, written from the ARMv7-M Architecture Reference Manual's pseudocode rather than from
 * the first: one record per exception, everything computed afresh by looking at all of them. Slow and obvious.
 */

const NMI = 2;
const HARD_FAULT = 3;
const LOWEST = 256;

interface Exception {
  enabled: boolean;
  pending: boolean;
  active: boolean;
  /** The level of its input; only external lines have one. */
  asserted: boolean;
  priority: number;
  raised: number;
  delivered: number;
  coalesced: number;
  cleared: number;
  dropped: number;
}

export class ModelController {
  readonly exceptions = new Map<number, Exception>();
  readonly stack: number[] = [];
  primask = false;
  faultmask = false;
  basepri = 0;
  prigroup = 0;
  sevOnPend = false;
  eventRegister = false;
  readonly priorityBits: number;

  constructor(numbers: readonly number[], priorityBits = 8) {
    this.priorityBits = priorityBits;
    for (const n of numbers) {
      const priority = n === NMI ? -2 : n === HARD_FAULT ? -1 : 0;
      const enabled = n < 16; // system exceptions have no enable bit in the NVIC
      const counts = { raised: 0, delivered: 0, coalesced: 0, cleared: 0, dropped: 0 };
      this.exceptions.set(n, { enabled, pending: false, active: false, asserted: false, priority, ...counts });
    }
  }

  at(n: number): Exception {
    return this.exceptions.get(n)!;
  }

  setEnabled(n: number, enabled: boolean): void {
    if (n >= 16) this.at(n).enabled = enabled;
  }

  setPriority(n: number, priority: number): void {
    if (n !== NMI && n !== HARD_FAULT) this.at(n).priority = this.implemented(priority);
  }

  /** B1.5.4: unimplemented low-order bits of a priority read as zero. */
  implemented(priority: number): number {
    const unit = 2 ** (8 - this.priorityBits);
    return Math.floor((((priority % 256) + 256) % 256) / unit) * unit;
  }

  pend(n: number): void {
    const exception = this.at(n);
    exception.raised++;
    if (exception.pending) exception.coalesced++;
    else if (this.sevOnPend) this.eventRegister = true; // B1.5.17: an exception *entering* the pending state
    exception.pending = true;
  }

  /** B3.4.1: a level-sensitive interrupt that is asserted and not active stays pending, whatever software writes. */
  clear(n: number): void {
    const exception = this.at(n);
    if (exception.asserted && !exception.active) return;
    if (exception.pending) exception.cleared++;
    exception.pending = false;
  }

  drop(n: number): void {
    this.at(n).pending = false;
    this.at(n).dropped++;
  }

  setLevel(n: number, asserted: boolean): void {
    const rises = asserted && !this.at(n).asserted;
    this.at(n).asserted = asserted;
    if (rises) this.pend(n);
  }

  setBasepri(value: number): void {
    this.basepri = this.implemented(value);
  }

  /** B1.4.3: FAULTMASK can only be set at an execution priority above -1. */
  setFaultmask(value: boolean): void {
    if (!value || this.executionPriority() > -1) this.faultmask = value;
  }

  /** B1.5.4, ExecutionPriority(). Fixed priorities, which are below 0, have no sub-priority. */
  executionPriority(): number {
    const groupValue = 2 * 2 ** this.prigroup;
    const group = (priority: number) => (priority < 0 ? priority : priority - (priority % groupValue));
    let highest = LOWEST;
    for (const { active, priority } of this.exceptions.values()) {
      if (active && group(priority) < highest) highest = group(priority);
    }
    let boosted = LOWEST;
    if (this.basepri !== 0) boosted = group(this.basepri);
    if (this.primask) boosted = 0;
    if (this.faultmask) boosted = -1;
    return Math.min(boosted, highest);
  }

  /** B1.5.4: of those pending and enabled, the lowest priority value, then the lowest number, if it preempts: its group priority does. */
  next(): number | undefined {
    const limit = this.executionPriority();
    const candidates = [...this.exceptions]
      .filter(([, each]) => each.enabled && each.pending && each.priority < limit)
      .sort(([n, a], [m, b]) => a.priority - b.priority || n - m);
    return candidates[0]?.[0];
  }

  /** B1.5.18: as `next`, but PRIMASK is ignored. */
  wakes(): boolean {
    const { primask } = this;
    this.primask = false;
    const woken = this.next() !== undefined;
    this.primask = primask;
    return woken;
  }

  enter(n: number): void {
    const exception = this.at(n);
    exception.pending = false;
    exception.active = true;
    exception.delivered++;
    this.eventRegister = true;
    this.stack.push(n);
  }

  /** B1.5.8: leaving any exception but NMI clears FAULTMASK. */
  leave(): number {
    const n = this.stack.pop()!;
    this.at(n).active = false;
    this.eventRegister = true;
    if (n !== NMI) this.faultmask = false;
    if (this.at(n).asserted) this.pend(n); // B3.4.1
    return n;
  }
}
