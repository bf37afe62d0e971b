#include "compiler/llvm/target.h"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/TargetParser/Host.h>

namespace tenon::compiler::llvm_tier {

namespace {

constexpr const char* triple_text = "x86_64-unknown-linux-gnu";

// The pass that prepares functions for selection starts anew whenever it has changed a branch: for
// thousands of allocations that took a minute. From this many blocks on it looks at what it has
// changed only, which gives the same code.
void bound_preparation() {
  constexpr unsigned blocks = 100;
  llvm::cl::Option* option = llvm::cl::getRegisteredOptions().lookup("cgpp-huge-func");
  if (option != nullptr) option->addOccurrence(0, "cgpp-huge-func", std::to_string(blocks));
}

const llvm::Target* find_target() {
  static const llvm::Target* target = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    bound_preparation();
    std::string error;
    return llvm::TargetRegistry::lookupTarget(llvm::Triple(triple_text), error);
  }();
  return target;
}

bool known(llvm::ArrayRef<llvm::SubtargetSubTypeKV> names, llvm::StringRef name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& entry) { return name == entry.Key; });
}

bool known(llvm::ArrayRef<llvm::SubtargetFeatureKV> names, llvm::StringRef name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& entry) { return name == entry.Key; });
}

}  // namespace

Result<void> check_cpu(const TierOptions& options) {
  std::unique_ptr<llvm::MCSubtargetInfo> any(
      find_target()->createMCSubtargetInfo(llvm::Triple(triple_text), "x86-64", ""));
  if (!known(any->getAllProcessorDescriptions(), options.cpu))
    return fail(ErrorCode::usage, fmt::format("unknown processor `{}`", options.cpu));
  llvm::SmallVector<llvm::StringRef, 64> features;
  llvm::StringRef(options.cpu_features).split(features, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef feature : features) {
    bool has_sign = feature.starts_with("+") || feature.starts_with("-");
    if (!has_sign || !known(any->getAllProcessorFeatures(), feature.drop_front()))
      return fail(ErrorCode::usage, fmt::format("unknown processor feature `{}`", feature.str()));
  }
  std::unique_ptr<llvm::MCSubtargetInfo> chosen(find_target()->createMCSubtargetInfo(
      llvm::Triple(triple_text), options.cpu, options.cpu_features));
  if (!chosen->checkFeatures("+sse4.1,+ssse3"))
    return std::unexpected(
        Error(ErrorCode::unsupported, fmt::format("processor `{}` has no SSE4.1", options.cpu))
            .hint("the oldest that code can be made for is `x86-64-v2`"));
  return {};
}

std::unique_ptr<llvm::TargetMachine> make_machine(const TierOptions& options,
                                                  llvm::CodeGenOptLevel level) {
  llvm::TargetOptions target_options;
  target_options.MCOptions.MCNoExecStack = true;
  return std::unique_ptr<llvm::TargetMachine>(find_target()->createTargetMachine(
      llvm::Triple(triple_text), options.cpu, options.cpu_features, target_options,
      llvm::Reloc::PIC_, llvm::CodeModel::Small, level));
}

void take_host_cpu(TierOptions& options) {
  options.cpu = llvm::sys::getHostCPUName().str();
  std::vector<std::string> features;
  for (const auto& feature : llvm::sys::getHostCPUFeatures())
    features.push_back((feature.second ? "+" : "-") + feature.first().str());
  std::sort(features.begin(), features.end());
  options.cpu_features = fmt::format("{}", fmt::join(features, ","));
}

}  // namespace tenon::compiler::llvm_tier
