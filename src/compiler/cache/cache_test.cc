#include "compiler/cache/cache.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <thread>

#include "compiler/artifact/writer.h"
#include "compiler/loader.h"
#include "compiler/test_tier.h"
#include "wasm/binary/encode.h"

namespace tenon::compiler {
namespace {

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

void write_file(const std::string& path, std::span<const uint8_t> bytes) {
  os::FileDescriptor fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
  REQUIRE(fd);
  REQUIRE_EQ(write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
}

// As if the file had been there for a while: what changed right now is not remembered.
void make_old(const std::string& path) {
  const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  REQUIRE_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

std::vector<uint8_t> module_bytes(int32_t value = 1) {
  wasm::ModuleBuilder module;
  wasm::FuncIndex f = module.function(module.type({}, {wasm::ValType::i32}));
  module.body(f).i32_const(value);
  return module.finish();
}

struct Fixture {
  TemporaryFolder folder;
  test::FakeTier tier;
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
  void expect_warning(const std::string& part) {
    REQUIRE_EQ(warnings.size(), 1);
    CHECK_MESSAGE(warnings[0].find(part) != std::string::npos, warnings[0]);
    warnings.clear();
  }
};

TEST_CASE_FIXTURE(Fixture, "code is compiled once and found again") {
  std::string path = input();
  CHECK_EQ(load(path), 1);
  CHECK_EQ(load(path), 0);
  CHECK_EQ(load(input(2)), 1);
  CHECK_EQ(load(path), 0);
  CHECK_EQ(files(".artifact").size(), 2);
  // By contents, too: another file, or bytes.
  std::string copy = folder / "copy.wasm";
  write_file(copy, module_bytes());
  CHECK_EQ(load(copy), 0);
  CHECK(loader().load(module_bytes()).has_value());
  CHECK_EQ(tier.chunks, 2);
  CHECK(warnings.empty());

  LoaderOptions other = options();
  other.compile.tier.opt_level = OptLevel::none;
  CHECK(Loader(std::move(other)).load_file(path).has_value());
  CHECK_EQ(tier.chunks, 3);
}

TEST_CASE_FIXTURE(Fixture, "an input is known by its file until it changes") {
  std::string path = input();
  auto cache = Cache::open(directory(), {});
  REQUIRE(cache);
  os::FileDescriptor fd(open(path.c_str(), O_RDWR));
  Digest digest = hash(module_bytes());
  // The file changed a moment ago.
  cache->remember(fd.get(), "input", digest, Cache::start_hashing());
  CHECK_FALSE(cache->known_digest(fd.get(), "input").has_value());
  // A later start of hashing stands for a file that was left alone.
  cache->remember(fd.get(), "input", digest, {Cache::start_hashing().seconds + 10});
  auto known = cache->known_digest(fd.get(), "input");
  REQUIRE(known.has_value());
  CHECK(same_digest(*known, digest));
  CHECK_FALSE(cache->known_digest(fd.get(), "other purpose").has_value());
  make_old(path);
  CHECK_FALSE(cache->known_digest(fd.get(), "input").has_value());
}

TEST_CASE_FIXTURE(Fixture, "an input that has not changed is not read") {
  std::string path = input();
  CHECK_EQ(load(path), 1);
  auto cache = Cache::open(directory(), {});
  os::FileDescriptor fd(open(path.c_str(), O_RDWR));
  cache->remember(fd.get(), "input", hash(module_bytes()), {Cache::start_hashing().seconds + 10});
  // Forged stamps: another key's, another file's, flipped bits.
  for (const std::string& stamp : files(".stamp")) {
    std::vector<uint8_t> bytes(200);
    os::FileDescriptor s(open(stamp.c_str(), O_RDWR));
    auto n = read(s.get(), bytes.data(), bytes.size());
    bytes[static_cast<size_t>(n) / 2] ^= 1;
    REQUIRE_EQ(pwrite(s.get(), bytes.data(), static_cast<size_t>(n), 0), n);
  }
  CHECK_FALSE(cache->known_digest(fd.get(), "input").has_value());
  CHECK_EQ(load(path), 0);
  CHECK(warnings.empty());
}

TEST_CASE_FIXTURE(Fixture, "a damaged entry is reported and compiled again") {
  std::string path = input();
  CHECK_EQ(load(path), 1);
  std::string entry = files(".artifact")[0];
  struct stat before;
  REQUIRE_EQ(stat(entry.c_str(), &before), 0);
  for (off_t at :
       {off_t{100}, off_t{artifact_page}, before.st_size - 1, off_t{artifact_seal_offset}}) {
    os::FileDescriptor fd(open(entry.c_str(), O_RDWR));
    uint8_t byte;
    REQUIRE_EQ(pread(fd.get(), &byte, 1, at), 1);
    byte ^= 0x10;
    REQUIRE_EQ(pwrite(fd.get(), &byte, 1, at), 1);
    CHECK_EQ(load(path), 1);
    expect_warning("an entry of the code cache is not used");
    CHECK_EQ(load(path), 0);
  }
  REQUIRE_EQ(truncate(entry.c_str(), 100), 0);
  CHECK_EQ(load(path), 1);
  expect_warning("too short");
  REQUIRE_EQ(truncate(entry.c_str(), 0), 0);
  CHECK_EQ(load(path), 1);
  expect_warning("too short");
}

TEST_CASE_FIXTURE(Fixture,
                  "an entry of another key, another user's or under another name is not run") {
  std::string path = input(1);
  CHECK_EQ(load(path), 1);
  std::string entry = files(".artifact")[0];
  CHECK_EQ(load(input(2)), 1);
  std::string other =
      files(".artifact")[0] == entry ? files(".artifact")[1] : files(".artifact")[0];

  // Swapped.
  REQUIRE_EQ(rename(other.c_str(), entry.c_str()), 0);
  CHECK_EQ(load(path), 1);
  expect_warning("it is for something else");

  // A symbolic link, a second name, a file that others may write, a directory.
  REQUIRE_EQ(rename(entry.c_str(), other.c_str()), 0);
  REQUIRE_EQ(symlink(other.c_str(), entry.c_str()), 0);
  CHECK_EQ(load(path), 1);
  expect_warning("symbolic link");
  REQUIRE_EQ(link(entry.c_str(), (folder / "second").c_str()), 0);
  CHECK_EQ(load(path), 1);
  expect_warning("another name");
  REQUIRE_EQ(chmod(entry.c_str(), 0666), 0);
  CHECK_EQ(load(path), 1);
  expect_warning("others may write");

  // The right bytes, signed by somebody else.
  CompileOptions compile_options;
  auto artifact = loader().compile(module_bytes());
  REQUIRE(artifact.has_value());
  sign_artifact(*artifact, MacKey{1});
  REQUIRE_EQ(unlink(entry.c_str()), 0);
  write_file(entry, *artifact);
  CHECK_EQ(load(path), 1);
  expect_warning("not made by this user");
}

TEST_CASE_FIXTURE(Fixture, "a lost key makes every entry foreign") {
  std::string path = input();
  CHECK_EQ(load(path), 1);
  REQUIRE_EQ(unlink((folder / "cache/key").c_str()), 0);
  CHECK_EQ(load(path), 1);
  expect_warning("not made by this user");
  REQUIRE_EQ(truncate((folder / "cache/key").c_str(), 5), 0);
  CHECK_EQ(load(path), 1);
  REQUIRE_EQ(warnings.size(), 2);
  CHECK_NE(warnings[0].find("key of the code cache is replaced"), std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a directory that cannot be used is one warning") {
  std::string path = input();
  REQUIRE_EQ(mkdir(directory().c_str(), 0777), 0);
  REQUIRE_EQ(chmod(directory().c_str(), 0777), 0);
  CHECK_EQ(load(path), 1);
  expect_warning("others may enter it");
  CHECK_EQ(load(path), 1);
  expect_warning("others may enter it");
  REQUIRE_EQ(rmdir(directory().c_str()), 0);
  REQUIRE_EQ(symlink("/tmp", directory().c_str()), 0);
  CHECK_EQ(load(path), 1);
  expect_warning("cannot be used");
  REQUIRE_EQ(unlink(directory().c_str()), 0);
  write_file(directory(), {});
  CHECK_EQ(load(path), 1);
  expect_warning("cannot be used");
}

TEST_CASE_FIXTURE(Fixture, "the cache keeps within its size, and what was used last") {
  auto warn = [this](std::string_view text) { warnings.emplace_back(text); };
  auto cache = Cache::open(directory(), warn, {.bytes = 5 * 20'000, .stamps = 3});
  REQUIRE(cache);
  write_file(folder / "cache/tmp-left-behind", {});
  make_old(folder / "cache/tmp-left-behind");
  for (uint8_t i = 0; i < 9; i++) {
    ArtifactContents contents;
    contents.header.contract_version = contract_version;
    contents.header.key = Digest{i};
    contents.data.resize(12'000);
    contents.metadata.modules.emplace_back();
    auto bytes = write_artifact(contents);
    REQUIRE(bytes.has_value());
    sign_artifact(*bytes, cache->key());
    cache->store(Digest{i}, *bytes);
    // Older by a day for each one that follows.
    for (const std::string& file : files("")) {
      struct stat s;
      stat(file.c_str(), &s);
      const timespec times[2] = {{s.st_mtim.tv_sec - 86400, 0}, {s.st_mtim.tv_sec - 86400, 0}};
      if (!file.ends_with("key")) utimensat(AT_FDCWD, file.c_str(), times, 0);
    }
  }
  CHECK(cache->find(Digest{8}) != nullptr);
  CHECK(cache->find(Digest{0}) == nullptr);
  CHECK_LE(files(".artifact").size(), 6);
  CHECK_LE(files(".stamp").size(), 5);
  CHECK(files("left-behind").empty());
  CHECK(warnings.empty());
}

TEST_CASE_FIXTURE(Fixture, "several writers of one key") {
  std::string path = input();
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < 8; i++) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; round++) {
        LoaderOptions o;
        o.cache_directory = directory();
        o.tier = [this]() -> Result<Tier*> { return &tier; };
        o.warn = [&](std::string_view) { failures++; };
        auto artifact = Loader(std::move(o)).load_file(path);
        if (!artifact || !same_digest((*artifact)->compute_digest(), (*artifact)->seal().digest))
          failures++;
        if (round % 2 == 0) {
          for (const std::string& entry : files(".artifact")) unlink(entry.c_str());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_EQ(failures, 0);
  CHECK(files("tmp-").empty());
}

TEST_CASE_FIXTURE(Fixture, "compiled ahead of time: who made it") {
  auto artifact = loader().compile(module_bytes());
  REQUIRE(artifact.has_value());
  std::string path = folder / "app.tenon";
  write_file(path, *artifact);
  CHECK_EQ(load(path), 0);
  CHECK(loader().load(*artifact).has_value());

  // Somebody else's, or nobody's.
  sign_artifact(*artifact, MacKey{1});
  write_file(path, *artifact);
  auto loaded = loader().load_file(path);
  REQUIRE_FALSE(loaded.has_value());
  CHECK_NE(loaded.error().to_string().find("--allow-precompiled"), std::string::npos);
  LoaderOptions trusting = options();
  trusting.allow_precompiled = true;
  trusting.cache_directory.reset();
  CHECK(Loader(trusting).load_file(path).has_value());

  // Damage is an error in any case; so is a file that others can change while it runs, unless it is
  // copied.
  (*artifact)[artifact_page] ^= 1;
  write_file(path, *artifact);
  loaded = Loader(trusting).load_file(path);
  REQUIRE_FALSE(loaded.has_value());
  CHECK_NE(loaded.error().message().find("damaged"), std::string::npos);
  (*artifact)[artifact_page] ^= 1;
  write_file(path, *artifact);
  REQUIRE_EQ(chmod(path.c_str(), 0666), 0);
  auto copied = Loader(trusting).load_file(path);
  REQUIRE(copied.has_value());
  write_file(path, {});
  CHECK(same_digest((*copied)->compute_digest(), (*copied)->seal().digest));
  CHECK_EQ(tier.chunks, 1);
}

TEST_CASE_FIXTURE(Fixture, "inputs that are nothing") {
  CHECK_FALSE(loader().load_file(folder / "missing.wasm").has_value());
  CHECK_FALSE(loader().load_file(directory()).has_value());
  std::string path = folder / "text";
  const std::string text = "this is neither a module nor a component\n";
  write_file(path, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  CHECK_FALSE(loader().load_file(path).has_value());
  write_file(path, {});
  CHECK_FALSE(loader().load_file(path).has_value());
  CHECK(files(".artifact").empty());
}

}  // namespace
}  // namespace tenon::compiler
