/** Where lockstep.ts is on a path through a function. */
/** Where a walk is: what was charged and executed since the last node of the graph. */
export interface Walk {
  at: number;
  graphNode: number;
  charged: number;
  executed: number;
  accesses: number;
  advanced: boolean;
  /** Of the branch that is being followed: see PathEdge. */
  rounds: number | undefined;
}

export const beginning = (at: number, graphNode: number): Walk => ({
  at,
  graphNode,
  charged: 0,
  executed: 0,
  accesses: 0,
  advanced: false,
  rounds: undefined,
});
