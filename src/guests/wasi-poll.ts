/**
 * poll_oneoff: waits for clocks and for descriptors that can be read or written, in machine time.
 * Layouts follow WASI preview 1 (subscription, event). Interrupts are handled during the wait and do not end it; the
 * handler of a signal does: INTR, whatever SA_RESTART says (signal(7)).
 */
import { wasi } from '@bjorn3/browser_wasi_shim';
import type { Instant } from '../clock/instant.ts';
import type { GuestServices } from './services.ts';
import { deadlineOf, isClock } from './wasi-clock.ts';
import type { DescriptorTable } from './wasi-descriptors.ts';
import { checkRange } from './wasi-memory.ts';
import { EVENT_BYTES, SUBSCRIPTION_BYTES } from './wasi-signatures.ts';
import { InputStream } from './wasi-streams.ts';

/** The most subscriptions of one call. */
export const MAX_SUBSCRIPTIONS = 4096;

interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  /** For a clock: when it is due. */
  readonly deadline: Instant | undefined;
  /** For a descriptor: its number. */
  readonly fd: number;
  /** Why it can never be met: reported at once, as an event. */
  readonly errno: number;
}

interface PollEvent {
  readonly errno: number;
  readonly bytes: bigint;
  readonly hangup: boolean;
}

const PLAIN: PollEvent = { errno: 0, bytes: 0n, hangup: false };

/** Implements poll_oneoff; `count` is written to `countPointer`, which has passed the check of arguments. */
export function poll(
  services: GuestServices,
  descriptors: DescriptorTable,
  [input, output, count, countPointer]: readonly [number, number, number, number],
): unknown {
  const memory = services.memory();
  if (memory === undefined) return wasi.ERRNO_FAULT;
  if (count === 0 || count > MAX_SUBSCRIPTIONS) return wasi.ERRNO_INVAL;
  const bytes = new Uint8Array(memory.buffer);
  const fault = checkRange(bytes, input, count * SUBSCRIPTION_BYTES) || checkRange(bytes, output, count * EVENT_BYTES);
  if (fault !== 0) return fault;

  const subscriptions = readSubscriptions(new DataView(memory.buffer), input, count, services.now());
  const listens = subscriptions.some((one) => one.type === wasi.EVENTTYPE_FD_READ && one.errno === 0);
  const deadlines = subscriptions.flatMap((one) => (one.deadline === undefined ? [] : [one.deadline]));
  const deadline = deadlines.length === 0 ? undefined : (Math.min(...deadlines) as Instant);
  const due = () => subscriptions.map((one) => eventOf(one, descriptors, services.now()));
  const anyReadable = () => due().some((event) => event !== undefined);

  const finish = (events: readonly (PollEvent | undefined)[]): number => {
    // A fresh view: the memory may have grown during the wait.
    const written = writeEvents(new DataView(memory.buffer), output, subscriptions, events);
    new DataView(memory.buffer).setUint32(countPointer, written, true);
    return 0;
  };
  const { block } = services;
  if (block !== undefined && !services.waitsUnderMask()) {
    const handled = services.handledSignals();
    const ready = () => anyReadable() || services.handledSignals() !== handled;
    const answer = () => (anyReadable() ? finish(due()) : wasi.ERRNO_INTR);
    return anyReadable() ? finish(due()) : block({ deadline, ready }, answer);
  }

  let events = due();
  const first = subscriptions.every((one) => one.deadline !== undefined) && services.waitsUnderMask();
  while (first || events.every((event) => event === undefined)) {
    const wait = { deadline, restarts: false };
    const outcome = services.waitInterruptibly(listens ? { ...wait, ready: anyReadable } : wait);
    if (outcome === 'interrupted') return wasi.ERRNO_INTR;
    events = due();
    if (first) break;
  }
  services.endWaitMask();
  return finish(events);
}

function readSubscriptions(view: DataView, pointer: number, count: number, now: Instant): Subscription[] {
  return Array.from({ length: count }, (_, index): Subscription => {
    const at = pointer + index * SUBSCRIPTION_BYTES;
    const userdata = view.getBigUint64(at, true);
    const type = view.getUint8(at + 8);
    const target = view.getUint32(at + 16, true);
    const plain = { userdata, type, deadline: undefined, fd: target, errno: 0 };
    if (type === wasi.EVENTTYPE_FD_READ || type === wasi.EVENTTYPE_FD_WRITE) return plain;
    if (type !== wasi.EVENTTYPE_CLOCK || !isClock(target)) return { ...plain, errno: wasi.ERRNO_INVAL };
    const absolute = (view.getUint16(at + 40, true) & wasi.SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) !== 0;
    return { ...plain, deadline: deadlineOf(target, view.getBigUint64(at + 24, true), absolute, now) };
  });
}

/** The event that answers a subscription by now, or undefined while it must wait. */
function eventOf(subscription: Subscription, descriptors: DescriptorTable, now: Instant): PollEvent | undefined {
  if (subscription.errno !== 0) return { ...PLAIN, errno: subscription.errno };
  if (subscription.deadline !== undefined) return subscription.deadline <= now ? PLAIN : undefined;
  const descriptor = descriptors.get(subscription.fd);
  if (descriptor === undefined) return { ...PLAIN, errno: wasi.ERRNO_BADF };
  if (subscription.type === wasi.EVENTTYPE_FD_WRITE) return PLAIN;
  if (descriptor instanceof InputStream) {
    if (!descriptor.ready()) return undefined;
    return { ...PLAIN, bytes: BigInt(descriptor.available), hangup: descriptor.available === 0 };
  }
  // A regular file never makes a reader wait.
  const { filestat } = descriptor.fd_filestat_get();
  const { offset } = descriptor.fd_tell();
  const rest = (filestat?.size ?? 0n) - offset;
  return { ...PLAIN, bytes: rest > 0n ? rest : 0n };
}

function writeEvents(
  view: DataView,
  pointer: number,
  subscriptions: readonly Subscription[],
  events: readonly (PollEvent | undefined)[],
): number {
  let written = 0;
  for (const [index, subscription] of subscriptions.entries()) {
    const event = events[index];
    if (event === undefined) continue;
    const at = pointer + written++ * EVENT_BYTES;
    for (let offset = 0; offset < EVENT_BYTES; offset += 8) view.setBigUint64(at + offset, 0n, true);
    view.setBigUint64(at, subscription.userdata, true);
    view.setUint16(at + 8, event.errno, true);
    view.setUint8(at + 10, subscription.type);
    view.setBigUint64(at + 16, event.bytes, true);
    view.setUint16(at + 24, event.hangup ? wasi.EVENTRWFLAGS_FD_READWRITE_HANGUP : 0, true);
  }
  return written;
}
