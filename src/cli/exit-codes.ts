/** Exit codes of the command line itself; those of a run are in scheduler/outcome.ts and report/summary.ts. */

/** Bad usage, or a bad file. */
export const EXIT_USAGE = 2;
/** Our own fault. */
export const EXIT_INTERNAL = 3;
/** A second Ctrl-C in real time: what a shell shows for SIGINT. */
export const EXIT_IMPATIENT = 130;
/** The reader of the guest's output has gone away: what a shell shows for SIGPIPE. */
export const EXIT_NOBODY_READS = 141;
