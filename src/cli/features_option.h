#pragma once

#include "cli/command_line.h"
#include "wasm/features.h"

// `--features LIST` of the commands that check modules (wasm/feature_list.h), from what is on by
// default.
namespace tenon::cli {

Flag features_flag(std::string names, wasm::Features& features);

}  // namespace tenon::cli
