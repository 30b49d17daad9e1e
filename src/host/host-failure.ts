/**
 * Something of the host's own that failed while the guest ran: nobody reads the output any more, the disk is full.
 * A machine takes typed errors that arise below it for the guest's doing; this one passes through it as it is.
 */
import type { WirqError } from '../errors.ts';

export class HostFailure extends Error {
  override readonly name = 'HostFailure';
  /** Undefined when nothing is wrong but that the reader of the output has gone away. */
  readonly error: WirqError | undefined;

  constructor(error?: WirqError) {
    super(error?.message ?? 'the reader of the output has gone away');
    this.error = error;
  }
}
