/**
 * How often which value came, in buckets that grow with the value: exact below 16, within an eighth beyond. Recording
 * allocates nothing and takes a few steps; smallest and largest are kept exactly. Values are whole and not negative.
 */

/** Eight buckets for every doubling. */
const FINE_BITS = 3;
const FINE = 1 << FINE_BITS;
/** Values below are buckets of their own. */
const EXACT = 2 * FINE;
/** Up to 2^31; what is beyond counts in the last bucket. */
const BUCKETS = EXACT + (31 - (FINE_BITS + 1)) * FINE;
const LAST = 2 ** 31 - 1;

/**
 * What a histogram tells. Quantiles are nearest-rank: the lower end of their bucket, never below the minimum, and the maximum
 * where that is what they are (p99 of up to a hundred values).
 */
export interface Distribution {
  readonly min: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** Behind the buckets: the bounds of what was recorded. */
const MIN = BUCKETS;
const MAX = BUCKETS + 1;

export class Histogram {
  /** Counts and bounds in one array, from the first count on. How many there are is summed up when asked. */
  #cells: Float64Array | undefined;
  /** The value that was recorded last, and how often in a row: counted here alone until another one comes. */
  #last = -1;
  #repeated = 0;

  record(value: number): void {
    if (value === this.#last) {
      this.#repeated++;
      return;
    }
    this.#count();
    this.#last = value;
    this.#repeated = 1;
  }

  #count(): void {
    if (this.#repeated === 0) return;
    const value = this.#last;
    this.#cells ??= emptyCells();
    const cells = this.#cells;
    cells[value < EXACT ? value : bucketOf(value)]! += this.#repeated;
    if (value < cells[MIN]!) cells[MIN] = value;
    if (value > cells[MAX]!) cells[MAX] = value;
    this.#repeated = 0;
  }

  copy(): Histogram {
    this.#count();
    const copy = new Histogram();
    copy.#cells = this.#cells?.slice();
    return copy;
  }

  /** Undefined when nothing was recorded. */
  get distribution(): Distribution | undefined {
    this.#count();
    const cells = this.#cells;
    if (cells === undefined) return undefined;
    let total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) total += cells[bucket]!;
    return {
      min: cells[MIN]!,
      median: quantile(cells, 0.5, total),
      p99: quantile(cells, 0.99, total),
      max: cells[MAX]!,
    };
  }
}

function emptyCells(): Float64Array {
  const cells = new Float64Array(BUCKETS + 2);
  cells[MIN] = Number.POSITIVE_INFINITY;
  cells[MAX] = -1;
  return cells;
}

function quantile(cells: Float64Array, share: number, total: number): number {
  let left = Math.ceil(total * share);
  if (left === total) return cells[MAX]!;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    left -= cells[bucket]!;
    if (left <= 0) return Math.max(cells[MIN]!, lowerEnd(bucket));
  }
  return cells[MAX]!;
}

/** Of a value from `EXACT` on. */
function bucketOf(value: number): number {
  const capped = value > LAST ? LAST : value | 0;
  const exponent = 31 - Math.clz32(capped);
  return EXACT + (exponent - FINE_BITS - 1) * FINE + ((capped >>> (exponent - FINE_BITS)) & (FINE - 1));
}

function lowerEnd(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const exponent = Math.floor((bucket - EXACT) / FINE) + FINE_BITS + 1;
  return (FINE + ((bucket - EXACT) % FINE)) * 2 ** (exponent - FINE_BITS);
}
