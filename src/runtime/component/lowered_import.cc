#include "runtime/component/lowered_import.h"

#include <utility>

#include "canon/async_handles.h"
#include "canon/flat_params.h"
#include "runtime/component/component_store.h"

namespace tenon::runtime {
namespace {

using canon::Subtask;
using compiler::HostFunc;
using compiler::StoreContext;

// One call. While it waits its frames own nothing, since a store that goes does not unwind them.
class ImportCall {
 public:
  ImportCall(HostFunc* self, StoreContext* context)
      : context_(context),
        import_(
            static_cast<CompletingImport&>(*static_cast<abi::LoweredImport*>(self->environment))),
        store_(*import_.store) {}

  // A synchronous one.
  uint32_t run() {
    uint64_t outcome = enter();
    if (outcome != abi::completes_later) return outcome == abi::has_trapped;
    return raise(wait(store_.pending_calls().begun(import_)));
  }

  uint32_t start() {
    uint64_t out_param = 0;
    if (auto trap = pass_params(out_param)) return raise(std::move(trap));
    uint64_t outcome = enter();
    if (outcome == 0) return raise(return_at_once(out_param));
    if (outcome == abi::has_trapped) return 1;
    return raise(hand_out(store_.pending_calls().begun(import_), out_param));
  }

 private:
  uint64_t enter() { return abi::enter(import_.callee, store_.core_call()); }
  uint32_t raise(TrapPointer trap) {
    if (!trap) return 0;
    store_.raise(std::move(*trap));
    return 1;
  }

  // From where an async caller has them to where the entry looks for them.
  TrapPointer pass_params(uint64_t& out_param) {
    uint64_t flat[abi::max_flat_values + 1] = {};
    abi::read_params(import_.lowered.params, store_.core_call(), flat);
    if (*import_.options.may_leave == 0) return make_trap(TrapCode::cannot_leave_component);
    if (import_.type->result) out_param = flat[import_.lowered.params.count - 1];
    if (import_.lowered.params_in_memory && !import_.entered.params_in_memory) {
      abi::Context cx(import_.options);
      uint64_t pointer = cx.lift_pointer(flat[0]);
      canon::load_flat_params(cx, *import_.types, *import_.type, pointer, flat);
      if (cx.failed()) return std::make_unique<Trap>(cx.take_trap());
    }
    if (import_.entered.result_in_memory) flat[import_.entered.params.count - 1] = out_param;
    abi::write_params(import_.entered.params, store_.core_call(), flat);
    return nullptr;
  }

  TrapPointer return_at_once(uint64_t out_param) {
    uint64_t flat = 0;
    if (import_.entered.results.count > 0)
      flat = abi::result_of(import_.entered.results, store_.core_call());
    abi::Context cx(import_.options);
    store_async_result(cx, import_, flat, out_param);
    if (cx.failed()) return std::make_unique<Trap>(cx.take_trap());
    return done(Subtask::State::returned);
  }

  TrapPointer hand_out(PendingHostCall& call, uint64_t out_param) {
    call.out_param = out_param;
    if (store_.pending_calls().is_complete(call)) {
      uint64_t unused = 0;
      if (auto trap = store_.pending_calls().take_result(call, unused)) return trap;
      end(call);
      return done(Subtask::State::returned);
    }
    auto made = store_.scheduler().make<Subtask>(store_.scheduler().queue());
    if (!made) return std::move(made).error();
    Subtask& subtask = **made;
    auto index = canon::add_object(*import_.options.instance, subtask);
    if (!index) return make_trap(std::move(index).error());
    subtask.pending = &call;
    subtask.state = Subtask::State::started;
    subtask.enter_table(*index);
    call.subtask = &subtask;
    return done(subtask.state, *index);
  }

  TrapPointer done(Subtask::State state, uint32_t index = 0) {
    context_->call.gpr[0] = static_cast<uint32_t>(state) | index << 4;
    return nullptr;
  }

  TrapPointer wait(PendingHostCall& call) {
    TrapPointer trap = import_.type->is_async ? let_others_run(call) : wait_in_place(call);
    if (trap) {
      store_.pending_calls().forget(call);
      return trap;
    }
    uint64_t flat = 0;
    trap = store_.pending_calls().take_result(call, flat);
    end(call);
    if (!trap && import_.lowered.results.count > 0)
      abi::result_of(import_.lowered.results, store_.core_call()) = flat;
    return trap;
  }

  TrapPointer let_others_run(PendingHostCall& call) {
    if (store_.pending_calls().is_complete(call)) return nullptr;
    Scheduler& scheduler = store_.scheduler();
    if (!scheduler.current()) return make_trap("there is no current task");
    auto subtask = scheduler.make<Subtask>(scheduler.queue());
    if (!subtask) return std::move(subtask).error();
    call.subtask = *subtask;
    if (auto trap = scheduler.check_may_wait(*import_.options.instance)) return trap;
    if (call.subtask->is_resolved()) return nullptr;
    canon::Thread& thread = *scheduler.current();
    thread.wait_for = canon::WaitFor::resolve;
    thread.wait_waitable = call.subtask;
    return scheduler.wait(false);
  }

  TrapPointer wait_in_place(PendingHostCall& call) {
    while (!store_.pending_calls().is_complete(call)) {
      if (!store_.pending_calls().wait())
        return make_trap("deadlock detected: the host will not complete the call");
    }
    return nullptr;
  }

  // canon: Subtask.deliver_resolve
  void end(PendingHostCall& call) {
    call.scope.return_lent();
    if (call.subtask) store_.scheduler().objects().destroy(call.subtask);
    store_.scheduler().objects().destroy(&call);
  }

  StoreContext* context_;
  CompletingImport& import_;
  ComponentStore& store_;
};

uint32_t run_import(HostFunc* self, StoreContext* context) {
  return ImportCall(self, context).run();
}
uint32_t start_import(HostFunc* self, StoreContext* context) {
  return ImportCall(self, context).start();
}

}  // namespace

TrampolineFunction function_of(const CompletingImport& import) {
  return import.is_async ? start_import : run_import;
}

void store_async_result(abi::Context& cx, const CompletingImport& import, uint64_t flat,
                        uint64_t out_param) {
  if (!import.type->result || import.entered.result_in_memory || cx.failed()) return;
  canon::store_flat_result(cx, *import.types, *import.type->result, flat,
                           cx.lift_pointer(out_param));
}

}  // namespace tenon::runtime
