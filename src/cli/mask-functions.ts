/** The option `--mask-functions`, which commands share. */
import type { OptionSpec } from './command.ts';

export const MASK_FUNCTIONS = {
  type: 'text',
  many: true,
  describe: 'run no handler in these functions: sort, heap_*; adds to ~lib/rt/*, which none takes away',
} as const satisfies OptionSpec;
