/** What the controller keeps of one exception, in one object: an interrupt changes most of it. */
import { type ExceptionNumber, HARD_FAULT, NMI, THREAD_MODE } from './exceptions.ts';
import { HARD_FAULT_PRIORITY, NMI_PRIORITY, THREAD_PRIORITY } from './priorities.ts';
import { TimedAccount } from './times.ts';

/** Bits of `Exception.state`. In one object, to be taken apart where they are used: V8 does not see through exported constants. */
export const STATE = {
  ENABLED: 1 << 0,
  PENDING: 1 << 1,
  ACTIVE: 1 << 2,
  /** The level of its line's input, where that is level-sensitive. */
  ASSERTED: 1 << 3,
  /** It is not taken, but delivered by other means. */
  ELSEWHERE: 1 << 4,
  /** Active, but waiting. */
  ASIDE: 1 << 5,
} as const;

/** What `InterruptController.leave` leaves to do, as bits: nothing · the line is still asserted · a mask was cleared. */
export const LEAVING = { nothingMore: 0, stillAsserted: STATE.ASSERTED, unmasked: 1 } as const;

export class Exception extends TimedAccount {
  number = THREAD_MODE;
  state = 0;
  priority = 0;
  /** The same without its sub-priority bits. */
  group = 0;
  /** While it is active, the priority that it interrupted. */
  interrupted = THREAD_PRIORITY;

  static numbered(number: number): Exception {
    const exception = new Exception();
    exception.number = number as ExceptionNumber;
    if (number === NMI) exception.priority = exception.group = NMI_PRIORITY;
    if (number === HARD_FAULT) exception.priority = exception.group = HARD_FAULT_PRIORITY;
    return exception;
  }
}
