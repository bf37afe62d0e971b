#include "compiler/tier_loader.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace tenon::compiler {

namespace {

constexpr const char* object_name = "libtenon_llvm.so";

std::string folder_of_program() {
  std::array<char, 4096> path;
  ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) return ".";
  std::string_view text(path.data(), static_cast<size_t>(length));
  size_t slash = text.rfind('/');
  return std::string(text.substr(0, slash == text.npos ? 0 : slash));
}

std::vector<std::string> places() {
  std::string program = folder_of_program();
  return {program + '/' + object_name, program + "/../lib/tenon/" + object_name};
}

Result<std::unique_ptr<Tier>> tier_of(void* object, const std::string& path) {
  auto entry = reinterpret_cast<TierEntry>(dlsym(object, tier_entry_name));
  Tier* tier = entry == nullptr ? nullptr : entry(tier_interface_version);
  if (tier == nullptr)
    return fail(ErrorCode::compile,
                fmt::format("`{}` belongs to another version of this program", path));
  return std::unique_ptr<Tier>(tier);
}

constexpr int open_flags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;

}  // namespace

Result<std::unique_ptr<Tier>> load_llvm_tier() {
  std::string tried;
  for (const std::string& path : places()) {
    if (access(path.c_str(), R_OK) != 0) {
      tried += (tried.empty() ? "" : ", ") + path;
      continue;
    }
    void* object = dlopen(path.c_str(), open_flags);
    if (object == nullptr)
      return fail(ErrorCode::compile, fmt::format("cannot load the compiler: {}", dlerror()));
    return tier_of(object, path);
  }
  // A program that links the library has the folder of its plugins in its run path.
  if (void* object = dlopen(object_name, open_flags)) return tier_of(object, object_name);
  return std::unexpected(
      Error(ErrorCode::compile, fmt::format("no compiler is installed (looked for {})", tried))
          .hint("only modules that are compiled already can run"));
}

}  // namespace tenon::compiler
