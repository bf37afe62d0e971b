#include "compiler/compile.h"

#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "base/limits.h"
#include "compiler/artifact/writer.h"
#include "compiler/cpu.h"
#include "compiler/inlining.h"
#include "compiler/link/linker.h"
#include "compiler/module_build.h"
#include "component/binary/decode.h"
#include "component/plan/build.h"
#include "component/text/parse_component.h"
#include "component/validate/validate.h"
#include "wasm/binary/decode_module.h"
#include "wasm/text/parse_module.h"
#include "wasm/validate/module.h"

namespace tenon::compiler {

namespace {

class Driver {
 public:
  Driver(std::span<const uint8_t> wasm, Tier& tier, const CompileOptions& options)
      : wasm_(wasm), tier_(tier), options_(options) {
    if (options_.native_cpu) tier_.host_cpu(options_.tier);
    options_.features = {options_.features.bits & wasm::Features::compiled().bits};
  }

  Result<void> add_core_module();
  Result<void> add_component();
  Result<std::vector<uint8_t>> compile(ArtifactKind kind);

 private:
  // Decodes. `bytes` outlive the driver.
  Result<void> add(std::span<const uint8_t> bytes, uint64_t offset, wasm::Features features);

  std::span<const uint8_t> wasm_;
  Tier& tier_;
  CompileOptions options_;
  std::deque<wasm::Module> modules_;
  std::vector<ModuleJob> jobs_;
  ArtifactContents contents_;
};

Result<void> Driver::add(std::span<const uint8_t> bytes, uint64_t offset, wasm::Features features) {
  modules_.push_back(TRY(wasm::decode_module(bytes, offset, features)));
  jobs_.push_back({&modules_.back(), features, layout_of(modules_.back())});
  return {};
}

// Bodies are validated before any is compiled, so that an error does not take the time of a
// compilation.
Result<void> Driver::add_core_module() {
  TRY_VOID(add(wasm_, 0, options_.features));
  return wasm::validate_module(modules_.back(), options_.features);
}

Result<void> Driver::add_component() {
  auto decoded = TRY(component::decode(wasm_, options_.features));
  auto validated = TRY(component::validate(decoded, options_.features));
  contents_.metadata.plan = TRY(component::build_plan(decoded, validated));
  for (const component::StaticModule& module : contents_.metadata.plan->modules) {
    if (module.is_adapter()) {
      TRY_VOID(add(module.bytes, 0, wasm::Features::adapters()));
      TRY_VOID(wasm::validate_module(modules_.back(), wasm::Features::adapters()));
    } else {
      CHECK(module.offset <= wasm_.size() && module.size <= wasm_.size() - module.offset);
      TRY_VOID(add(wasm_.subspan(module.offset, module.size), module.offset, options_.features));
    }
  }
  if (options_.tier.opt_level != OptLevel::none) find_inlined(*contents_.metadata.plan, jobs_);
  return {};
}

Result<std::vector<uint8_t>> Driver::compile(ArtifactKind kind) {
  contents_.header.contract_version = contract_version;
  contents_.header.kind = static_cast<uint32_t>(kind);
  contents_.header.memory_mode = static_cast<uint32_t>(options_.tier.memory_mode);
  contents_.header.cpu_features =
      needed_cpu_features(options_.tier.cpu, options_.tier.cpu_features);
  contents_.header.key = options_.key;
  uint64_t first_function = 0;
  for (const ModuleJob& job : jobs_) {
    add_module(*job.module, static_cast<uint32_t>(first_function), contents_);
    first_function += job.module->bodies.size();
  }
  if (first_function > limits::max_component_functions) {
    return fail(ErrorCode::limit, fmt::format("{} functions in one component", first_function));
  }
  TRY_VOID(tier_.check_options(options_.tier));
  if (options_.tier.opt_level != OptLevel::none) {
    for (ModuleJob& job : jobs_) job.calls = find_call_facts(*job.module, job.features);
  }
  Linker linker(jobs_);
  TRY_VOID(compile_chunks(jobs_, cut_into_chunks(jobs_), tier_, options_.tier, options_.limits,
                          options_.progress,
                          [&linker](const ObjectCode& code) { return linker.add(code); }));
  if (linker.function_count() != first_function) {
    return fail(ErrorCode::compile, fmt::format("{} of {} functions were compiled",
                                                linker.function_count(), first_function));
  }
  TRY_VOID(linker.finish(contents_));
  return write_artifact(contents_);
}

// Files that are something else altogether are told so, and not where decoding them stops.
Result<void> check_magic(std::span<const uint8_t> wasm) {
  constexpr uint8_t magic[] = {0x00, 'a', 's', 'm'};
  if (wasm.size() >= sizeof magic && std::equal(std::begin(magic), std::end(magic), wasm.begin())) {
    return {};
  }
  return fail(ErrorCode::malformed, "not a WebAssembly binary: it does not begin with `\\0asm`");
}

Result<std::vector<uint8_t>> compile_binary(std::span<const uint8_t> wasm, Tier& tier,
                                            const CompileOptions& options) {
  TRY_VOID(check_magic(wasm));
  Driver driver(wasm, tier, options);
  if (component::is_component(wasm)) {
    TRY_VOID(driver.add_component());
    return driver.compile(ArtifactKind::component);
  }
  TRY_VOID(driver.add_core_module());
  return driver.compile(ArtifactKind::module);
}

}  // namespace

Result<std::vector<uint8_t>> compile(std::span<const uint8_t> wasm, Tier& tier,
                                     const CompileOptions& options) {
  if (wasm.size() > limits::max_module_bytes) {
    return fail(ErrorCode::limit,
                fmt::format("the file is larger than {} MiB", limits::max_module_bytes >> 20));
  }
  if (!wasm::text::is_text(wasm)) return compile_binary(wasm, tier, options);
  wasm::text::Source source{options.name,
                            {reinterpret_cast<const char*>(wasm.data()), wasm.size()}};
  auto binary = TRY(component::text::parse(source));
  auto compiled = compile_binary(binary, tier, options);
  if (compiled) return compiled;
  return std::unexpected(component::text::shown_in_text(source, std::move(compiled).error()));
}

}  // namespace tenon::compiler
