/** Writes what an exact scan puts between the instructions of a function (exact-insertions.ts), one after the other. */
import type { Writer } from '../wasm/writer.ts';
import type { BudgetCode } from './budget-code.ts';
import type { Bulk, LengthCharges } from './bulk.ts';
import type { CopiedCode } from './copied-code.ts';
import type { Insertion } from './exact-insertions.ts';
import { op } from './layout.ts';
import type { WaysOut } from './ways-out.ts';

export class InsertionWriter {
  readonly #copied: CopiedCode;
  readonly #body: Writer;
  readonly #budget: BudgetCode;
  readonly #waysOut: WaysOut;
  #lengths!: LengthCharges;

  constructor(copied: CopiedCode, budget: BudgetCode, waysOut: WaysOut) {
    this.#copied = copied;
    this.#body = copied.body;
    this.#budget = budget;
    this.#waysOut = waysOut;
  }

  /** Another function, with its bulk instructions. */
  begin(lengths: LengthCharges): void {
    this.#lengths = lengths;
  }

  /** What stands before it has been copied. */
  put(insertion: Insertion): void {
    // Of a copy of a loop: a call there never returns.
    const { exitCharge } = this.#waysOut;
    const { kind, amount, checked, owed, closed } = insertion;
    switch (kind) {
      case 'lend':
        this.#budget.spill(amount + exitCharge);
        return;
      case 'resume':
        this.#budget.reload();
        return;
      case 'carry':
        this.#budget.charge(exitCharge);
        this.#budget.push();
        this.#copied.flush(insertion.end);
        this.#budget.take();
        return;
      case 'return':
        this.#body.u8(op.br).u32(insertion.target);
        this.#copied.goOnFrom(insertion.end);
        return;
      default:
        break;
    }
    if (insertion.bulk !== undefined) this.#putBulk(insertion, insertion.bulk);
    else {
      if (kind === 'else') this.#body.u8(op.else);
      if (checked) this.#budget.check(amount, undefined, owed, closed);
      else this.#budget.charge(amount);
    }
  }

  #putBulk({ kind, amount, checked, owed, closed }: Insertion, bulk: Bulk): void {
    this.#lengths.keep(this.#body, bulk, kind === 'length');
    // A check charges the bulk instruction in front for its length too.
    if (checked) this.#budget.check(amount, () => this.#lengths.charge(this.#body, bulk), owed, closed);
  }
}
