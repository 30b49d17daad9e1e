/** `wirq/mailbox`: a guest opens its mailbox here, unless it exports `wirq_mailbox` and needs no import at all. */
import { EINVAL, SUCCESS } from './errno.ts';
import type { HostModule } from './interface.ts';

export interface MailboxMachine {
  /** Formats and opens the block. @returns false when it is misaligned, too small, or not in memory. */
  openMailbox(address: number, bytes: number): boolean;
}

export const MAILBOX_MODULE = 'wirq/mailbox';

export function createMailboxModule(machine: MailboxMachine): HostModule {
  return {
    open: {
      signature: 'ii>i',
      call: (address: number, bytes: number) => (machine.openMailbox(address >>> 0, bytes >>> 0) ? SUCCESS : EINVAL),
    },
  };
}
