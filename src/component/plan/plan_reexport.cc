#include <fmt/format.h>

#include "base/limits.h"
#include "component/flatten.h"
#include "component/plan/planner.h"
#include "component/plan/scratch_module.h"

// Functions that the root imports and exports again. Calling one enters no instance of the
// component (canon: Store.invoke), so each gets an instance of its own that lifts and lowers it.
namespace tenon::component {

Result<CoreInstanceId> Planner::add_generated(std::vector<uint8_t> module,
                                              std::vector<CoreDef> args, InstanceId instance) {
  InstantiateModule initializer;
  initializer.module = plan_.modules.push_back({0, 0, std::move(module)});
  initializer.args = std::move(args);
  initializer.instance = instance;
  return add_core_instance(std::move(initializer));
}

Result<ExportedFunction> Planner::export_imported(ImportId import) {
  if (plan_.instances.size() >= limits::max_plan_instances) {
    return fail(ErrorCode::limit,
                fmt::format("more than {} component instances", limits::max_plan_instances));
  }
  TypeId type = plan_.imports[import].type;
  const FuncType& func = plan_.types.func(type);
  Forwarding forwarding;
  forwarding.lifted = flatten_functype(plan_.types, func, {Direction::lift});
  forwarding.lowered = flatten_functype(plan_.types, func, {Direction::lower});
  if (has_result_in_memory(plan_.types, func))
    forwarding.result = plan_.types.layout(*func.result, FlatType::i32);
  forwarding.has_memory = forwarding.result.has_value() || has_params_in_memory(plan_.types, func);
  for (const Field& param : func.params) {
    forwarding.has_memory |= plan_.types.info(param.type).has_pointer;
    forwarding.has_borrows |= plan_.types.info(param.type).has_borrow;
  }

  ExportedFunction exported;
  exported.type = type;
  exported.signature = forwarding.lifted;
  exported.options.instance = plan_.instances.push_back({});
  instance_infos_.push_back(nullptr);
  std::vector<CoreDef> helpers;
  if (forwarding.has_memory) {
    CoreInstanceId scratch =
        TRY(add_generated(scratch_memory_module(), {}, exported.options.instance));
    exported.options.memory = extract_memory({scratch, wasm::ExternKind::memory, 0}, {});
    for (uint32_t function : {0u, 1u})
      helpers.emplace_back(CoreExport{scratch, wasm::ExternKind::func, function});
    exported.options.realloc = TRY(extract_function(helpers.front()));
  }
  if (forwarding.has_borrows)
    helpers.emplace_back(trampoline({{}, DropBorrows{exported.options.instance}}));

  TrampolineId lowered = plan_.trampolines.push_back(
      {forwarding.lowered, LowerImport{import, type, exported.options}});
  exported.callee = lowered;
  if (helpers.empty()) return exported;
  helpers.insert(helpers.begin(), lowered);
  CoreInstanceId forward = TRY(
      add_generated(forwarding_module(forwarding), std::move(helpers), exported.options.instance));
  uint32_t index = forward_index(forwarding);
  exported.callee = CoreExport{forward, wasm::ExternKind::func, index};
  if (forwarding.has_memory) {
    CoreExport post_return{forward, wasm::ExternKind::func, index + 1};
    exported.options.post_return = TRY(extract_function(post_return));
  }
  return exported;
}

}  // namespace tenon::component
