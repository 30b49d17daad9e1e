/** What the controller keeps of one exception, in one object: an interrupt changes most of it. */
import { Account } from './accounts.ts';
import { THREAD_PRIORITY } from './priorities.ts';

/** Bits of `Exception.state`. In one object, to be taken apart where they are used: V8 does not see through exported constants. */
export const STATE = {
  enabled: 1 << 0,
  pending: 1 << 1,
  active: 1 << 2,
  /** The level of its line's input, where that is level-sensitive. */
  asserted: 1 << 3,
  /** It is not taken, but delivered by other means. */
  elsewhere: 1 << 4,
  /** Active, but waiting. */
  aside: 1 << 5,
} as const;

export class Exception extends Account {
  state = 0;
  priority = 0;
  /** While it is active, the priority that it interrupted. */
  interrupted = THREAD_PRIORITY;
}
