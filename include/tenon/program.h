#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tenon/component.h"
#include "tenon/module.h"

// Files whose kind only their bytes tell: a core module, a component, or either of them compiled
// ahead of time.
namespace tenon {

using Program = std::variant<Module, Component>;

// With a cache, a file that has not changed since it was compiled is not even read. The path "-" is
// standard input; errors name the path.
Result<Program> load_program(const Engine& engine, const std::string& path);
Result<Program> load_program(const Engine& engine, std::span<const uint8_t> bytes);

// Compiled code as a file of its own, which load_program accepts.
Result<std::vector<uint8_t>> compile_program(const Engine& engine, const std::string& path);
Result<std::vector<uint8_t>> compile_program(const Engine& engine, std::span<const uint8_t> bytes);

// The directory that the program `tenon` keeps compiled code in: $XDG_CACHE_HOME/tenon, or
// .cache/tenon in the home directory. An error where neither is known.
Result<std::string> default_cache_directory();

}  // namespace tenon
