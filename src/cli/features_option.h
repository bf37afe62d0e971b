#pragma once

#include "cli/command_line.h"
#include "wasm/features.h"

// `--features LIST` of the commands that check modules, as in wasm-tools: names separated by
// commas, each added to what is on by default, or taken away by a `-` before it; `all` and `-all`
// stand for every feature, a version as `wasm2` for its features and no others.
namespace tenon::cli {

Flag features_flag(wasm::Features& features);

}  // namespace tenon::cli
