;; Vectors of fixed width: lanes, shuffles, loads and stores of lanes, in loops that can be copied.
;; sum gives 8128
(module
  (memory (export "m") 1)
  (func (export "sum") (result i32) (local $i i32) (local $v v128)
    (loop $fill
      (i32.store8 (local.get $i) (local.get $i))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 128))))
    (local.set $i (i32.const 0))
    (loop $l
      (local.set $v (i32x4.add (local.get $v)
        (i32x4.extadd_pairwise_i16x8_u (i16x8.extadd_pairwise_i8x16_u (v128.load (local.get $i))))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 128))))
    (v128.store offset=1024 (i32.const 0) (i8x16.shuffle 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0 (local.get $v) (local.get $v)))
    (v128.store16_lane offset=2048 3 (i32.const 0) (v128.load32_splat (i32.const 4)))
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $v)) (i32x4.extract_lane 1 (local.get $v)))
      (i32.add (i32x4.extract_lane 2 (local.get $v)) (i32x4.extract_lane 3 (local.get $v)))))
  (func (export "mix") (param $a i64) (param $b f64) (result i64) (local $v v128) (local $n i32)
    (local.set $v (i64x2.splat (local.get $a)))
    (loop $l
      (local.set $v (i16x8.add_sat_s (i8x16.swizzle (local.get $v) (v128.const i8x16 1 2 3 4 5 6 7 0 9 10 11 12 13 14 15 8))
        (i16x8.narrow_i32x4_s (local.get $v) (f64x2.splat (local.get $b)))))
      (br_if $l (i32.and (v128.any_true (local.get $v))
        (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 50)))))
    (i64x2.extract_lane 1 (local.get $v))))
