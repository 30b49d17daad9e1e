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

/** What a histogram tells. Quantiles are nearest-rank, the lower end of their bucket, and never below the minimum. */
export interface Distribution {
  readonly min: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  record(value: number): void {
    this.#counts[bucketOf(value)]!++;
    this.#total++;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** Undefined when nothing was recorded. */
  get distribution(): Distribution | undefined {
    if (this.#total === 0) return undefined;
    return { min: this.#min, median: this.#quantile(0.5), p99: this.#quantile(0.99), max: this.#max };
  }

  #quantile(share: number): number {
    let left = Math.ceil(this.#total * share);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return Math.max(this.#min, lowerEnd(bucket));
    }
    return this.#max;
  }
}

function bucketOf(value: number): number {
  if (value < EXACT) return value;
  const capped = value > LAST ? LAST : value | 0;
  const exponent = 31 - Math.clz32(capped);
  return EXACT + (exponent - FINE_BITS - 1) * FINE + ((capped >>> (exponent - FINE_BITS)) & (FINE - 1));
}

function lowerEnd(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const exponent = Math.floor((bucket - EXACT) / FINE) + FINE_BITS + 1;
  return (FINE + ((bucket - EXACT) % FINE)) * 2 ** (exponent - FINE_BITS);
}
