#pragma once

#include "canon/values.h"
#include "component/plan/plan.h"
#include "runtime/component/component_store.h"
#include "runtime/component/trampolines.h"

// Calls of async functions, by guests and by the host.
namespace tenon::runtime {

// What a task has to know of a function that is lifted.
struct AsyncLift {
  abi::Options options;
  bool is_async = false;
  const compiler::FuncRef* callback = nullptr;  // null: none
  std::optional<component::ValType> result;
  const component::Plan* plan = nullptr;  // with `lifted`, for messages
  std::optional<component::LiftId> lifted;

  void describe(RunTask& task) const;
};

// Environment of StartAsync.
struct AsyncImport {
  ComponentStore* store = nullptr;
  AsyncLift lift;
  canon::ComponentInstance* caller = nullptr;
  bool is_async = false;  // the lowering
  const compiler::FuncRef* start = nullptr;
  const compiler::FuncRef* finish = nullptr;  // null: there is nothing to move
  abi::FlatTypes params;                      // of the lowered function
  abi::FlatTypes finish_params;
  abi::FlatTypes results;  // flat ones of a synchronous caller
  bool result_in_memory = false;
};
TrampolineFunction function_of(const component::StartAsync& kind);

// Environment of EnterTask, ExitTask and CheckBorrows.
struct TaskEnvironment {
  ComponentStore* store = nullptr;
  canon::ComponentInstance* instance = nullptr;
};
TrampolineFunction function_of(const component::EnterTask& kind);
TrampolineFunction function_of(const component::ExitTask& kind);
TrampolineFunction function_of(const component::CheckBorrows& kind);

}  // namespace tenon::runtime
