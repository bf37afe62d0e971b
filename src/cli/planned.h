#pragma once

#include <string>
#include <vector>

// The options of Wasmtime that this version does not have: naming one is an error that says so, and
// never silently without effect.
namespace tenon::cli::planned {

std::vector<std::string> options();  // of commands that compile or run
std::vector<std::string> optimize_keys();
std::vector<std::string> codegen_keys();
std::vector<std::string> debug_keys();
std::vector<std::string> wasm_keys();
std::vector<std::string> wasi_keys();

}  // namespace tenon::cli::planned
