#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "component/plan/plan.h"
#include "runtime/component/component_store.h"
#include "runtime/component/host_call.h"
#include "tenon/abi/guest_func.h"
#include "tenon/value.h"

// A component function that an instance exports, ready to be called by the host.
namespace tenon::runtime {

class InstantiatedComponent;

class ExportedFunc final : public abi::GuestFunc {
 public:
  ExportedFunc(InstantiatedComponent& owner, const component::ExportedFunction& function,
               std::string name, const compiler::FuncRef& callee,
               const compiler::FuncRef* post_return, const AsyncLift& lift);

  std::unique_ptr<Trap> call_async(abi::CallValues& values) override;
  bool call() override;
  Trap take_trap() override { return std::move(*std::exchange(trap_, nullptr)); }
  std::unique_ptr<Trap> enter() override;
  std::unique_ptr<Trap> run() override;
  std::unique_ptr<Trap> leave(uint64_t flat_result) override;
  void abandon(Trap& trap) override;

  // Whether `params` are of the function's type, and the handles in them can be given to it.
  Result<void> check(std::span<const Value> params) const;
  // canon: canon_lift, with values that `check` has found right.
  CallResult<std::vector<Value>> call(std::span<const Value> params);

  const component::FuncType& type() const { return type_; }
  const component::ComponentTypes& types() const { return types_; }
  const canon::ValueTypes& value_types() const { return value_types_; }
  InstantiatedComponent& owner() const { return owner_; }

 private:
  CallResult<std::vector<Value>> call_entered(std::span<const Value> params, uint64_t& flat_result);
  bool call_in_steps();
  bool call_failed();
  std::unique_ptr<Trap> finish(uint64_t flat_result);
  std::unique_ptr<Trap> with_context(std::unique_ptr<Trap> trap) const;
  void place(Trap& trap) const;

  InstantiatedComponent& owner_;
  ComponentStore& store_;
  Store& core_;
  const component::ComponentTypes& types_;
  const component::FuncType& type_;
  const component::Path path_;  // of the instance
  const std::string name_;      // as the instance exports it
  const compiler::FuncRef& callee_;
  const compiler::FuncRef* const post_return_;  // null: none
  // canon: entering_set(None). The may_enter flags of the instance and those around it.
  std::vector<uint32_t*> entered_;
  // The same where there are at most two and a call is nothing but the core call; else null.
  uint32_t* entered_pair_[2] = {};
  bool has_floats_ = false;   // among the core parameters and results
  bool has_borrows_ = false;  // among the parameters
  abi::FlatTypes flat_params_;
  abi::FlatTypes flat_results_;
  // Of the call that runs.
  size_t scopes_before_ = 0;
  canon::Thread* thread_before_ = nullptr;
  std::unique_ptr<Trap> trap_;  // why `call` failed
  const canon::ValueTypes value_types_;
  std::unique_ptr<AsyncExport> async_;  // null: not an async function
};

}  // namespace tenon::runtime
