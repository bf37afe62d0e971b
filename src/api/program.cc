#include "tenon/program.h"

#include "api/component_impl.h"
#include "api/engine_impl.h"
#include "api/module_impl.h"
#include "base/result.h"
#include "compiler/cache/cache.h"

namespace tenon {
namespace {

Result<Program> program_of(std::shared_ptr<const runtime::LoadedCode> code) {
  if (code->artifact().plan() != nullptr) return TRY(component_of(std::move(code)));
  return TRY(module_of(std::move(code)));
}

}  // namespace

Result<Program> load_program(const Engine& engine, const std::string& path) {
  return program_of(TRY(engine.impl().load_file(path)));
}

Result<Program> load_program(const Engine& engine, std::span<const uint8_t> bytes) {
  return program_of(TRY(engine.impl().load(bytes)));
}

Result<std::vector<uint8_t>> compile_program(const Engine& engine, std::span<const uint8_t> bytes) {
  return engine.impl().compile(bytes);
}

Result<std::vector<uint8_t>> compile_program(const Engine& engine, const std::string& path) {
  return engine.impl().compile_file(path);
}

Result<std::string> default_cache_directory() {
  return compiler::Cache::default_directory();
}

}  // namespace tenon
