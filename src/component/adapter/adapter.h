#pragma once

#include <vector>

#include "component/plan/plan.h"

// Calls between two guests as core functions: an adapter takes the arguments of a lowered function
// from the caller's memory and table, gives them to the lifted function of the callee, and brings
// back its result (canon: canon_lower, canon_lift). Adapters are ordinary
// modules, that use more than one memory; they are validated and compiled like any other.
namespace tenon::component {

// One pair of a lift and a lower.
struct AdapterRequest {
  TypeId type;    // a FuncType
  Options lift;   // of the callee
  Options lower;  // of the caller
  CoreDef callee;
  // canon: entering_set. The instances whose may_enter is tested and held at 0 during the call.
  std::vector<InstanceId> entered;
  bool cannot_enter = false;  // every call traps
};

// What adapters import, found and made by the planner.
class AdapterImports {
 public:
  virtual ~AdapterImports() = default;
  virtual CoreExport memory(MemoryId id) = 0;
  virtual wasm::MemoryType memory_type(MemoryId id) = 0;
  virtual CoreDef function(FunctionId id) = 0;
  virtual TrampolineId trampoline(Trampoline trampoline) = 0;
  virtual bool tracks_tasks(InstanceId instance) = 0;
};

// What is made for a request: the adapter, or for an async function `start` and `finish` of
// StartAsync.
struct AdapterFunctions {
  wasm::FuncIndex call;
  std::optional<wasm::FuncIndex> finish;
};

struct AdapterModule {
  std::vector<uint8_t> bytes;
  std::vector<CoreDef> args;                // one for each import, in order
  std::vector<AdapterFunctions> functions;  // one for each request
  uint64_t nodes = 0;                       // values that the adapters move, types written out
};

// Fails when an adapter would become larger than limits::max_adapter_nodes allows, or all together
// larger than limits::max_plan_steps.
Result<AdapterModule> build_adapters(const ComponentTypes& types,
                                     const std::vector<AdapterRequest>& requests,
                                     AdapterImports& imports);

}  // namespace tenon::component
