;; Structs, arrays, casts and small integers; lists and trees built in loops and by recursion.
;; list gives 5050
;; tree gives 1023
;; arrays gives 4950
;; casts gives 3
(module
  (rec
    (type $list (struct (field $value i32) (field $next (ref null $list))))
    (type $tree (sub (struct (field $left (ref null $tree)) (field $right (ref null $tree)))))
    (type $leaf (sub $tree (struct (field (ref null $tree)) (field (ref null $tree)) (field $count (mut i32))))))
  (type $bytes (array (mut i8)))
  (type $lists (array (mut (ref null $list))))
  (data $numbers "\01\02\03\04\05\06\07\08")
  (global $shared (ref $list) (struct.new $list (i32.const 1) (ref.null $list)))
  (func (export "list") (result i32) (local $l (ref null $list)) (local $i i32) (local $sum i32)
    (loop $build
      (local.set $l (struct.new $list (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $l)))
      (br_if $build (i32.lt_u (local.get $i) (i32.const 100))))
    (block $end
      (loop $walk
        (local.set $sum (i32.add (local.get $sum) (struct.get $list $value (br_on_null $end (local.get $l)))))
        (local.set $l (struct.get $list $next (local.get $l)))
        (br $walk)))
    (local.get $sum))
  (func $grow (param $depth i32) (result (ref $tree))
    (if (result (ref $tree)) (local.get $depth)
      (then (struct.new $tree
        (call $grow (i32.sub (local.get $depth) (i32.const 1))) (call $grow (i32.sub (local.get $depth) (i32.const 1)))))
      (else (struct.new $leaf (ref.null $tree) (ref.null $tree) (i32.const 1)))))
  (func $count (param $t (ref null $tree)) (result i32)
    (if (ref.is_null (local.get $t)) (then (return (i32.const 0))))
    (block $leaf (result (ref $leaf))
      (drop (br_on_cast $leaf (ref null $tree) (ref $leaf) (local.get $t)))
      (return (i32.add (i32.const 1) (i32.add
        (call $count (struct.get $tree $left (local.get $t))) (call $count (struct.get $tree $right (local.get $t)))))))
    (struct.get $leaf $count))
  (func (export "tree") (result i32) (call $count (call $grow (i32.const 9))))
  (func (export "arrays") (result i32) (local $a (ref $bytes)) (local $b (ref $bytes)) (local $i i32) (local $sum i32)
    (local.set $a (array.new $bytes (i32.const 3) (i32.const 100)))
    (local.set $b (array.new_data $bytes $numbers (i32.const 2) (i32.const 5)))
    (loop $fill
      (array.set $bytes (local.get $a) (local.get $i) (local.get $i))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (array.len (local.get $a)))))
    (array.copy $bytes $bytes (local.get $b) (i32.const 1) (local.get $a) (i32.const 7) (i32.const 4))
    (array.fill $bytes (local.get $b) (i32.const 0) (i32.const 200) (i32.const 2))
    (array.init_data $bytes $numbers (local.get $b) (i32.const 0) (i32.const 0) (i32.const 1))
    (drop (array.new_default $lists (i32.const 20)))
    (loop $add
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (array.get_u $bytes (local.get $a) (local.get $i))))
      (br_if $add (local.get $i)))
    (local.get $sum))
  (func $kind (param $x anyref) (result i32)
    (block $no (result anyref)
      (return (i31.get_s (br_on_cast_fail $no anyref (ref i31) (local.get $x)))))
    (drop)
    (if (ref.test (ref $list) (local.get $x)) (then (return (i32.const 2))))
    (i32.const 0))
  (func (export "casts") (result i32)
    (i32.add (call $kind (ref.i31 (i32.const 1))) (i32.add (call $kind (global.get $shared))
      (i32.add (call $kind (ref.null none)) (ref.eq (ref.i31 (i32.const 1)) (ref.i31 (i32.const 2)))))))
  (func (export "null") (result i32) (struct.get $list $value (ref.null $list)))
  (func (export "bad cast") (drop (ref.cast (ref $list) (ref.i31 (i32.const 1)))))
  (func (export "out of bounds") (param $n i32) (result i32)
    (array.get_s $bytes (array.new_fixed $bytes 2 (i32.const 1) (i32.const 2)) (local.get $n))))
