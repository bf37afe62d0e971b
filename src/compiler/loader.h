#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/artifact/artifact.h"
#include "compiler/cache/cache.h"
#include "compiler/compile.h"

// From a file to code that can run: a module or component is compiled, or found in the cache; what
// was compiled ahead of time is checked. Any number of threads may use one loader.
//
// Whom to trust with compiled code: this process runs what it compiled itself, and what carries a
// MAC by the key of this user's cache. Anything else, sound or not, needs `allow_precompiled`.
namespace tenon::compiler {

struct LoaderOptions {
  CompileOptions compile;
  std::optional<std::string> cache_directory;  // nothing is kept without it
  bool allow_precompiled = false;
  // Gives the compiler when something has to be compiled; it stays owned by the caller.
  std::function<Result<Tier*>()> tier;
  WarningFunction warn;
};

class Loader {
 public:
  explicit Loader(LoaderOptions options);

  // `name` is what messages about a text call it.
  Result<std::shared_ptr<const Artifact>> load(std::span<const uint8_t> bytes,
                                               const std::string& name = "the input") const;
  // With a cache, an input that has not changed since it was last loaded is not read. "-" is
  // standard input.
  Result<std::shared_ptr<const Artifact>> load_file(const std::string& path) const;
  // An artifact as a file holds it, signed when there is a cache.
  Result<std::vector<uint8_t>> compile(std::span<const uint8_t> wasm,
                                       const std::string& name = "the input") const;
  Result<std::vector<uint8_t>> compile_file(const std::string& path) const;

 private:
  Result<std::shared_ptr<const Artifact>> load_input(os::FileDescriptor file,
                                                     const std::string& name) const;
  Result<std::shared_ptr<const Artifact>> open_precompiled(os::FileDescriptor file) const;
  Result<void> check_precompiled(const Artifact& artifact, const Digest& digest) const;
  Result<std::vector<uint8_t>> compile_with_key(std::span<const uint8_t> wasm, const Digest& key,
                                                const std::string& name) const;
  Result<std::shared_ptr<const Artifact>> make(std::span<const uint8_t> wasm, const Digest& key,
                                               const std::string& name) const;

  LoaderOptions options_;
  std::unique_ptr<Cache> cache_;  // null: nothing is kept
};

}  // namespace tenon::compiler
