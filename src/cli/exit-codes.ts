/** Exit codes of the command line itself; those of a run are in scheduler/outcome.ts. */

/** An expectation of the scenario failed. */
export const EXIT_FAILED = 1;
/** Bad usage, or a bad file. */
export const EXIT_USAGE = 2;
/** Our own fault. */
export const EXIT_INTERNAL = 3;
