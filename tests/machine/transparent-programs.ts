/** Programs of different character for transparency.test.ts. Each exports `run`; `$a` and `$b` are exported globals. */
import type { HostModule } from '../../src/guests/interface.ts';

export interface Program {
  readonly name: string;
  /** Everything between `(module` and `)` but the handler. */
  readonly source: string;
  readonly args?: readonly string[];
  /** Imports from `host`. */
  readonly host?: HostModule;
  readonly traps?: boolean;
}

export const programs: readonly Program[] = [
  {
    name: 'nested loops',
    args: ['12'],
    source: `
      (global $a (export "a") (mut i32) (i32.const 1))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $sum i32)
        (loop $outer
          (local.set $j (i32.const 0))
          (loop $inner
            (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.xor (local.get $i) (local.get $j))))
            (global.set $a (i32.rotl (global.get $a) (i32.const 3)))
            (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
          (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $sum))`,
  },
  {
    name: 'recursion',
    args: ['11'],
    source: `
      (global $a (export "a") (mut i32) (i32.const 0))
      (func $fib (export "run") (param $n i32) (result i32)
        (global.set $a (i32.add (global.get $a) (i32.const 1)))
        (if (result i32) (i32.lt_u (local.get $n) (i32.const 2)) (then (local.get $n))
          (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
                         (call $fib (i32.sub (local.get $n) (i32.const 2)))))))`,
  },
  {
    name: 'mutual recursion through calls with operands left on the stack',
    args: ['40'],
    source: `
      (func $even (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))
          (else (i32.add (i32.const 2) (call $odd (i32.sub (local.get 0) (i32.const 1)))))))
      (func $odd (param i32) (result i32)
        (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
          (else (i32.xor (i32.shl (local.get 0) (i32.const 1)) (call $even (i32.sub (local.get 0) (i32.const 1)))))))
      (func (export "run") (param i32) (result i32)
        (i32.mul (call $even (local.get 0)) (i32.add (call $odd (local.get 0)) (i32.const 1))))`,
  },
  {
    name: 'indirect calls',
    args: ['30'],
    source: `
      (type $op (func (param i32 i32) (result i32)))
      (table 4 funcref) (elem (i32.const 0) $add $sub $mul $again)
      (func $add (type $op) (i32.add (local.get 0) (local.get 1)))
      (func $sub (type $op) (i32.sub (local.get 0) (local.get 1)))
      (func $mul (type $op) (i32.mul (local.get 0) (i32.or (local.get 1) (i32.const 1))))
      (func $again (type $op)
        (call_indirect (type $op) (local.get 0) (local.get 1) (i32.rem_u (local.get 1) (i32.const 3))))
      (func (export "run") (param $n i32) (result i32) (local $x i32) (local $i i32)
        (local.set $x (i32.const 1))
        (block $done (loop $next
          (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
          (local.set $x (call_indirect (type $op) (local.get $x) (local.get $i) (i32.and (local.get $i) (i32.const 3))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next)))
        (local.get $x))`,
  },
  {
    name: 'a sort in memory',
    source: `
      (memory (export "memory") 1)
      (func (export "run") (result i32) (local $i i32) (local $j i32) (local $x i32)
        (loop $fill
          (i32.store (i32.shl (local.get $i) (i32.const 2))
            (local.tee $x (i32.add (i32.mul (local.get $x) (i32.const 1103515245)) (i32.const 12345))))
          (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40))))
        (local.set $i (i32.const 1))
        (loop $outer
          (local.set $x (i32.load (i32.shl (local.get $i) (i32.const 2))))
          (local.set $j (local.get $i))
          (block $placed (loop $down
            (br_if $placed (i32.eqz (local.get $j)))
            (br_if $placed (i32.ge_s (local.get $x)
              (i32.load (i32.shl (i32.sub (local.get $j) (i32.const 1)) (i32.const 2)))))
            (i32.store (i32.shl (local.get $j) (i32.const 2))
              (i32.load (i32.shl (i32.sub (local.get $j) (i32.const 1)) (i32.const 2))))
            (local.set $j (i32.sub (local.get $j) (i32.const 1)))
            (br $down)))
          (i32.store (i32.shl (local.get $j) (i32.const 2)) (local.get $x))
          (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40))))
        (i32.load offset=80 (i32.const 0)))`,
  },
  {
    name: 'floats, with NaNs and signed zeros',
    args: ['64'],
    source: `
      (memory (export "memory") 1)
      (func (export "run") (param $n i32) (result f64 f32 i64) (local $i i32) (local $x f64) (local $y f32)
        (local.set $x (f64.const 0.1)) (local.set $y (f32.const -0))
        (loop $next
          (local.set $x (f64.mul (f64.sub (f64.const 1) (local.get $x)) (f64.mul (f64.const 3.9) (local.get $x))))
          (local.set $y (f32.copysign (f32.sqrt (f32.demote_f64 (local.get $x))) (local.get $y)))
          (f64.store (i32.shl (local.get $i) (i32.const 3)) (f64.div (f64.const -1) (f64.convert_i32_s (local.get $i))))
          (br_if $next (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $x) (local.get $y)
        (i64.trunc_sat_f64_s (f64.mul (local.get $x) (f64.const 1e30))))`,
  },
  {
    name: '64-bit integers',
    args: ['50'],
    source: `
      (func $step (param $x i64) (result i64)
        (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
        (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
        (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
      (func (export "run") (param $n i32) (result i64 i64) (local $x i64) (local $sum i64)
        (local.set $x (i64.const 0x9e3779b97f4a7c15))
        (loop $next
          (local.set $sum (i64.add (local.get $sum) (i64.clz (local.tee $x (call $step (local.get $x))))))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $x) (local.get $sum))`,
  },
  {
    name: 'a state machine by br_table',
    args: ['90'],
    source: `
      (global $a (export "a") (mut i32) (i32.const 0)) (global $b (export "b") (mut i32) (i32.const 0))
      (func (export "run") (param $n i32) (result i32) (local $state i32)
        (block $end (loop $next
          (block $three (block $two (block $one (block $zero
            (br_table $zero $one $two $three $end (local.get $state)))
            (local.set $state (i32.const 2)) (global.set $a (i32.add (global.get $a) (i32.const 1))) (br $three))
            (local.set $state (i32.const 3)) (br $three))
            (local.set $state (i32.const 1)) (global.set $b (i32.add (global.get $b) (local.get $n))))
          (if (i32.eq (local.get $state) (i32.const 3)) (then (local.set $state (i32.const 0))))
          (if (i32.eqz (local.tee $n (i32.sub (local.get $n) (i32.const 1)))) (then (local.set $state (i32.const 9))))
          (br $next)))
        (local.get $state))`,
  },
  {
    name: 'multiple values, and a loop with parameters',
    args: ['20'],
    source: `
      (func $both (param i32 i32) (result i32 i32) (i32.add (local.get 0) (local.get 1)) (local.get 0))
      (func (export "run") (param $n i32) (result i32 i64 i32) (local $steps i32)
        (i32.const 0) (i32.const 1)
        (loop $next (param i32 i32) (result i32 i32)
          (call $both)
          (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i64.extend_i32_u) (local.get $steps))`,
  },
  {
    name: 'a start function that works',
    source: `
      (memory (export "memory") 1) (global $a (export "a") (mut i32) (i32.const 0))
      (func $init (local $i i32)
        (loop $next
          (i32.store8 (local.get $i) (i32.mul (local.get $i) (local.get $i)))
          (global.set $a (i32.add (global.get $a) (local.get $i)))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100)))))
      (start $init)
      (func (export "run") (result i32) (global.get $a))`,
  },
  {
    name: 'growing memory while it is used',
    source: `
      (memory (export "memory") 1 9)
      (func (export "run") (result i32) (local $i i32) (local $failed i32)
        (loop $next
          (if (i32.lt_s (memory.grow (i32.const 1)) (i32.const 0))
            (then (local.set $failed (i32.add (local.get $failed) (i32.const 1)))))
          (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (i32.add (local.get $i) (i32.const 77)))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60))))
        (i32.add (memory.size) (i32.mul (local.get $failed) (i32.const 100))))`,
  },
  {
    name: 'bulk memory',
    args: ['24'],
    source: `
      (memory (export "memory") 1) (data $text "interrupts are invisible")
      (func (export "run") (param $n i32) (result i32) (local $i i32)
        (loop $next
          (memory.init $text (i32.mul (local.get $i) (i32.const 50)) (i32.const 0) (local.get $i))
          (memory.copy (i32.const 3000) (i32.const 0) (i32.const 1200))
          (memory.fill (i32.add (i32.const 9000) (local.get $i)) (local.get $i) (i32.const 5))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (data.drop $text)
        (i32.load (i32.const 3060)))`,
  },
  {
    name: 'references in a table',
    args: ['16'],
    source: `
      (type $f (func (result i32)))
      (table $t 8 funcref) (elem declare func $one $two)
      (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $sum i32)
        (loop $next
          (table.set $t (i32.and (local.get $i) (i32.const 7))
            (select (result funcref) (ref.func $one) (ref.func $two) (i32.and (local.get $i) (i32.const 1))))
          (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3))
            (call_indirect $t (type $f) (i32.and (local.get $i) (i32.const 7)))))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (i32.add (local.get $sum) (ref.is_null (table.get $t (i32.const 0)))))`,
  },
  {
    name: 'vectors',
    args: ['30'],
    source: `
      (memory (export "memory") 1)
      (func (export "run") (param $n i32) (result i64) (local $v v128)
        (local.set $v (v128.const i32x4 1 2 3 4))
        (loop $next
          (local.set $v (i32x4.add (i32x4.mul (local.get $v) (v128.const i32x4 3 5 7 9)) (i8x16.swizzle (local.get $v) (local.get $v))))
          (v128.store (i32.shl (local.get $n) (i32.const 4)) (local.get $v))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i64x2.extract_lane 1 (local.get $v)))`,
  },
  {
    name: 'calls out to the host',
    args: ['25'],
    host: { twist: { signature: 'ii>i', call: (a: number, b: number) => (Math.imul(a, 17) ^ b) | 0 } },
    source: `
      (import "host" "twist" (func $twist (param i32 i32) (result i32)))
      (func (export "run") (param $n i32) (result i32) (local $x i32)
        (loop $next
          (local.set $x (i32.add (local.get $n) (call $twist (local.get $x) (local.get $n))))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $x))`,
  },
  {
    name: 'exceptions thrown and caught',
    args: ['20'],
    source: `
      (tag $odd (param i32)) (global $a (export "a") (mut i32) (i32.const 0))
      (func $check (param $n i32) (result i32)
        (if (i32.and (local.get $n) (i32.const 1)) (then (throw $odd (i32.mul (local.get $n) (i32.const 10)))))
        (local.get $n))
      (func (export "run") (param $n i32) (result i32) (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (local.get $sum)
            (try (result i32) (do (call $check (local.get $n)))
              (catch $odd (global.set $a (i32.add (global.get $a) (i32.const 1)))))))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))`,
  },
  {
    name: 'tail calls',
    args: ['60'],
    source: `
      (func $count (param $n i32) (param $sum i32) (result i32)
        (if (i32.eqz (local.get $n)) (then (return (local.get $sum))))
        (return_call $count (i32.sub (local.get $n) (i32.const 1)) (i32.add (local.get $sum) (local.get $n))))
      (func (export "run") (param i32) (result i32) (return_call $count (local.get 0) (i32.const 5)))`,
  },
  {
    name: 'a division by zero in a loop',
    args: ['20'],
    traps: true,
    source: `
      (memory (export "memory") 1) (global $a (export "a") (mut i32) (i32.const 0))
      (func (export "run") (param $n i32) (result i32)
        (loop $next
          (global.set $a (i32.div_u (i32.const 1000) (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (i32.store (i32.shl (local.get $n) (i32.const 2)) (global.get $a))
          (br $next)) (unreachable))`,
  },
  {
    name: 'an access beyond memory',
    traps: true,
    source: `
      (memory (export "memory") 1)
      (func (export "run") (local $at i32)
        (local.set $at (i32.const 65200))
        (loop $next
          (i32.store (local.get $at) (local.get $at))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br $next)))`,
  },
  {
    name: 'an indirect call of another type',
    args: ['9'],
    traps: true,
    source: `
      (type $f (func (result i32))) (type $g (func (param i32) (result i32)))
      (table 2 funcref) (elem (i32.const 0) $one $same) (global $a (export "a") (mut i32) (i32.const 0))
      (func $one (type $f) (i32.const 1)) (func $same (type $g) (local.get 0))
      (func (export "run") (param $n i32) (result i32)
        (loop $next
          (global.set $a (i32.add (global.get $a) (call_indirect (type $f) (i32.eqz (local.get $n)))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $next)) (unreachable))`,
  },
  {
    name: 'an unreachable deep in recursion',
    args: ['30'],
    traps: true,
    source: `
      (global $a (export "a") (mut i32) (i32.const 0))
      (func $down (export "run") (param $n i32) (result i32)
        (global.set $a (i32.add (global.get $a) (local.get $n)))
        (if (i32.eqz (local.get $n)) (then (unreachable)))
        (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))`,
  },
];
