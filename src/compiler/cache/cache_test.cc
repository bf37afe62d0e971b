#include "compiler/cache/cache.h"

#include <atomic>
#include <thread>

#include "compiler/artifact/writer.h"
#include "compiler/cache/test_cache.h"
#include "compiler/tier_loader.h"

namespace tenon::compiler {
namespace {

using test::CacheFixture;
using test::make_old;
using test::module_bytes;
using test::write_file;

TEST_CASE_FIXTURE(CacheFixture, "code is compiled once and found again") {
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

TEST_CASE_FIXTURE(CacheFixture, "an input is known by its file until it changes") {
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

TEST_CASE_FIXTURE(CacheFixture, "an input that has not changed is not read") {
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

TEST_CASE_FIXTURE(CacheFixture, "a damaged entry is reported and compiled again") {
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

TEST_CASE_FIXTURE(CacheFixture,
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
  expect_warning("others may read or write");

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

TEST_CASE_FIXTURE(CacheFixture, "a lost key makes every entry foreign") {
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

TEST_CASE_FIXTURE(CacheFixture, "a directory that cannot be used is one warning") {
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

TEST_CASE_FIXTURE(CacheFixture, "the cache keeps within its size, and what was used last") {
  auto warn = [this](std::string_view text) { warnings.emplace_back(text); };
  auto cache = Cache::open(directory(), warn, {.bytes = 5 * 20'000, .stamps = 3});
  REQUIRE(cache);
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
  CHECK(warnings.empty());
}

TEST_CASE_FIXTURE(CacheFixture, "several writers of one key") {
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
  CHECK(unfinished().empty());
}

TEST_CASE_FIXTURE(CacheFixture, "compiled ahead of time: who made it") {
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

TEST_CASE_FIXTURE(CacheFixture, "inputs that are nothing") {
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

TEST_CASE("a compiler that can be loaded is found without loading it") {
  std::string path = find_llvm_tier();
  auto loaded = load_llvm_tier();
  if (loaded) CHECK_EQ(access(path.c_str(), R_OK), 0);
  CHECK_EQ(path.empty(), !loaded && loaded.error().message().starts_with("no compiler"));
}

}  // namespace
}  // namespace tenon::compiler
