#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "canon/component_instance.h"
#include "canon/host_copies.h"
#include "runtime/component/pending_calls.h"
#include "runtime/component/scheduler.h"
#include "runtime/store.h"
#include "tenon/abi/context.h"
#include "tenon/abi/core_call.h"

// What the component instances of a store share, beside the core store: the host's resources, and
// the calls that borrows belong to. Lives and dies with the store; its thread alone uses it.
namespace tenon::runtime {

struct ComponentStoreConfig {
  uint64_t max_call_bytes = limits::max_host_call_bytes;
  uint32_t max_resources = limits::max_resources;
};

class InstantiatedComponent;

class ComponentStore final : public abi::Embedder {
 public:
  // `owner` is what host functions get that ask for the store; null where none does.
  ComponentStore(runtime::Store& core, tenon::Store* owner, const ComponentStoreConfig& config = {})
      : core_(core),
        owner_(owner),
        config_(config),
        resources_(config.max_resources),
        pending_calls_(*this),
        scheduler_(*this),
        copies_(*this, scheduler_.objects(), scheduler_.queue()) {}
  ~ComponentStore() { copies_.close(); }

  runtime::Store& core() { return core_; }
  Scheduler& scheduler() { return scheduler_; }
  PendingCalls& pending_calls() { return pending_calls_; }
  abi::CoreCall& core_call() { return *reinterpret_cast<abi::CoreCall*>(&core_.context()); }

  CallResult<uint64_t> realloc(const abi::Options& options, uint64_t old_pointer, uint64_t old_size,
                               uint32_t alignment, uint64_t new_size) override;
  // Exceptions do not cross the borders of components.
  void raise(Trap trap) override {
    trap.exception.reset();
    core_.raise(std::move(trap));
  }
  tenon::Store& store() override {
    CHECK(owner_ != nullptr);
    return *owner_;
  }
  canon::ResourceTable& resources() override { return resources_; }
  std::unique_ptr<Trap> drop_resource(const abi::ResourceType& type, uint32_t rep) override;
  std::unique_ptr<Trap> defer(abi::Context& cx, std::shared_ptr<abi::CompletionState> state,
                              uint64_t out_param) override {
    return pending_calls_.begin(cx, std::move(state), out_param);
  }
  canon::HostCopies& copies() override { return copies_; }
  std::unique_ptr<Trap> run_until(bool (*is_done)(const void*), const void* of) override {
    return scheduler_.run_until(is_done, of, Scheduler::Waits::host);
  }
  std::weak_ptr<const void> life() const override { return life_; }
  canon::CallScope* call_scope() override { return scopes_->innermost(); }
  uint64_t max_call_bytes() const override { return config_.max_call_bytes; }

  // Calls a core function of one integer parameter and no result: a destructor or a post-return
  // function.
  std::unique_ptr<Trap> call(const compiler::FuncRef& function, uint64_t argument);

  // canon: Task, Subtask, as far as borrows go. A call that ends with a trap leaves scopes behind,
  // which its outermost caller removes.
  void push_scope() { scopes_->push(); }
  // canon: Task.return_, Subtask.deliver_resolve. The trap when the callee still has borrows.
  std::unique_ptr<Trap> pop_scope();
  size_t scope_depth() const { return scopes_->depth(); }
  void drop_scopes(size_t depth);
  canon::ScopeStack& scopes() { return *scopes_; }
  // Each stack has its own. Returns those before.
  canon::ScopeStack* exchange_scopes(canon::ScopeStack* scopes) {
    return std::exchange(scopes_, scopes);
  }

  // What handles and the like of the store's instances may take of memory together, in bytes.
  uint64_t& table_bytes_left() { return table_bytes_left_; }

  // Those that the store has, for live_handles.
  void add(InstantiatedComponent& component) { components_.push_back(&component); }
  const std::vector<InstantiatedComponent*>& components() const { return components_; }

  // The trap that ended a call of a component's function, also when the guest threw.
  std::unique_ptr<Trap> take_trap();

 private:
  runtime::Store& core_;
  tenon::Store* const owner_;
  const ComponentStoreConfig config_;
  canon::ResourceTable resources_;
  uint64_t table_bytes_left_ = limits::max_store_table_bytes;
  canon::ScopeStack main_scopes_;
  canon::ScopeStack* scopes_ = &main_scopes_;
  PendingCalls pending_calls_;
  Scheduler scheduler_;  // owns the calls, too
  canon::HostCopies copies_;
  std::vector<InstantiatedComponent*> components_;
  const std::shared_ptr<const int> life_ = std::make_shared<int>();
};

std::unique_ptr<Trap> make_trap(TrapCode code);
std::unique_ptr<Trap> make_trap(std::string message);

}  // namespace tenon::runtime
