;; Relaxed vectors: what they give is the engine's to choose, but the same with and without safepoints.
;; dot gives 1920
(module
  (memory (export "m") 1)
  (func (export "dot") (result i32) (local $i i32) (local $sum v128)
    (loop $l
      (local.set $sum (i32x4.relaxed_dot_i8x16_i7x16_add_s
        (i8x16.splat (i32.const 3)) (i8x16.splat (i32.const 5)) (local.get $sum)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 32))))
    (i32x4.extract_lane 1 (local.get $sum)))
  (func (export "all") (param $x f32) (param $n i32) (result i64) (local $v v128) (local $i i32)
    (local.set $n (i32.and (local.get $n) (i32.const 63)))
    (local.set $v (f32x4.splat (local.get $x)))
    (loop $l
      (local.set $v (f32x4.relaxed_madd (local.get $v) (f32x4.splat (f32.const 0.5)) (f32x4.splat (local.get $x))))
      (local.set $v (f32x4.relaxed_nmadd (local.get $v) (f32x4.splat (f32.const 0.25)) (f32x4.relaxed_max (local.get $v)
        (f32x4.relaxed_min (local.get $v) (f32x4.splat (f32.const 4))))))
      (v128.store (i32.shl (local.get $i) (i32.const 4))
        (i8x16.relaxed_swizzle (i32x4.relaxed_trunc_f32x4_s (local.get $v)) (i8x16.splat (local.get $i))))
      (local.set $v (i32x4.relaxed_laneselect (local.get $v) (f32x4.splat (local.get $x)) (v128.const i32x4 -1 0 -1 0)))
      (br_if $l (i32.le_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i64x2.extract_lane 0 (i16x8.relaxed_q15mulr_s (local.get $v) (i16x8.splat (i32.const 1000))))))
