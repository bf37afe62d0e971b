#pragma once

#include "canon/stream.h"
#include "component/plan/plan.h"
#include "runtime/component/component_store.h"
#include "runtime/component/trampolines.h"
#include "runtime/table.h"

// The canonical built-ins of asynchronous calls, as core host functions.
namespace tenon::runtime {

// Their environment, as far as each needs it.
struct AsyncEnvironment {
  ComponentStore* store = nullptr;
  const component::AsyncBuiltin* kind = nullptr;
  abi::Options options;  // options.instance is the current instance
  canon::Payload payload;
  abi::FlatTypes params;       // task.return
  Table* table = nullptr;      // thread.new-indirect
  uint32_t function_type = 0;  // and the type of what it starts
};

// One call of a built-in.
class BuiltinCall {
 public:
  BuiltinCall(compiler::HostFunc* self, compiler::StoreContext* context)
      : env_(*static_cast<AsyncEnvironment*>(self->environment)), context_(context) {
    for (int i = 0; i < 3; i++) arguments_[i] = context->call.gpr[i];
  }

  AsyncEnvironment& env() { return env_; }
  ComponentStore& store() { return *env_.store; }
  Scheduler& scheduler() { return env_.store->scheduler(); }
  canon::ComponentInstance& instance() { return *env_.options.instance; }
  canon::Thread& thread() { return *scheduler().current(); }
  canon::Task& task() { return *thread().task; }
  // Null: a call of a function that is not async, in an instance that does not track its tasks.
  RunTask* own_task() {
    canon::Thread* current = scheduler().current();
    bool is_own = current && &current->task->instance == &instance();
    return is_own ? static_cast<RunTask*>(current->task) : nullptr;
  }
  bool is_async() const { return env_.kind->options.is_async; }
  bool is_cancellable() const { return env_.kind->is_cancellable; }
  uint32_t argument(int i) const { return static_cast<uint32_t>(arguments_[i]); }
  uint64_t argument64(int i) const { return arguments_[i]; }
  // A pointer or length, as wide as the addresses of the memory.
  uint64_t pointer(int i) const {
    return env_.options.pointer == abi::CoreType::i64 ? arguments_[i] : argument(i);
  }

  uint32_t done() { return 0; }
  uint32_t done(uint64_t result) {
    context_->call.gpr[0] = result;
    return 0;
  }
  uint32_t fail(std::string message) { return fail(make_trap(std::move(message))); }
  uint32_t fail(TrapPointer trap) {
    env_.store->raise(std::move(*trap));
    return 1;
  }
  compiler::StoreContext* context() { return context_; }

 private:
  AsyncEnvironment& env_;
  compiler::StoreContext* context_;
  uint64_t arguments_[3];
};

using BuiltinFunction = uint32_t (*)(BuiltinCall& call);

// In one file for each heading of the specification's: tasks, waitables, streams and futures,
// threads.
BuiltinFunction task_builtin(component::Builtin builtin);
BuiltinFunction waitable_builtin(component::Builtin builtin);
BuiltinFunction copy_builtin(component::Builtin builtin);
BuiltinFunction thread_builtin(component::Builtin builtin);
BuiltinFunction error_context_builtin(component::Builtin builtin);

TrampolineFunction function_of(const component::AsyncBuiltin& kind);

// Environment of what adapters call to move streams, futures and error contexts.
struct TransferEnvironment {
  ComponentStore* store = nullptr;
  component::TransferAsync::Kind kind = component::TransferAsync::Kind::stream;
  std::optional<component::ValType> payload;
  const canon::ValueTypes* types = nullptr;
  canon::ComponentInstance* from = nullptr;
  canon::ComponentInstance* to = nullptr;
};
TrampolineFunction function_of(const component::TransferAsync& kind);

}  // namespace tenon::runtime
