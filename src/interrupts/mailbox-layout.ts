/**
 * The mailbox block: where each field lies and what the numbers mean. The one place that knows (sdk/c/wirq.h and
 * sdk/assemblyscript/wirq.ts say the same to the guest). Little-endian, the block 8-aligned; offsets in bytes.
 * Heads and tails run freely modulo 2^32; entry i lies at i mod capacity; a ring is full when tail - head = capacity.
 */

export const MAGIC = 0x51524957; // "WIRQ"
export const VERSION = 1;
export const HEADER_BYTES = 64;
export const ALIGNMENT = 8;

export const OFFSET = {
  magic: 0, // u32
  version: 4, // u16
  headerBytes: 6, // u16
  doorbell: 8, // u32: the host sets it to 1 after a post, the guest to 0 before it takes
  words: 12, // u32: words of pending bits
  posted: 16, // u32: counts every post
  overruns: 20, // u32: counts posts that found their bit set or the ring full
  inboxCapacity: 24, // u32 entries, a power of two or 0
  inboxHead: 28, // u32, the guest's
  inboxTail: 32, // u32, the host's
  hostDoorbell: 36, // u32: the guest sets it to 1 after an entry, the host to 0 before it takes
  outboxCapacity: 40, // u32 entries, a power of two or 0
  outboxHead: 44, // u32, the host's
  outboxTail: 48, // u32, the guest's
} as const;

/** An entry of either ring: {u32 kind, u32 number, u64 time in ns, u64 value}. */
export const ENTRY_BYTES = 24;
export const ENTRY = { kind: 0, number: 4, time: 8, value: 16 } as const;

/** Enough bits for every external line (240), in whole words and padded to 8 bytes. */
export const MAX_WORDS = 8;
/** Beyond any use; keeps a hostile header from describing gigabytes. */
export const MAX_CAPACITY = 1 << 16;

export const INBOX_KIND = { irq: 1, signal: 2 } as const;
export const OUTBOX_KIND = { done: 1, pend: 2, gpio: 3, uart: 4, timer: 5, exit: 6, event: 7 } as const;

/** Bytes of the block up to the inbox ring: the header and the pending words, padded to 8. */
export function bytesBeforeRings(words: number): number {
  return HEADER_BYTES + ((words * 4 + 7) & ~7);
}
