/**
 * What the guest asks of its board through the mailbox's outbox (design of the mailbox, "guest to host"): every entry is
 * checked, because the guest wrote it by plain stores.
 */
import { duration, MAX_NS } from '../clock/instant.ts';
import { PIN_COUNT } from '../devices/gpio.ts';
import { TIMER_COUNT } from '../devices/timer.ts';
import { WirqError } from '../errors.ts';
import { type ExceptionNumber, exceptionOf, isLine } from '../interrupts/exceptions.ts';
import type { OutboxEntry } from '../interrupts/mailbox.ts';
import { OUTBOX_KIND } from '../interrupts/mailbox-layout.ts';
import type { MachineCore } from './core.ts';

/** Does what an entry asks for. @throws WirqError `bad-mailbox` for what there is not. */
export function receiveFromGuest({ kind, number, value }: OutboxEntry, core: MachineCore): void {
  const { gpio, uarts, timers } = core.peripherals;
  switch (kind) {
    case OUTBOX_KIND.done: {
      const exception = lineFromGuest(number, 'done');
      core.emit('done', { line: core.lineName(exception) });
      // As when a handler returns: a level that is still asserted asks again.
      if (core.controller.isAsserted(exception)) core.pend(exception, 'level');
      return;
    }
    case OUTBOX_KIND.pend:
      core.pend(lineFromGuest(number, 'pend'), 'outbox');
      return;
    case OUTBOX_KIND.gpio:
      if (number >= PIN_COUNT) badEntry(`gpio: there is no pin ${number}`);
      gpio.write(number, value === 0n ? 0 : 1);
      return;
    case OUTBOX_KIND.uart: {
      const uart = uarts[number];
      if (uart === undefined) badEntry(`uart: there is no serial port ${number}`);
      uart.transmit(Uint8Array.of(Number(value & 0xffn)), true);
      return;
    }
    case OUTBOX_KIND.timer:
      if (number >= TIMER_COUNT) badEntry(`timer: there is no timer ${number}`);
      if (value > BigInt(MAX_NS)) badEntry(`timer ${number}: a period of ${value} ns`);
      timers.start(number, duration(Number(value)), true);
      return;
    case OUTBOX_KIND.exit:
      core.loop.conclude({ kind: 'exit', code: Number(BigInt.asIntN(32, value)) });
      return;
    case OUTBOX_KIND.event:
      core.guestEvents.note(number, value);
      core.emit('guest', { number, value: value <= BigInt(MAX_NS) ? Number(value) : String(value) });
      return;
    default:
      badEntry(`there is no kind ${kind}`);
  }
}

function lineFromGuest(line: number, entry: string): ExceptionNumber {
  return isLine(line) ? exceptionOf(line) : badEntry(`${entry}: there is no interrupt line ${line}`);
}

function badEntry(why: string): never {
  throw new WirqError('bad-mailbox', `the guest's outbox holds a bad entry: ${why}`, {
    advice: 'kinds and ranges are in the documentation of wirq/mailbox and in sdk/c/wirq.h',
  });
}
