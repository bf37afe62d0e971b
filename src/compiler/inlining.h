#pragma once

#include <vector>

#include "compiler/tier.h"
#include "component/plan/plan.h"

// Which bodies of a component's modules stand in place of calls between them. The plan says what an
// import is bound to: where all instances of a module are given the same function, calls of the
// import may become its body, which takes its instance from the import at run time. Of a call
// between components that is the adapter, with the function that it adapts in it.
//
// Only a body that cannot trap is taken from a guest's module: what an inlined body does is done by
// the frame around it, and a backtrace would lack the callee. An adapter has no frame in
// backtraces, and its traps are calls of the function that raises them, so it may trap; but only if
// all else that it calls is inlined, too, since its frame tells who calls what.
namespace tenon::compiler {

// Bodies that are looked at, in bytes of code, and those taken, in instructions with what they call
// in turn. A call between components costs about 40 instructions.
constexpr uint32_t max_inlined_bytes = 400;
constexpr uint32_t max_inlined_body_instructions = 100;
constexpr uint32_t max_inline_depth = 4;

// Sets ModuleJob::inlined of all. `jobs` are the plan's modules, by ModuleId.
void find_inlined(const component::Plan& plan, std::vector<ModuleJob>& jobs);

}  // namespace tenon::compiler
