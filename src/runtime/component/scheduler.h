#pragma once

#include <expected>
#include <memory>
#include <optional>

#include "canon/task.h"
#include "component/plan/plan.h"
#include "component/types.h"
#include "runtime/store.h"

// Runs the threads of a store's component instances (canon: Concurrency). A task of an async
// function has threads with stacks of their own; whoever resumes one gets control back when it
// waits, or has ended. Calls of other functions stay on the stack of their caller, and where an
// instance can tell, they are an inline thread: while that waits, the threads of its own instance
// run, from there.
namespace tenon::runtime {

class ComponentStore;

using TrapPointer = std::unique_ptr<Trap>;

// A task as it is run. Made by the scheduler's pool, dropped by `release`.
struct RunTask : canon::Task {
  using Task::Task;
  // Moves the arguments and calls the core function, which leaves its results in the call state.
  // For one that is not lifted async, the result is moved, too.
  virtual TrapPointer call() = 0;
  // canon: on_resolve. `flat` is what `task.return` was given.
  virtual TrapPointer move_result(const uint64_t* flat) = 0;

  const compiler::FuncRef* callback = nullptr;
  const abi::Options* lift_options = nullptr;
  std::optional<component::ValType> result;
  const component::Plan* plan = nullptr;  // of `lift`
  const component::Lift* lift = nullptr;  // for messages; null: not known
};

class Scheduler {
 public:
  explicit Scheduler(ComponentStore& store);

  canon::ObjectPool& objects() { return objects_; }
  canon::RunQueue& queue() { return queue_; }
  // Null: no thread of an instance that tracks its tasks.
  canon::Thread* current() { return current_; }
  // The object, or a trap that says that there are too many.
  template <typename T, typename... Args>
  std::expected<T*, TrapPointer> make(Args&&... args) {
    if (T* made = objects_.make<T>(static_cast<Args&&>(args)...)) return made;
    return std::unexpected(too_many());
  }

  // canon: canon_lift. Runs the task until it waits or ends.
  TrapPointer start(RunTask& task, canon::ComponentInstance* caller);
  // canon: request_cancellation
  TrapPointer cancel(canon::Task& task, canon::ComponentInstance& caller);
  // For the host: runs what is ready until the task is resolved.
  TrapPointer run_until_resolved(const canon::Task& task);
  // The same until `is_done(of)`. What waits for the host besides: guests, or the host itself.
  enum class Waits : uint8_t { guests, host };
  TrapPointer run_until(bool (*is_done)(const void* of), const void* of, Waits waits);
  // canon: Task.return_, from on_resolve on, and Task.cancel
  void resolve(canon::Task& task, canon::Subtask::State state);
  void release(canon::Task& task);
  // The caller has gone: a task that has not begun never will. Drops the caller's reference.
  void abandon(canon::Task& task);

  // A synchronous call of an instance that tracks its tasks, on the stack of its caller.
  TrapPointer enter_sync(canon::ComponentInstance& instance);
  void exit_sync() { unwind_to(current_->outer); }
  // After a trap: forgets inline threads that `outer` had called.
  void unwind_to(canon::Thread* outer);

  // canon: thread.new-indirect
  std::expected<canon::Thread*, TrapPointer> add_thread(const compiler::FuncRef& function,
                                                        uint64_t argument);
  // What every built-in that may wait begins with: a synchronous call can only wait for threads of
  // its own instance, so there has to be one that is ready.
  TrapPointer check_may_wait(canon::ComponentInstance& instance);
  // The current thread waits for what its fields say, or, when it is suspended, for being resumed.
  // `next` runs at once.
  TrapPointer wait(bool cancellable, canon::Thread* next = nullptr);
  TrapPointer suspend(bool cancellable, canon::Thread* next = nullptr);
  // canon: resume_later
  void resume_later(canon::Thread& thread);

 private:
  TrapPointer too_many() const;
  TrapPointer take_turn(Waits waits);
  TrapPointer stuck(const canon::ComponentInstance& instance);
  TrapPointer deliver_to(const canon::ComponentInstance& instance);
  TrapPointer resume(canon::Thread& thread, bool cancelled, canon::Thread* sync_caller);
  TrapPointer resume_from(canon::Thread& thread, bool cancelled, canon::ComponentInstance* caller);
  TrapPointer finish_turn(const canon::Task& task, canon::ComponentInstance& caller);
  TrapPointer run(canon::Thread& thread);
  TrapPointer block(canon::Thread& thread, bool cancellable, canon::Thread* next);
  TrapPointer block_inline(canon::Thread& thread, canon::Thread* next);
  TrapPointer begin(canon::Thread& thread, bool cancelled);
  TrapPointer add_to_instance(canon::Thread& thread);
  void remove_from_instance(canon::Thread& thread);

  // On the thread's own stack.
  void main(canon::Thread& thread);
  TrapPointer run_start(canon::Thread& thread);
  TrapPointer run_callback(canon::Thread& thread);
  TrapPointer run_function(canon::Thread& thread);
  TrapPointer after_callback(canon::Thread& thread, uint32_t packed);
  TrapPointer exit(canon::Thread& thread);

  ComponentStore& store_;
  Store& core_;
  canon::ObjectPool objects_;
  canon::RunQueue queue_;
  canon::Thread* current_ = nullptr;
  canon::Thread* switch_to_ = nullptr;      // left by a thread that suspends
  canon::Thread* resume_inline_ = nullptr;  // the inline thread whose turn it is, further out
  TrapPointer trap_;                        // left by a thread that ends
};

// A synchronous call by C++ of an instance that may track its tasks; the task ends with the object.
class TaskScope {
 public:
  TaskScope(Scheduler& scheduler, canon::ComponentInstance& instance)
      : scheduler_(scheduler), instance_(instance), outer_(scheduler.current()) {}
  ~TaskScope() { scheduler_.unwind_to(outer_); }
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  TrapPointer enter() {
    return instance_.tracks_tasks ? scheduler_.enter_sync(instance_) : nullptr;
  }

 private:
  Scheduler& scheduler_;
  canon::ComponentInstance& instance_;
  canon::Thread* outer_;
};

}  // namespace tenon::runtime
