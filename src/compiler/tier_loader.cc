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

// Where the dynamic loader looks for what this program, or shared object, needs: among these is its
// run path.
std::vector<std::string> library_folders() {
  std::vector<std::string> folders;
  Dl_info info;
  void* object = nullptr;
  if (dladdr1(object_name, &info, &object, RTLD_DL_LINKMAP) == 0) return folders;
  Dl_serinfo size;
  if (dlinfo(object, RTLD_DI_SERINFOSIZE, &size) != 0) return folders;
  std::vector<Dl_serinfo> space(size.dls_size / sizeof(Dl_serinfo) + 1);
  Dl_serinfo* found = space.data();
  *found = size;
  if (dlinfo(object, RTLD_DI_SERINFO, found) != 0) return folders;
  for (unsigned i = 0; i < found->dls_cnt; i++) folders.push_back(found->dls_serpath[i].dls_name);
  return folders;
}

bool is_readable(const std::string& path) {
  return access(path.c_str(), R_OK) == 0;
}

// Empty when there is none.
std::string find_library(std::string_view name) {
  if (name.empty()) return {};
  for (const std::string& folder : library_folders()) {
    std::string path = fmt::format("{}/{}", folder, name);
    if (is_readable(path)) return path;
  }
  return {};
}

// Beside the program, or where it is installed.
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

std::string find_llvm_tier() {
  for (std::string& path : places()) {
    if (is_readable(path)) return std::move(path);
  }
  // A program that links the library has the folder of its plugins in its run path.
  return find_library(object_name);
}

std::vector<std::string> llvm_tier_files() {
  return {find_llvm_tier(), find_library(TENON_LLVM_LIBRARY)};
}

Result<std::unique_ptr<Tier>> load_llvm_tier() {
  std::string path = find_llvm_tier();
  if (path.empty()) {
    return std::unexpected(
        Error(ErrorCode::compile,
              fmt::format("no compiler is installed (looked for {})", fmt::join(places(), ", ")))
            .hint("only modules that are compiled already can run"));
  }
  void* object = dlopen(path.c_str(), open_flags);
  if (object == nullptr)
    return fail(ErrorCode::compile, fmt::format("cannot load the compiler: {}", dlerror()));
  return tier_of(object, path);
}

}  // namespace tenon::compiler
