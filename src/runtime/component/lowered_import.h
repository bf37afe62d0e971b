#pragma once

#include <string>

#include "component/plan/plan.h"
#include "runtime/component/trampolines.h"
#include "tenon/abi/host_func.h"

// canon: canon_lower, of functions of the host that are called async or may complete later. Others
// are trampolines themselves.
namespace tenon::runtime {

// Environment of their trampolines, and of `callee`, for whose entry it is a LoweredImport.
struct CompletingImport : abi::LoweredImport {
  ComponentStore* store = nullptr;
  abi::CoreHostFunc callee{};
  bool is_async = false;  // the lowering
  const component::ComponentTypes* types = nullptr;
  const component::FuncType* type = nullptr;
  abi::FlatSignature lowered;  // what the guest calls
  abi::FlatSignature entered;  // what the entry takes
  component::Path place;       // of the instance
  std::string name;            // of the function
};

TrampolineFunction function_of(const CompletingImport& import);

// canon: the end of lower_flat_values. An async caller gets in memory what is flat for others.
void store_async_result(abi::Context& cx, const CompletingImport& import, uint64_t flat,
                        uint64_t out_param);

}  // namespace tenon::runtime
