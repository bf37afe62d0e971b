;; Tasks: how they return, cancel and end, and when they may start and block.
(component definition $Tester
  (component $Impl
    (type $R' (resource (rep i32)))
    (export $R "r" (type $R'))
    (core func $new (canon resource.new $R'))
    (core module $M
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 7))))
    (core instance $m (instantiate $M (with "" (instance (export "new" (func $new))))))
    (func (export "make") (result (own $R)) (canon lift (core func $m "make"))))
  (instance $impl (instantiate $Impl))
  (alias export $impl "r" (type $R))

  (component $Callee
    (import "r" (type $R (sub resource)))
    (core module $Libc (memory (export "memory") 1) (memory (export "other") 1))
    (core instance $libc (instantiate $Libc))
    (core func $return (canon task.return))
    (core func $return-u32 (canon task.return (result u32)))
    (core func $return-string (canon task.return (result string) (memory (core memory $libc "memory"))))
    (core func $return-other (canon task.return (result string) (memory (core memory $libc "other"))))
    (core func $return-utf16
      (canon task.return (result string) (memory (core memory $libc "memory")) string-encoding=utf16))
    (core func $cancel (canon task.cancel))
    (core func $set-new (canon waitable-set.new))
    (core func $inc (canon backpressure.inc))
    (core func $dec (canon backpressure.dec))
    (core module $M
      (import "" "return" (func $return))
      (import "" "return-u32" (func $return-u32 (param i32)))
      (import "" "return-string" (func $return-string (param i32 i32)))
      (import "" "return-other" (func $return-other (param i32 i32)))
      (import "" "return-utf16" (func $return-utf16 (param i32 i32)))
      (import "" "cancel" (func $cancel))
      (import "" "set-new" (func $set-new (result i32)))
      (import "" "inc" (func $inc))
      (import "" "dec" (func $dec))
      (tag $tag)
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable)
      (func (export "yield-then-exit") (param i32 i32 i32) (result i32) (i32.const 0))
      (func (export "cancel-callback") (param i32 i32 i32) (result i32) (call $cancel) (i32.const 0))
      (func (export "returns-nothing") (result i32) (i32.const 0))
      (func (export "returns-nothing-later") (result i32) (i32.const 1))
      (func (export "returns-nothing-on-its-stack"))
      (func (export "returns-twice") (result i32) (call $return) (call $return) (i32.const 0))
      (func (export "cancels-after-return") (result i32) (call $return) (call $cancel) (i32.const 0))
      (func (export "returns-with-borrow") (param i32) (result i32) (call $return) (i32.const 0))
      (func (export "ends-with-borrow") (param i32))
      (func (export "cancels") (result i32) (call $cancel) (i32.const 0))
      (func (export "waits-with-borrow") (param i32) (result i32)
        (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4))))
      (func (export "sync-returns") (call $return))
      (func (export "sync-cancels") (call $cancel))
      (func (export "returns-u32") (result i32) (call $return-u32 (i32.const 1)) (i32.const 0))
      (func (export "returns-of-other-memory") (result i32)
        (call $return-other (i32.const 0) (i32.const 0)) (i32.const 0))
      (func (export "returns-utf16") (result i32)
        (call $return-utf16 (i32.const 0) (i32.const 0)) (i32.const 0))
      (func (export "waits-for-nothing") (result i32) (i32.const 0x3e82))
      (func (export "code-3") (result i32) (i32.const 3))
      (func (export "code-15") (result i32) (i32.const 15))
      (func (export "throws") (throw $tag))
      (func (export "throws-async") (result i32) (throw $tag))
      (func (export "yields") (result i32) (i32.const 1))
      (func (export "throws-back") (param i32 i32 i32) (result i32) (throw $tag))
      (func (export "inc") (call $inc))
      (func (export "dec") (call $dec))
      (func (export "inc-65536") (local $i i32)
        (loop $again
          (call $inc)
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (i32.const 65535))))
        (call $inc)))
    (core instance $m (instantiate $M (with "" (instance
      (export "return" (func $return)) (export "return-u32" (func $return-u32))
      (export "return-string" (func $return-string)) (export "return-other" (func $return-other))
      (export "return-utf16" (func $return-utf16)) (export "cancel" (func $cancel))
      (export "set-new" (func $set-new)) (export "inc" (func $inc)) (export "dec" (func $dec))))))
    (func (export "returns-nothing") async
      (canon lift (core func $m "returns-nothing") async (callback (core func $m "callback"))))
    (func (export "returns-nothing-later") async
      (canon lift (core func $m "returns-nothing-later") async (callback (core func $m "yield-then-exit"))))
    (func (export "returns-nothing-on-its-stack") async
      (canon lift (core func $m "returns-nothing-on-its-stack") async))
    (func (export "returns-twice") async
      (canon lift (core func $m "returns-twice") async (callback (core func $m "callback"))))
    (func (export "cancels-after-return") async
      (canon lift (core func $m "cancels-after-return") async (callback (core func $m "callback"))))
    (func (export "returns-with-borrow") async (param "x" (borrow $R))
      (canon lift (core func $m "returns-with-borrow") async (callback (core func $m "callback"))))
    (func (export "ends-with-borrow") (param "x" (borrow $R)) (canon lift (core func $m "ends-with-borrow")))
    (func (export "cancels") async
      (canon lift (core func $m "cancels") async (callback (core func $m "callback"))))
    (func (export "waits-with-borrow") async (param "x" (borrow $R))
      (canon lift (core func $m "waits-with-borrow") async (callback (core func $m "cancel-callback"))))
    (func (export "sync-returns") (canon lift (core func $m "sync-returns")))
    (func (export "sync-returns-of-async") async (canon lift (core func $m "sync-returns")))
    (func (export "sync-cancels") async (canon lift (core func $m "sync-cancels")))
    (func (export "sync-type-cancels") (canon lift (core func $m "sync-cancels")))
    (func (export "returns-u32") async
      (canon lift (core func $m "returns-u32") async (callback (core func $m "callback"))))
    (func (export "returns-of-other-memory") async (result string)
      (canon lift (core func $m "returns-of-other-memory") async (memory (core memory $libc "memory"))
        (callback (core func $m "callback"))))
    (func (export "returns-utf16") async (result string)
      (canon lift (core func $m "returns-utf16") async (memory (core memory $libc "memory"))
        (callback (core func $m "callback"))))
    (func (export "waits-for-nothing") async
      (canon lift (core func $m "waits-for-nothing") async (callback (core func $m "callback"))))
    (func (export "code-3") async
      (canon lift (core func $m "code-3") async (callback (core func $m "callback"))))
    (func (export "code-15") async
      (canon lift (core func $m "code-15") async (callback (core func $m "callback"))))
    (func (export "throws") (canon lift (core func $m "throws")))
    (func (export "throws-async") async
      (canon lift (core func $m "throws-async") async (callback (core func $m "callback"))))
    (func (export "throws-back") async
      (canon lift (core func $m "yields") async (callback (core func $m "throws-back"))))
    (func (export "inc") (canon lift (core func $m "inc")))
    (func (export "dec") (canon lift (core func $m "dec")))
    (func (export "inc-65536") (canon lift (core func $m "inc-65536"))))
  (instance $callee (instantiate $Callee (with "r" (type $R))))

  (component $Caller
    (import "r" (type $R (sub resource)))
    (import "make" (func $make (result (own $R))))
    (import "returns-with-borrow" (func $returns-with-borrow async (param "x" (borrow $R))))
    (import "ends-with-borrow" (func $ends-with-borrow (param "x" (borrow $R))))
    (import "waits-with-borrow" (func $waits-with-borrow async (param "x" (borrow $R))))
    (core func $make (canon lower (func $make)))
    (core func $returns-with-borrow (canon lower (func $returns-with-borrow) async))
    (core func $ends-with-borrow (canon lower (func $ends-with-borrow)))
    (core func $waits-with-borrow (canon lower (func $waits-with-borrow) async))
    (core func $subtask.cancel (canon subtask.cancel async))
    (core module $M
      (import "" "make" (func $make (result i32)))
      (import "" "returns-with-borrow" (func $returns-with-borrow (param i32) (result i32)))
      (import "" "ends-with-borrow" (func $ends-with-borrow (param i32)))
      (import "" "waits-with-borrow" (func $waits-with-borrow (param i32) (result i32)))
      (import "" "subtask.cancel" (func $subtask.cancel (param i32) (result i32)))
      (func (export "returns-with-borrow") (drop (call $returns-with-borrow (call $make))))
      (func (export "ends-with-borrow") (call $ends-with-borrow (call $make)))
      (func (export "cancels-with-borrow")
        (drop (call $subtask.cancel
          (i32.shr_u (call $waits-with-borrow (call $make)) (i32.const 4))))))
    (core instance $m (instantiate $M (with "" (instance
      (export "make" (func $make)) (export "returns-with-borrow" (func $returns-with-borrow))
      (export "ends-with-borrow" (func $ends-with-borrow))
      (export "waits-with-borrow" (func $waits-with-borrow)) (export "subtask.cancel" (func $subtask.cancel))))))
    (func (export "returns-with-borrow") (canon lift (core func $m "returns-with-borrow")))
    (func (export "ends-with-borrow") (canon lift (core func $m "ends-with-borrow")))
    (func (export "cancels-with-borrow") (canon lift (core func $m "cancels-with-borrow"))))
  (instance $caller (instantiate $Caller
    (with "r" (type $R)) (with "make" (func $impl "make"))
    (with "returns-with-borrow" (func $callee "returns-with-borrow"))
    (with "ends-with-borrow" (func $callee "ends-with-borrow"))
    (with "waits-with-borrow" (func $callee "waits-with-borrow"))))
  (func (export "returns-nothing") (alias export $callee "returns-nothing"))
  (func (export "returns-nothing-later") (alias export $callee "returns-nothing-later"))
  (func (export "returns-nothing-on-its-stack") (alias export $callee "returns-nothing-on-its-stack"))
  (func (export "returns-twice") (alias export $callee "returns-twice"))
  (func (export "returns-with-borrow") (alias export $caller "returns-with-borrow"))
  (func (export "ends-with-borrow") (alias export $caller "ends-with-borrow"))
  (func (export "cancels") (alias export $callee "cancels"))
  (func (export "cancels-after-return") (alias export $callee "cancels-after-return"))
  (func (export "cancels-with-borrow") (alias export $caller "cancels-with-borrow"))
  (func (export "waits-for-nothing") (alias export $callee "waits-for-nothing"))
  (func (export "code-3") (alias export $callee "code-3"))
  (func (export "code-15") (alias export $callee "code-15"))
  (func (export "throws") (alias export $callee "throws"))
  (func (export "throws-async") (alias export $callee "throws-async"))
  (func (export "throws-back") (alias export $callee "throws-back"))
  (func (export "sync-returns") (alias export $callee "sync-returns"))
  (func (export "sync-returns-of-async") (alias export $callee "sync-returns-of-async"))
  (func (export "returns-u32") (alias export $callee "returns-u32"))
  (func (export "returns-of-other-memory") (alias export $callee "returns-of-other-memory"))
  (func (export "returns-utf16") (alias export $callee "returns-utf16"))
  (func (export "sync-cancels") (alias export $callee "sync-cancels"))
  (func (export "sync-type-cancels") (alias export $callee "sync-type-cancels"))
  (func (export "dec") (alias export $callee "dec"))
  (func (export "inc-65536") (alias export $callee "inc-65536"))
)

;; trap: Task.unregister_thread/unresolved (at once)
(component instance $i $Tester)
(assert_trap (invoke $i "returns-nothing") "async-lifted export failed to produce a result")

;; trap: Task.unregister_thread/unresolved (by its callback)
(component instance $i $Tester)
(assert_trap (invoke $i "returns-nothing-later") "async-lifted export failed to produce a result")

;; trap: Task.unregister_thread/unresolved (without a callback)
(component instance $i $Tester)
(assert_trap (invoke $i "returns-nothing-on-its-stack") "async-lifted export failed to produce a result")

;; trap: Task.return_/resolved
(component instance $i $Tester)
(assert_trap (invoke $i "returns-twice") "`task.return` or `task.cancel` called more than once for current task")

;; trap: Task.return_/borrows (by task.return)
(component instance $i $Tester)
(assert_trap (invoke $i "returns-with-borrow") "borrow handles still remain at the end of the call")

;; trap: Task.return_/borrows (of a synchronous function)
(component instance $i $Tester)
(assert_trap (invoke $i "ends-with-borrow") "borrow handles still remain at the end of the call")

;; trap: Task.cancel/not_delivered
(component instance $i $Tester)
(assert_trap (invoke $i "cancels") "`task.cancel` called by task which has not been cancelled")

;; trap: Task.cancel/not_delivered (since it has returned)
(component instance $i $Tester)
(assert_trap (invoke $i "cancels-after-return") "`task.return` or `task.cancel` called more than once for current task")

;; trap: Task.cancel/borrows
(component instance $i $Tester)
(assert_trap (invoke $i "cancels-with-borrow") "borrow handles still remain at the end of the call")

;; trap: canon_lift/waitable_set
(component instance $i $Tester)
(assert_trap (invoke $i "waits-for-nothing") "unknown handle index 1000")

;; trap: unpack_callback_result/code
(component instance $i $Tester)
(assert_trap (invoke $i "code-3") "unsupported callback code: 3")

;; trap: unpack_callback_result/code
(component instance $i $Tester)
(assert_trap (invoke $i "code-15") "unsupported callback code: 15")

;; trap: call_and_trap_on_throw/throw (a synchronous function)
(component instance $i $Tester)
(assert_trap (invoke $i "throws") "uncaught exception")

;; trap: call_and_trap_on_throw/throw (an async one)
(component instance $i $Tester)
(assert_trap (invoke $i "throws-async") "uncaught exception")

;; trap: call_and_trap_on_throw/throw (its callback)
(component instance $i $Tester)
(assert_trap (invoke $i "throws-back") "uncaught exception")

;; trap: canon_task_return/not_async
(component instance $i $Tester)
(assert_trap (invoke $i "sync-returns") "invalid `task.return` signature and/or options for current task")

;; trap: canon_task_return/not_async (of an async type)
(component instance $i $Tester)
(assert_trap (invoke $i "sync-returns-of-async") "invalid `task.return` signature and/or options for current task")

;; trap: canon_task_return/result_type
(component instance $i $Tester)
(assert_trap (invoke $i "returns-u32") "invalid `task.return` signature and/or options for current task")

;; trap: canon_task_return/options (the memory)
(component instance $i $Tester)
(assert_trap (invoke $i "returns-of-other-memory") "invalid `task.return` signature and/or options for current task")

;; trap: canon_task_return/options (the encoding)
(component instance $i $Tester)
(assert_trap (invoke $i "returns-utf16") "invalid `task.return` signature and/or options for current task")

;; trap: canon_task_cancel/not_async (of an async type)
(component instance $i $Tester)
(assert_trap (invoke $i "sync-cancels") "`task.cancel` called by a task that is not async")

;; trap: canon_task_cancel/not_async
(component instance $i $Tester)
(assert_trap (invoke $i "sync-type-cancels") "`task.cancel` called by a task that is not async")

;; trap: canon_backpressure_dec/underflow
(component instance $i $Tester)
(assert_trap (invoke $i "dec") "backpressure counter underflow")

;; trap: canon_backpressure_inc/overflow
(component instance $i $Tester)
(assert_trap (invoke $i "inc-65536") "backpressure counter overflow")

(component definition $Enter
  (component $Inner
    (import "back" (func $back))
    (core func $back (canon lower (func $back)))
    (core module $M (import "" "back" (func $back)) (func (export "f") (call $back)))
    (core instance $m (instantiate $M (with "" (instance (export "back" (func $back))))))
    (func (export "f") (canon lift (core func $m "f"))))
  (core module $Table (table (export "table") 1 funcref))
  (core instance $table (instantiate $Table))
  (core module $M
    (import "" "table" (table 1 funcref))
    (type $f (func))
    (func (export "outer") (call_indirect (type $f) (i32.const 0)))
    (func (export "back")))
  (core instance $m (instantiate $M (with "" (instance $table))))
  (func $back (canon lift (core func $m "back")))
  (instance $inner (instantiate $Inner (with "back" (func $back))))
  (core func $f (canon lower (func $inner "f")))
  (core module $Fill
    (import "" "table" (table 1 funcref))
    (import "" "f" (func $f))
    (elem (i32.const 0) func $f))
  (core instance (instantiate $Fill (with "" (instance (export "table" (table $table "table")) (export "f" (func $f))))))
  (func (export "outer") (canon lift (core func $m "outer"))))

;; trap: Store.lift/may_enter (a parent and its child, one by the other)
(component instance $i $Enter)
(assert_trap (invoke $i "outer") "cannot enter component instance")

;; trap: Store.lift/may_enter (an instance that has trapped)
(assert_trap (invoke $i "outer") "cannot enter component instance")

(component definition $Blocks
  (component $Async
    (core module $M
      (func (export "f") (result i32) (i32.const 1))
      (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 1)))
    (core instance $m (instantiate $M))
    (func (export "f") async (canon lift (core func $m "f") async (callback (core func $m "callback")))))
  (instance $async (instantiate $Async))
  (component $Sync
    (import "f" (func $f async))
    (core func $f (canon lower (func $f)))
    (core func $suspend (canon thread.suspend))
    (core func $set-new (canon waitable-set.new))
    (core module $Libc (memory (export "memory") 1))
    (core instance $libc (instantiate $Libc))
    (core func $set-wait (canon waitable-set.wait (memory (core memory $libc "memory"))))
    (core module $M
      (import "" "f" (func $f))
      (import "" "suspend" (func $suspend (result i32)))
      (import "" "set-new" (func $set-new (result i32)))
      (import "" "set-wait" (func $set-wait (param i32 i32) (result i32)))
      (func (export "calls") (call $f))
      (func (export "suspends") (drop (call $suspend)))
      (func (export "waits") (drop (call $set-wait (call $set-new) (i32.const 0)))))
    (core instance $m (instantiate $M (with "" (instance
      (export "f" (func $f)) (export "suspend" (func $suspend)) (export "set-new" (func $set-new))
      (export "set-wait" (func $set-wait))))))
    (func (export "calls") (canon lift (core func $m "calls")))
    (func (export "suspends") (canon lift (core func $m "suspends")))
    (func (export "waits") (canon lift (core func $m "waits"))))
  (instance $sync (instantiate $Sync (with "f" (func $async "f"))))
  (func (export "calls") (alias export $sync "calls"))
  (func (export "suspends") (alias export $sync "suspends"))
  (func (export "waits") (alias export $sync "waits")))

;; trap: canon_lift/no_candidates (a call of an async function)
(component instance $i $Blocks)
(assert_trap (invoke $i "calls") "cannot block a synchronous task before returning")

;; trap: canon_lift/no_candidates (thread.suspend)
(component instance $i $Blocks)
(assert_trap (invoke $i "suspends") "cannot block a synchronous task before returning")

;; trap: canon_lift/no_candidates (waitable-set.wait)
(component instance $i $Blocks)
(assert_trap (invoke $i "waits") "cannot block a synchronous task before returning")

