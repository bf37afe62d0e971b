#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "compiler/cache/cache.h"
#include "compiler/loader.h"
#include "compiler/test_tier.h"
#include "wasm/binary/encode.h"

// For tests of the code cache.
namespace tenon::compiler::test {

// A directory that is removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    char pattern[] = "/tmp/tenon-cache-test-XXXXXX";
    REQUIRE(mkdtemp(pattern) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() {
    nftw(
        path_.c_str(),
        [](const char* path, const struct stat*, int, FTW*) { return ::remove(path); }, 16,
        FTW_DEPTH | FTW_PHYS);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

inline void write_file(const std::string& path, std::span<const uint8_t> bytes) {
  os::FileDescriptor fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
  REQUIRE(fd);
  REQUIRE_EQ(write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
}

// As if the file had been there for a while: what changed right now is not remembered.
inline void make_old(const std::string& path) {
  const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  REQUIRE_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

inline std::vector<uint8_t> module_bytes(int32_t value = 1) {
  wasm::ModuleBuilder module;
  wasm::FuncIndex f = module.function(module.type({}, {wasm::ValType::i32}));
  module.body(f).i32_const(value);
  return module.finish();
}

// Loads files with a cache in a folder of its own.
struct CacheFixture {
  TemporaryFolder folder;
  FakeTier tier;
  std::vector<std::string> warnings;

  std::string directory() const { return folder / "cache"; }
  LoaderOptions options() {
    LoaderOptions o;
    o.cache_directory = directory();
    o.tier = [this]() -> Result<Tier*> { return &tier; };
    o.warn = [this](std::string_view text) { warnings.emplace_back(text); };
    return o;
  }
  Loader loader() { return Loader(options()); }
  // Compiled how many times?
  int load(const std::string& path) {
    int before = tier.chunks;
    auto artifact = loader().load_file(path);
    REQUIRE_MESSAGE(artifact.has_value(), (artifact ? "" : artifact.error().to_string()));
    return tier.chunks - before;
  }
  std::string input(int32_t value = 1) {
    std::string path = folder / ("input" + std::to_string(value) + ".wasm");
    write_file(path, module_bytes(value));
    return path;
  }
  std::vector<std::string> files(std::string_view suffix) const {
    std::vector<std::string> names;
    auto dir = PrivateDirectory::open(directory());
    REQUIRE(dir.has_value());
    for (const auto& entry : dir->list()) {
      if (entry.name.ends_with(suffix)) names.push_back(folder / ("cache/" + entry.name));
    }
    return names;
  }
  // What a writer has not finished, or left behind.
  std::vector<std::string> unfinished() const {
    std::vector<std::string> names;
    glob_t found;
    if (::glob((folder / "cache/tmp-*").c_str(), 0, nullptr, &found) == 0) {
      names.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    globfree(&found);
    return names;
  }
  void expect_warning(const std::string& part) {
    REQUIRE_EQ(warnings.size(), 1);
    CHECK_MESSAGE(warnings[0].find(part) != std::string::npos, warnings[0]);
    warnings.clear();
  }
};

}  // namespace tenon::compiler::test
