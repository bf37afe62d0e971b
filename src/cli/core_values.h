#pragma once

#include <span>
#include <string>
#include <vector>

#include "tenon/error.h"
#include "tenon/module.h"

// Numbers of core WebAssembly on the command line, spelled as in Wasmtime.
namespace tenon::cli {

// One value for each type of `params`; integers are signed decimal or 0x, floats decimal, `nan`,
// `inf`. An error names the argument that does not fit. Arguments beyond `params` belong to the
// guest.
Result<std::vector<CoreValue>> parse_core_values(std::span<const std::string> params,
                                                 std::span<const std::string> arguments);

std::string to_text(const CoreValue& value);

}  // namespace tenon::cli
