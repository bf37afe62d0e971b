#include <fmt/format.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/llvm/object_check.h"
#include "compiler/llvm/pipeline.h"
#include "compiler/llvm/sink.h"
#include "compiler/llvm/target.h"
#include "compiler/tier.h"
#include "wasm/validate/function.h"

// The optimizing tier: surveys each function of a chunk, translates it, optimizes it, and emits one
// object.
namespace tenon::compiler::llvm_tier {

namespace {

using wasm::FuncIndex;

OptLevel level_for(const Survey& survey, OptLevel asked) {
  if (survey.instructions > max_light_instructions || survey.blocks > max_light_blocks ||
      survey.longest_run > max_light_run)
    return OptLevel::none;
  if (survey.instructions > max_full_instructions || survey.blocks > max_full_blocks)
    return std::min(asked, OptLevel::light);
  return asked;
}

llvm::CodeGenOptLevel codegen_level(OptLevel level) {
  switch (level) {
    case OptLevel::none: return llvm::CodeGenOptLevel::None;
    case OptLevel::light: return llvm::CodeGenOptLevel::Less;
    case OptLevel::full: return llvm::CodeGenOptLevel::Default;
  }
  return llvm::CodeGenOptLevel::Default;
}

// A function on its way; `level` is the effort it gets.
struct Job {
  FuncIndex index;
  Survey survey;
  OptLevel level = OptLevel::none;
  llvm::Function* function = nullptr;
};

// Translates one function. Its body is walked twice, and again when it branches too much for SSA or
// turns out to be too much to optimize.
Result<void> translate(Chunk& chunk, Job& job) {
  FuncIndex index = job.index;
  bool in_memory = job.survey.locals_in_memory();
  for (int tries = 0; tries < 3; ++tries) {
    FunctionSink sink(chunk, job.survey,
                      {.locals_in_memory = in_memory,
                       .short_blocks = job.level == OptLevel::none,
                       .relies_on_vmctx = job.level == OptLevel::full});
    TRY_VOID(sink.translate(index));
    if (sink.too_many_roots()) {
      return fail(ErrorCode::limit,
                  fmt::format("func {} keeps more than {} references across its calls", index.index,
                              max_roots));
    }
    bool takes_long = job.level != OptLevel::none && sink.roots() > max_light_roots;
    if (!sink.gave_up() && !takes_long) {
      DCHECK(!llvm::verifyFunction(*sink.function(), &llvm::errs()));
      job.function = sink.function();
      return {};
    }
    in_memory |= sink.gave_up();
    if (takes_long) job.level = OptLevel::none;
    sink.function()->deleteBody();
  }
  return fail(ErrorCode::internal, "a function was translated three times in vain");
}

Result<Survey> survey_function(const ChunkInput& input, FuncIndex index, uint32_t inline_budget) {
  SurveySink sink(input, std::min(inline_budget, max_inlined_in_function));
  TRY_VOID(wasm::walk_function(input.module, input.features, index, sink));
  if (sink.survey.carried_operands > max_carried_operands)
    return fail(ErrorCode::limit,
                fmt::format("func {} carries {} operands to labels; the limit is {}", index.index,
                            sink.survey.carried_operands, max_carried_operands));
  return std::move(sink.survey);
}

class LlvmTier : public Tier {
 public:
  Result<std::vector<uint8_t>> compile_chunk(const ChunkInput& input) override;
  Result<void> check_options(const TierOptions& options) override { return check_cpu(options); }
  std::string identity() const override { return "LLVM " LLVM_VERSION_STRING; }
  void host_cpu(TierOptions& options) const override { take_host_cpu(options); }
};

Result<std::vector<uint8_t>> LlvmTier::compile_chunk(const ChunkInput& input) {
  std::unique_ptr<llvm::TargetMachine> machine =
      make_machine(input.options, llvm::CodeGenOptLevel::None);
  Output output(*machine);
  Chunk chunk(input, output);
  std::vector<Job> jobs;
  uint32_t inline_budget = max_inlined_in_chunk;
  OptLevel best = OptLevel::none;  // of any function: the level at which code is selected
  for (uint32_t f = input.first_function; f < input.last_function; ++f) {
    Job& job =
        jobs.emplace_back(FuncIndex(f), TRY(survey_function(input, FuncIndex(f), inline_budget)));
    inline_budget -= job.survey.inlined;
    job.level = level_for(job.survey, input.options.opt_level);
    TRY_VOID(translate(chunk, job));
    best = std::max(best, job.level);
  }

  machine->setOptLevel(codegen_level(best));
  Optimizer optimizer(*machine);
  for (const Job& job : jobs) {
    if (job.level == OptLevel::none && best != OptLevel::none) {
      job.function->addFnAttr(llvm::Attribute::NoInline);
      job.function->addFnAttr(llvm::Attribute::OptimizeNone);
    }
    optimizer.run(*job.function, job.level);
  }
  chunk.finish();
  std::vector<uint8_t> object = TRY(emit_object(chunk.module, *machine));
  TRY_VOID(check_object(object));
  return object;
}

}  // namespace

}  // namespace tenon::compiler::llvm_tier

// The entry of the shared object (compiler/tier.h).
extern "C" __attribute__((visibility("default"))) tenon::compiler::Tier* tenon_tier(
    uint32_t version) {
  if (version != tenon::compiler::tier_interface_version) return nullptr;
  return new tenon::compiler::llvm_tier::LlvmTier;
}
