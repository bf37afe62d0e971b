#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wasm/features.h"

// Features by name, as users write them: names separated by commas, as in wasm-tools, each turned
// on, or off by a `-` before it; `all` and `-all` stand for every feature, a version as `wasm2` for
// its features and no others.
namespace tenon::wasm {

Result<void> apply_feature_list(std::string_view list, Features& features);

// What a list can name, in lines of at most `width` characters.
std::string feature_list_names(size_t width);

}  // namespace tenon::wasm
