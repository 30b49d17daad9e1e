/**
 * The memory that companion modules and their JavaScript share: what is asked of whom, which fiber runs, and, where fibers are
 * switched between without asking the host, what has to be known of each. Indices are of 32-bit words; slots count from 1.
 */
import { opcodeNamed } from '../wasm/opcodes.ts';
import type { Writer } from '../wasm/writer.ts';
import { MOST_NATIVE_STACKS } from './backend.ts';

/** What the doorway that just returned was asked to do; or, for who goes on: PERISH. */
export const DEMAND_WORD = 0;
/** The slot of the fiber that runs. */
export const RUNNING_WORD = 1;
/** The slot of stack number 0 while the guest may switch by itself; else 0. */
export const HOME_WORD = 2;
/** The slot to go on with, set by a door and taken by who drives; 0 where it is only to park. */
export const TARGET_WORD = 3;

/** Go on · park and keep the result · park and fetch a result · trap, when going on. */
export const GO_ON = 0;
export const KEEP = 1;
export const FETCH = 2;
export const PERISH = 3;

/** Of each slot: the stack pointer while it does not run · the address of its canary, or 0 · whether anybody may go on with it. */
export const SLOTS_WORD = 16;
export const WORDS_A_SLOT = 4;
/** Of bytes: what a slot's number is shifted by. */
const SLOT_SHIFT = 4;
export const POINTER = 0;
export const CANARY = 1;
export const OPEN = 2;

/** By the low bits of the guest's numbers of stacks: the number, and the slot. What does not fit is asked of the host. */
export const NUMBERS_WORD = 98_304;
export const NUMBERS = 32_768;

const WORDS_A_PAGE = 16_384;
export const WORDS_PAGES = (NUMBERS_WORD + NUMBERS * 2) / WORDS_A_PAGE;
/** The slots end where the numbers begin. */
export const SLOTS_FIT = SLOTS_WORD + (MOST_NATIVE_STACKS + 1) * WORDS_A_SLOT <= NUMBERS_WORD;

const LOAD = opcodeNamed('i32.load')!;
const STORE = opcodeNamed('i32.store')!;
const CONST = opcodeNamed('i32.const')!;
const SHL = opcodeNamed('i32.shl')!;
const LOCAL_GET = opcodeNamed('local.get')!;

/** Code that pushes a word. */
export function loadWord(code: Writer, word: number): Writer {
  return loadAt(code.u8(CONST).s32(0), word);
}

/** Code that pushes the word so many words behind the address on the stack. */
export function loadAt(code: Writer, word: number): Writer {
  return code
    .u8(LOAD)
    .u32(2)
    .u32(word * 4);
}

/** Code that writes what `value` pushes. */
export function storeWord(code: Writer, word: number, value: (code: Writer) => Writer): Writer {
  return storeAt(value(code.u8(CONST).s32(0)), word);
}

/** Code that writes the value on the stack so many words behind the address below it. */
export function storeAt(code: Writer, word: number): Writer {
  return code
    .u8(STORE)
    .u32(2)
    .u32(word * 4);
}

/** Pushes the address of the record of the slot in a local, but for `SLOTS_WORD`. */
export function record(code: Writer, local: number): Writer {
  return code.u8(LOCAL_GET).u32(local).u8(CONST).s32(SLOT_SHIFT).u8(SHL);
}

/** Anybody may go on with who stops; who goes on runs. Both by the locals that their slots are in. */
export function handOver(code: Writer, stopped: number, target: number): void {
  storeAt(record(code, stopped).u8(CONST).s32(1), SLOTS_WORD + OPEN);
  storeAt(record(code, target).u8(CONST).s32(0), SLOTS_WORD + OPEN);
  storeWord(code, RUNNING_WORD, (value) => value.u8(LOCAL_GET).u32(target));
}
