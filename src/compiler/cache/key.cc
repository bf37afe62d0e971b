#include "compiler/cache/key.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

#include <string>

#include "compiler/artifact/format.h"
#include "compiler/cpu.h"
#include "compiler/tier_loader.h"

namespace tenon::compiler {

namespace {

void add_file(Hasher& hasher, const std::string& path) {
  struct stat s;
  if (stat(path.c_str(), &s) != 0) {
    hasher.add("none");
    return;
  }
  hasher.add(s.st_dev).add(s.st_ino).add(static_cast<uint64_t>(s.st_size));
  hasher.add(static_cast<uint64_t>(s.st_mtim.tv_sec)).add(static_cast<uint64_t>(s.st_mtim.tv_nsec));
}

// The file that holds this code: the program, or a shared object that links the library.
std::string own_file() {
  Dl_info info;
  void* found = nullptr;
  static const char here = 0;
  if (dladdr1(&here, &info, &found, RTLD_DL_LINKMAP) == 0) return "/proc/self/exe";
  const auto* object = static_cast<const link_map*>(found);
  return object->l_name[0] == '\0' ? "/proc/self/exe" : object->l_name;
}

}  // namespace

Digest artifact_key(const Digest& input, const CompileOptions& options) {
  Hasher hasher;
  hasher.add("tenon artifact key").add(std::span<const uint8_t>(input));
  hasher.add(contract_version).add(artifact_version).add(tier_interface_version);
  add_file(hasher, own_file());
  for (const std::string& file : llvm_tier_files()) add_file(hasher, file);
  hasher.add(host_cpu_features());
  hasher.add(static_cast<uint64_t>(options.tier.opt_level))
      .add(static_cast<uint64_t>(options.tier.memory_mode))
      .add(uint64_t{options.tier.deterministic_relaxed_simd});
  hasher.add(options.tier.cpu).add(options.tier.cpu_features).add(uint64_t{options.native_cpu});
  hasher.add(options.features.bits);
  return hasher.digest();
}

}  // namespace tenon::compiler
