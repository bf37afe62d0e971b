#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstddef>
#include <random>

#include "compiler/artifact/writer.h"
#include "compiler/cache/test_cache.h"

// The cache among processes, and where the system does not let it have its way.
namespace tenon::compiler {
namespace {

using test::CacheFixture;
using test::make_old;
using test::write_file;

// Runs `body` in a process of its own; its result is the exit status.
template <typename Body>
pid_t start(Body body) {
  pid_t child = fork();
  REQUIRE_GE(child, 0);
  if (child == 0) _exit(body());
  return child;
}
int status_of(pid_t child) {
  int status = 0;
  REQUIRE_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
template <typename Body>
int run(Body body) {
  return status_of(start(body));
}

// Makes system call `number` fail with `error` if its argument `argument` has all of `bits`.
void refuse(uint32_t number, uint32_t argument, uint32_t bits, uint32_t error) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
               static_cast<uint32_t>(offsetof(seccomp_data, args) + 8 * argument)),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bits, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    _exit(99);
}

// The code of the only function, called: its number, as the tier makes it.
bool runs(const Artifact& artifact) {
  auto function = reinterpret_cast<const uint8_t*>(artifact.code(0, 0));
  if (function == nullptr || function[0] != 0xb8) return false;
  return reinterpret_cast<uint32_t (*)()>(const_cast<uint8_t*>(function))() == 0;
}

TEST_CASE_FIXTURE(CacheFixture,
                  "a writer that is killed harms no one and leaves nothing for long") {
  std::minstd_rand random(1);
  bool was_unfinished = false;
  for (int round = 0; round < 40; round++) {
    pid_t child = start([&] {
      for (int i = round * 1000;; i++) (void)loader().load(test::module_bytes(i));
      return 0;
    });
    usleep(static_cast<useconds_t>(random() % 4000));
    REQUIRE_EQ(kill(child, SIGKILL), 0);
    CHECK_EQ(status_of(child), 128 + SIGKILL);
    was_unfinished |= !unfinished().empty();
    // The next one finds what is whole, and makes what is not there.
    for (int i = round * 1000; i < round * 1000 + 3; i++) {
      auto artifact = loader().load(test::module_bytes(i));
      REQUIRE(artifact.has_value());
      CHECK(same_digest((*artifact)->compute_digest(), (*artifact)->seal().digest));
      CHECK(runs(**artifact));
    }
    (void)loader().load(test::module_bytes(-1 - round));
    CHECK(unfinished().empty());
  }
  CHECK(warnings.empty());
  if (!was_unfinished) MESSAGE("no writer was killed in the middle");
}

TEST_CASE_FIXTURE(CacheFixture, "unfinished files of those that live are left alone") {
  CHECK_EQ(load(input()), 1);
  std::string abandoned = folder / "cache/tmp-1";
  std::string held = folder / "cache/tmp-2";
  write_file(abandoned, {});
  write_file(held, {});
  make_old(held);
  os::FileDescriptor lock(open(held.c_str(), O_WRONLY));
  REQUIRE_EQ(flock(lock.get(), LOCK_EX), 0);
  CHECK_EQ(load(input(2)), 1);
  CHECK_EQ(unfinished(), std::vector<std::string>{held});
  lock = {};
  CHECK_EQ(load(input(3)), 1);
  CHECK(unfinished().empty());
}

TEST_CASE_FIXTURE(CacheFixture, "processes that write the same entry") {
  std::string path = input();
  std::vector<pid_t> children;
  for (int i = 0; i < 4; i++) {
    children.push_back(start([&] {
      for (int round = 0; round < 25; round++) {
        auto artifact = loader().load_file(path);
        if (!artifact || !same_digest((*artifact)->compute_digest(), (*artifact)->seal().digest))
          return 1;
        for (const std::string& entry : files(".artifact")) unlink(entry.c_str());
      }
      for (const std::string& text : warnings) std::fprintf(stderr, "%s\n", text.c_str());
      return warnings.empty() ? 0 : 2;
    }));
  }
  for (pid_t child : children) CHECK_EQ(status_of(child), 0);
  CHECK(unfinished().empty());
}

TEST_CASE_FIXTURE(CacheFixture, "code that is in use outlives its entry") {
  auto artifact = loader().load_file(input());
  REQUIRE(artifact.has_value());
  auto cache = Cache::open(directory(), {}, {.bytes = 1});
  REQUIRE(cache);
  auto other = loader().compile(test::module_bytes(2));
  REQUIRE(other.has_value());
  cache->store(Digest{2}, *other);
  CHECK(files(".artifact").empty());
  CHECK(same_digest((*artifact)->compute_digest(), (*artifact)->seal().digest));
  CHECK(runs(**artifact));
  uint8_t byte = 0;
  CHECK_EQ(pread((*artifact)->file(), &byte, 1, artifact_page), 1);
}

constexpr int cannot_mount = 77;

// In a process of its own: a file system in memory, seen by it alone.
bool mount_at(const std::string& path, unsigned long flags, const char* options) {
  if (unshare(CLONE_NEWNS) != 0) {
    std::string map = "0 " + std::to_string(geteuid()) + " 1";
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    os::FileDescriptor fd(open("/proc/self/uid_map", O_WRONLY));
    if (write(fd.get(), map.data(), map.size()) < 0) return false;
  }
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("none", path.c_str(), "tmpfs", flags, options) == 0;
}

void expect_done(int status) {
  if (status == cannot_mount) {
    MESSAGE("skipped: this process may not mount a file system");
  } else {
    CHECK_EQ(status, 0);
  }
}

TEST_CASE_FIXTURE(CacheFixture, "a full disk costs a warning") {
  REQUIRE_EQ(mkdir((folder / "mount").c_str(), 0700), 0);
  int status = run([&] {
    if (!mount_at(folder / "mount", 0, "mode=700,size=65536")) return cannot_mount;
    LoaderOptions there = options();
    there.cache_directory = folder / "mount/cache";
    if (!Loader(there).load_file(input())) return 1;
    std::string rest = folder / "mount/rest";
    os::FileDescriptor fd(open(rest.c_str(), O_WRONLY | O_CREAT, 0600));
    const std::vector<uint8_t> zeros(1000);
    while (write(fd.get(), zeros.data(), zeros.size()) > 0) {
    }
    auto artifact = Loader(there).load_file(input(2));
    if (!artifact || !runs(**artifact)) return 2;
    if (warnings.size() != 1) return 3;
    if (warnings[0].find("cannot keep code in the cache: ") == std::string::npos) return 4;
    // What is there already is used.
    if (!Loader(there).load_file(input()) || tier.chunks != 2) return 5;
    unlink(rest.c_str());
    fd = {};
    if (!Loader(there).load_file(input(2)) || !Loader(there).load_file(input(2))) return 6;
    return tier.chunks == 3 && warnings.size() == 1 ? 0 : 7;
  });
  expect_done(status);
}

TEST_CASE_FIXTURE(CacheFixture, "a limit on the size of files is an error and does not kill") {
  CHECK_EQ(load(input()), 1);
  std::string path = input(2);
  int status = run([&] {
    const rlimit limit = {1000, 1000};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 99;
    auto artifact = loader().load_file(path);
    if (artifact || warnings.size() != 1) return 1;
    if (warnings[0].find("cannot write: file too large") == std::string::npos) return 2;
    return artifact.error().message().find("file too large") == std::string::npos ? 3 : 0;
  });
  CHECK_EQ(status, 0);
  CHECK(unfinished().empty());
  CHECK_EQ(load(path), 1);
  CHECK(warnings.empty());
}

// Nothing may be writable and executable at once.
bool is_mapped_from_file(const Artifact& artifact) {
  auto text = reinterpret_cast<uintptr_t>(artifact.text().data());
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  char line[512];
  bool from_file = false;
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    uintptr_t begin = 0, end = 0, inode = 0;
    char access[5] = {};
    if (std::sscanf(line, "%lx-%lx %4s %*s %*s %lu", &begin, &end, access, &inode) != 4) continue;
    if (std::string_view(access).substr(1, 2) == "wx") _exit(98);
    if (text >= begin && text < end) from_file = inode != 0;
  }
  std::fclose(maps);
  return from_file;
}

TEST_CASE_FIXTURE(CacheFixture, "on a file system without execution, code runs from a copy") {
  REQUIRE_EQ(mkdir((folder / "mount").c_str(), 0700), 0);
  int status = run([&] {
    if (!mount_at(folder / "mount", MS_NOEXEC, "mode=700")) return cannot_mount;
    LoaderOptions there = options();
    there.cache_directory = folder / "mount/cache";
    for (int round = 0; round < 2; round++) {
      auto artifact = Loader(there).load_file(input());
      if (!artifact || !runs(**artifact)) return 1;
      if (is_mapped_from_file(**artifact)) return 2;
      if (!same_digest((*artifact)->compute_digest(), (*artifact)->seal().digest)) return 3;
    }
    return tier.chunks == 1 && warnings.empty() ? 0 : 4;
  });
  expect_done(status);
}

TEST_CASE_FIXTURE(CacheFixture, "a key can be made where renaming cannot spare what is there") {
  int status = run([&] {
    refuse(SYS_renameat2, 4, RENAME_NOREPLACE, EINVAL);
    if (load(input()) != 1 || load(input()) != 0) return 1;
    return warnings.empty() ? 0 : 2;
  });
  CHECK_EQ(status, 0);
  CHECK_EQ(load(input()), 0);
  CHECK(unfinished().empty());
}

TEST_CASE_FIXTURE(CacheFixture, "what cannot be opened for the moment is not thrown away") {
  std::string path = input();
  CHECK_EQ(load(path), 1);
  int status = run([&] {
    auto warn = [this](std::string_view text) { warnings.emplace_back(text); };
    auto cache = Cache::open(directory(), warn);
    auto artifact = cache->find((*loader().load_file(path))->key());
    if (!artifact) return 1;
    // The next descriptor, and then none.
    int next = dup(0);
    close(next);
    rlimit limit = {static_cast<rlim_t>(next), static_cast<rlim_t>(next) + 100};
    setrlimit(RLIMIT_NOFILE, &limit);
    if (cache->find(artifact->key()) != nullptr || warnings.size() != 1) return 2;
    limit.rlim_cur++;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (Cache::open(directory(), warn) != nullptr || warnings.size() != 2) return 3;
    limit.rlim_cur += 50;
    setrlimit(RLIMIT_NOFILE, &limit);
    return cache->find(artifact->key()) != nullptr ? 0 : 4;
  });
  CHECK_EQ(status, 0);
  // The key is the same.
  CHECK_EQ(load(path), 0);
  CHECK(warnings.empty());
}

TEST_CASE_FIXTURE(CacheFixture, "a key that others may read is nobody's") {
  std::string path = input();
  CHECK_EQ(load(path), 1);
  REQUIRE_EQ(chmod((folder / "cache/key").c_str(), 0644), 0);
  CHECK_EQ(load(path), 1);
  REQUIRE_EQ(warnings.size(), 2);
  CHECK_NE(warnings[0].find("key of the code cache is replaced: others may read"),
           std::string::npos);
}

}  // namespace
}  // namespace tenon::compiler
