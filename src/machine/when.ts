/** The moment of an injection: absolute since reset, or at a place in the program, or again and again. */
import type { Duration, Instant } from '../clock/instant.ts';

export type When =
  | { readonly kind: 'time'; readonly at: Instant }
  /** When `count` instructions have been charged. At `loop` granularity that is approximate, but repeatable. */
  | { readonly kind: 'instruction'; readonly count: number }
  /** The `entry`-th time (from 1) that the function of this name in the user's module is entered. */
  | { readonly kind: 'function'; readonly name: string; readonly entry: number }
  /** First one period from now, then again every period. */
  | { readonly kind: 'every'; readonly period: Duration };
