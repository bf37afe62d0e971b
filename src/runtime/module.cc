#include "runtime/module.h"

#include "base/check.h"
#include "compiler/cpu.h"
#include "runtime/code_registry.h"

namespace tenon::runtime {

Module::Module(const LoadedCode& code, uint32_t number, std::vector<uint32_t> type_ids)
    : code_(code),
      info_(code.artifact().modules()[number]),
      number_(number),
      type_ids_(std::move(type_ids)) {
  exports_.reserve(info_.exports.size());
  for (const compiler::ExportInfo& item : info_.exports) exports_.emplace(item.name, &item);
  const compiler::ExportInfo* memory = find_export("memory");
  if (memory != nullptr && memory->kind == wasm::ExternKind::memory)
    exported_memory_ = memory->index;
  for (uint32_t i = info_.imported_globals; i < info_.globals.size(); ++i)
    if (is_heap_reference(info_.globals[i].type.type))
      heap_globals_.push_back(i - info_.imported_globals);
}

bool Module::is_heap_reference(wasm::ValType type) const {
  return code_.engine().types().is_heap_reference(TypeRegistry::canonical(type, type_ids_));
}

const void* Module::entry(uint32_t function) const {
  return code_.artifact().code(number_, function);
}

const compiler::ExportInfo* Module::find_export(std::string_view name) const {
  auto found = exports_.find(name);
  return found == exports_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<const LoadedCode>> LoadedCode::load(
    std::shared_ptr<Engine> engine, std::shared_ptr<const compiler::Artifact> artifact) {
  if (artifact->memory_mode() != engine->memory_mode()) {
    bool is_guarded = artifact->memory_mode() == compiler::MemoryMode::guarded;
    Error error(ErrorCode::unsupported, std::string("this was compiled for ") +
                                            (is_guarded ? "guarded" : "checked") +
                                            " memories, and the engine has " +
                                            (is_guarded ? "checked" : "guarded") + " ones");
    return std::unexpected(std::move(error).hint(
        is_guarded ? "give the process more address space (`ulimit -v`), or compile it here"
                   : "compile it here"));
  }
  compiler::CpuFeatures missing = artifact->cpu_features() & ~compiler::host_cpu_features();
  if (missing != 0) {
    return fail(ErrorCode::unsupported, "this was compiled for a processor with " +
                                            compiler::describe_cpu_features(missing) +
                                            ", which this one does not have");
  }
  std::shared_ptr<LoadedCode> code(new LoadedCode(std::move(engine), std::move(artifact)));
  std::span<const compiler::ModuleInfo> modules = code->artifact_->modules();
  for (uint32_t number = 0; number < modules.size(); ++number) {
    const compiler::ModuleInfo& info = modules[number];
    std::vector<uint32_t> ids = TRY(code->engine_->types().add(info.types, info.rec_groups));
    code->modules_.push_back(std::make_unique<const Module>(*code, number, std::move(ids)));
  }
  if (!code->artifact_->text().empty()) {
    TRY_VOID(publish_code(code->artifact_->text(), *code));
    code->published_ = true;
  }
  return code;
}

bool LoadedCode::is_adapter(uint32_t number) const {
  const component::Plan* plan = artifact_->plan();
  if (plan == nullptr) return false;
  return number >= plan->modules.size() || plan->modules[component::ModuleId(number)].is_adapter();
}

LoadedCode::~LoadedCode() {
  if (published_) withdraw_code(*this);
}

}  // namespace tenon::runtime
