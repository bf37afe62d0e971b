#include "compiler/cache/key.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

#include "compiler/artifact/format.h"
#include "compiler/cpu.h"

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

std::string folder_of_program() {
  std::array<char, 4096> path;
  ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) return ".";
  std::string text(path.data(), static_cast<size_t>(length));
  return text.substr(0, text.rfind('/'));
}

}  // namespace

Digest artifact_key(const Digest& input, const CompileOptions& options) {
  Hasher hasher;
  hasher.add("tenon artifact key").add(std::span<const uint8_t>(input));
  hasher.add(contract_version).add(artifact_version).add(tier_interface_version);
  const std::string folder = folder_of_program();
  add_file(hasher, "/proc/self/exe");
  add_file(hasher, folder + "/libtenon_llvm.so");
  add_file(hasher, folder + "/../lib/tenon/libtenon_llvm.so");
  hasher.add(host_cpu_features());
  hasher.add(static_cast<uint64_t>(options.tier.opt_level))
      .add(static_cast<uint64_t>(options.tier.memory_mode));
  hasher.add(options.tier.cpu).add(options.tier.cpu_features).add(uint64_t{options.native_cpu});
  hasher.add(options.features.bits);
  return hasher.digest();
}

}  // namespace tenon::compiler
