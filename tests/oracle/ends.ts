/** The last line of a log: how the run ended, in words that fit an emulator and wirq. */
export const END = {
  exit: 'end: exit',
  lockup: 'end: lock-up',
  waits: 'end: waits for ever',
} as const;
