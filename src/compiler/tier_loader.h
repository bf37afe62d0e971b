#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/tier.h"

// Finds and opens the optimizing tier, a shared object of its own, so that programs which only run
// compiled artifacts never pay for loading a compiler.
namespace tenon::compiler {

// The object's path; empty when there is none. Looks beside the program, in ../lib/tenon of it, and
// along the run path of the program or shared object that links this. Loads nothing.
std::string find_llvm_tier();

// The files whose change changes the code that the tier makes: its object, and LLVM's where the
// dynamic loader finds it. Empty paths stand for what is not found. Loads nothing.
std::vector<std::string> llvm_tier_files();

// The object stays loaded until the process ends. Not found, or of another version: an error that
// says where it looked.
Result<std::unique_ptr<Tier>> load_llvm_tier();

}  // namespace tenon::compiler
