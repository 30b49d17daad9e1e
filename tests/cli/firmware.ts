/** Small firmware for the tests of the command line, each of which shows one thing. */
import { wat } from '../support/wat.ts';

const WASI = 'wasi_snapshot_preview1';

/** (local) helper of the WASI programs: writes `$length` bytes at `$from` to standard output. */
const WRITE = `
  (func $write (param $from i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $from))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))`;

const FD_WRITE = `(import "${WASI}" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))`;

function strings(sizes: string, get: string): string {
  return `(module
    (import "${WASI}" "${sizes}" (func $sizes (param i32 i32) (result i32)))
    (import "${WASI}" "${get}" (func $get (param i32 i32) (result i32)))
    ${FD_WRITE}
    (memory (export "memory") 1)
    ${WRITE}
    (func (export "_start")
      (drop (call $sizes (i32.const 16) (i32.const 20)))
      (drop (call $get (i32.const 32) (i32.const 4096)))
      (call $write (i32.const 4096) (i32.load (i32.const 20)))))`;
}

const SOURCES = {
  /** Returns at once. */
  empty: '(module)',
  /** What `main` returns is its exit code. */
  seven: '(module (func (export "main") (result i32) i32.const 7))',
  spin: '(module (func (export "main") (loop (br 0))))',
  'start-spins': '(module (func $start (loop (br 0))) (start $start))',
  trap: `(module
    (func $inner unreachable)
    (func $outer call $inner)
    (func (export "main") call $outer))`,
  missing: `(module
    (import "env" "measure" (func (param i32) (result f64)))
    (import "wirq/irq" "enabel" (func (param i32)))
    (func (export "main")))`,
  functions: `(module
    (func $fib (export "fib") (param i32) (result i32)
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
        (then (local.get 0))
        (else (i32.add
          (call $fib (i32.sub (local.get 0) (i32.const 1)))
          (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "echo") (param i64 f64) (result i64 f64) local.get 0 local.get 1))`,
  /** Calls work() again and again; when line 3 comes, exits with the number of times it was entered before. */
  'until-interrupted': `(module
    (import "${WASI}" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (global $entered (mut i32) (i32.const 0))
    (func $work (export "work") (global.set $entered (i32.add (global.get $entered) (i32.const 1))))
    (func (export "IRQ3_Handler") (call $exit (global.get $entered)))
    (func (export "_start") (loop (call $work) (br 0))))`,
  /** Has a main loop with a name, and an end. */
  app: `(module
    (func $main_loop (param i32))
    (func (export "IRQ3_Handler"))
    (func (export "main") (local $round i32)
      (loop $more
        (call $main_loop (local.get $round))
        (local.set $round (i32.add (local.get $round) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $round) (i32.const 100000))))))`,
  /** Lives on its interrupts; has handlers for lines 3 and 4. */
  reactor: `(module
    (func (export "IRQ3_Handler"))
    (func (export "IRQ4_Handler")))`,
  /** Has a mailbox and a handler for line 3. */
  'mailbox-or-handler': `(module
    (import "wirq/mailbox" "open" (func $open (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "IRQ3_Handler"))
    (func (export "IRQ4_Handler"))
    (func (export "main") (result i32)
      (drop (call $open (i32.const 1024) (i32.const 1024)))
      (loop (br 0)) i32.const 0))`,
  /** Prints its arguments, each ended by a NUL. */
  arguments: strings('args_sizes_get', 'args_get'),
  environment: strings('environ_sizes_get', 'environ_get'),
  /** Copies its input to its output. */
  cat: `(module
    (import "${WASI}" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    ${FD_WRITE}
    (memory (export "memory") 1)
    ${WRITE}
    (func (export "_start")
      (block $end (loop $more
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const 1000))
        (br_if $end (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $end (i32.eqz (i32.load (i32.const 8))))
        (call $write (i32.const 1024) (i32.load (i32.const 8)))
        (br $more)))))`,
  /** Prints the file "in" of its first directory; exits with the errno where it cannot. */
  'print-file': `(module
    (import "${WASI}" "path_open"
      (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "${WASI}" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "${WASI}" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
    (import "${WASI}" "proc_exit" (func $exit (param i32)))
    ${FD_WRITE}
    (memory (export "memory") 1)
    (data (i32.const 64) "in")
    (data (i32.const 96) "/data")
    ${WRITE}
    (func (export "_start") (local $errno i32)
      (drop (call $name (i32.const 3) (i32.const 96) (i32.const 5)))
      (call $write (i32.const 96) (i32.const 5))
      (local.set $errno (call $open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const 2)
        (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))
      (if (local.get $errno) (then (call $exit (local.get $errno))))
      (i32.store (i32.const 0) (i32.const 1024))
      (i32.store (i32.const 4) (i32.const 1000))
      (drop (call $fd_read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (call $write (i32.const 1024) (i32.load (i32.const 8)))))`,
  /** Prints 16 random letters. */
  random: `(module
    (import "${WASI}" "random_get" (func $random (param i32 i32) (result i32)))
    ${FD_WRITE}
    (memory (export "memory") 1)
    ${WRITE}
    (func (export "_start") (local $at i32)
      (drop (call $random (i32.const 64) (i32.const 16)))
      (local.set $at (i32.const 64))
      (loop $more
        (i32.store8 (local.get $at)
          (i32.add (i32.const 97) (i32.and (i32.load8_u (local.get $at)) (i32.const 15))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $at) (i32.const 80))))
      (call $write (i32.const 64) (i32.const 16))))`,
  /** Prints the numbers from 0 to 0xffff, sixteen bytes each, and every 4096th to standard error too. */
  flood: `(module
    ${FD_WRITE}
    (memory (export "memory") 1)
    (data (i32.const 64) "           0000\\0a")
    (func $write (param $descriptor i32)
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 16))
      (drop (call $fd_write (local.get $descriptor) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func $digit (param $at i32) (param $value i32)
      (local.set $value (i32.and (local.get $value) (i32.const 15)))
      (i32.store8 (i32.add (local.get $at) (i32.const 75))
        (i32.add (local.get $value)
          (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $value) (i32.const 10))))))
    (func (export "_start") (local $number i32)
      (loop $more
        (call $digit (i32.const 0) (i32.shr_u (local.get $number) (i32.const 12)))
        (call $digit (i32.const 1) (i32.shr_u (local.get $number) (i32.const 8)))
        (call $digit (i32.const 2) (i32.shr_u (local.get $number) (i32.const 4)))
        (call $digit (i32.const 3) (local.get $number))
        (call $write (i32.const 1))
        (if (i32.eqz (i32.and (local.get $number) (i32.const 4095))) (then (call $write (i32.const 2))))
        (local.set $number (i32.add (local.get $number) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $number) (i32.const 65536))))))`,
  /** Prints for ever. */
  chatter: `(module
    ${FD_WRITE}
    (memory (export "memory") 1)
    (data (i32.const 64) "and so on\\0a")
    ${WRITE}
    (func (export "_start") (loop (call $write (i32.const 64) (i32.const 10)) (br 0))))`,
  /** Reads the serial port until a NUL or nothing comes, and sends what came. */
  serial: `(module
    (import "wirq/board" "uart_read" (func $read (param i32 i32 i32) (result i32)))
    (import "wirq/board" "uart_write" (func $write (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "main") (local $count i32)
      (local.set $count (call $read (i32.const 0) (i32.const 64) (i32.const 4096)))
      (if (i32.gt_s (local.get $count) (i32.const 0))
        (then (drop (call $write (i32.const 0) (i32.const 64) (local.get $count)))))))`,
  /** Raises pin 13 when line 3 comes. */
  light: `(module
    (import "wirq/board" "gpio_write" (func $write (param i32 i32)))
    (func (export "BUTTON_IRQHandler") (call $write (i32.const 13) (i32.const 1))))`,
} as const;

export type FirmwareName = keyof typeof SOURCES;

/** `{'seven.wasm': …}`: files for `folderWith`. */
export function firmware(...names: FirmwareName[]): Record<string, Uint8Array> {
  return Object.fromEntries(names.map((name) => [`${name}.wasm`, wat(SOURCES[name])]));
}

/** All of them. */
export function allFirmware(): Record<string, Uint8Array> {
  return firmware(...(Object.keys(SOURCES) as FirmwareName[]));
}
