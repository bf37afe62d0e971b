#include <doctest/doctest.h>

#include "wasi/p1/functions.h"
#include "wasi/p1/test_guest.h"

// Every pointer that a guest passes is checked: one that leads out of its memory, or is not
// aligned, traps.
namespace tenon::wasi::p1 {
namespace {

// Arguments with which the function reads or writes through all of its pointers, and where these
// are.
struct Case {
  std::string_view name;
  std::vector<uint64_t> args;
  std::vector<size_t> pointers;
  std::vector<size_t> bytes_pointers = {};  // need no alignment
};

// In the guest's memory: 0..1023 are zero and may be written; `path` is a name; `vector` is an
// iovec of 8 bytes.
constexpr uint32_t scratch = 64;
constexpr uint32_t path = 1'024;
constexpr uint32_t link_path = 1'030;
constexpr uint32_t vector = 1'040;
constexpr uint32_t file = 5;

std::vector<Case> cases() {
  return {
      {"args_get", {scratch, scratch + 32}, {0}, {1}},
      {"args_sizes_get", {scratch, scratch + 8}, {0, 1}},
      {"environ_get", {scratch, scratch + 32}, {0}, {1}},
      {"environ_sizes_get", {scratch, scratch + 8}, {0, 1}},
      {"clock_res_get", {0, scratch}, {1}},
      {"clock_time_get", {0, 0, scratch}, {2}},
      {"fd_fdstat_get", {file, scratch}, {1}},
      {"fd_filestat_get", {file, scratch}, {1}},
      {"fd_pread", {file, vector, 1, 0, scratch}, {1, 4}},
      {"fd_prestat_get", {3, scratch}, {1}},
      {"fd_prestat_dir_name", {4, scratch, 6}, {}, {1}},
      {"fd_pwrite", {file, vector, 1, 0, scratch}, {1, 4}},
      {"fd_read", {file, vector, 1, scratch}, {1, 3}},
      {"fd_readdir", {3, scratch, 64, 0, scratch + 128}, {4}, {1}},
      {"fd_seek", {file, 0, 0, scratch}, {3}},
      {"fd_tell", {file, scratch}, {1}},
      {"fd_write", {1, vector, 1, scratch}, {1, 3}},
      {"path_create_directory", {3, path, 4}, {}, {1}},
      {"path_filestat_get", {3, 0, path, 1, scratch}, {4}, {2}},
      {"path_filestat_set_times", {3, 0, path, 4, 0, 0, 0}, {}, {2}},
      {"path_link", {3, 0, path, 4, 3, path, 4}, {}, {2, 5}},
      {"path_open", {3, 0, path, 1, 0, rights::fd_read, 0, 0, scratch}, {8}, {2}},
      {"path_readlink", {3, link_path, 1, scratch, 1, scratch + 16}, {5}, {1, 3}},
      {"path_remove_directory", {3, path, 4}, {}, {1}},
      {"path_rename", {3, path, 4, 3, path, 4}, {}, {1, 4}},
      {"path_symlink", {path, 4, 3, path, 4}, {}, {0, 3}},
      {"path_unlink_file", {3, path, 4}, {}, {1}},
      {"poll_oneoff", {scratch, scratch + 64, 1, scratch + 128}, {0, 1, 3}},
      {"random_get", {scratch, 8}, {}, {0}},
  };
}

const Function& find(std::string_view name) {
  for (const Function& function : functions()) {
    if (function.name == name) return function;
  }
  std::abort();
}

class Bounds : public TestGuest {
 public:
  Bounds() : TestGuest({.args = {"a"}, .env = {{"A", "1"}}}, "input") {
    next = 4'096;
    if (open("f", rights::fd_read | rights::fd_write, oflags::creat) != Error::success)
      std::abort();
    if (!root->symlink("f", "l").has_value()) std::abort();
    std::memcpy(memory.data() + path, "f   ", 4);
    memory[link_path] = 'l';
    set(vector, scratch);
    set(vector + 4, uint32_t{8});
  }

  // The trap, if any.
  std::optional<Trap> run(const Function& function, const std::vector<uint64_t>& args) {
    Guest guest(memory);
    function.call(*process, guest, args.data());
    return guest.take_trap();
  }
};

TEST_CASE("a pointer that leads out of memory traps, in every place") {
  for (const Case& item : cases()) {
    CAPTURE(item.name);
    const Function& function = find(item.name);
    REQUIRE(function.params.count == item.args.size());
    CHECK_FALSE(Bounds().run(function, item.args).has_value());
    std::vector<size_t> all = item.pointers;
    all.insert(all.end(), item.bytes_pointers.begin(), item.bytes_pointers.end());
    for (size_t position : all) {
      CAPTURE(position);
      for (uint64_t pointer : {uint64_t{Bounds::memory_size}, uint64_t{0x7ffffff8},
                               uint64_t{0x80000000}, uint64_t{0xfffffff8}}) {
        std::vector<uint64_t> args = item.args;
        args[position] = pointer;
        std::optional<Trap> trap = Bounds().run(function, args);
        REQUIRE(trap.has_value());
        CHECK(trap->code == TrapCode::host);
        CHECK(trap->message.starts_with("pointer out of bounds"));
      }
    }
    for (size_t position : item.pointers) {
      std::vector<uint64_t> args = item.args;
      args[position] += 1;
      std::optional<Trap> trap = Bounds().run(function, args);
      REQUIRE(trap.has_value());
      CHECK(trap->message.starts_with("pointer not aligned"));
    }
  }
}

TEST_CASE("buffers in an iovec are checked, each of them") {
  for (const char* name : {"fd_read", "fd_write", "fd_pread", "fd_pwrite"}) {
    CAPTURE(name);
    const Function& function = find(name);
    for (auto [pointer, size] : {std::pair{Bounds::memory_size - 7, 8u},
                                 {0u, Bounds::memory_size + 1},
                                 {UINT32_MAX, 1u},
                                 {UINT32_MAX, UINT32_MAX},
                                 {1u, UINT32_MAX}}) {
      Bounds guest;
      guest.set(vector + 8, pointer);
      guest.set(vector + 12, size);
      std::vector<uint64_t> args = {file, vector, 2, scratch, scratch};
      if (function.params.count == 5) args[3] = 0;
      std::optional<Trap> trap = guest.run(function, args);
      REQUIRE(trap.has_value());
      CHECK(trap->message.starts_with("pointer out of bounds"));
    }
  }
}

TEST_CASE("the table has every function of preview 1, with its signature") {
  CHECK(functions().size() == 46);
  const Function& open = find("path_open");
  REQUIRE(open.params.count == 9);
  for (uint32_t i = 0; i < 9; ++i) {
    bool is_rights = i == 5 || i == 6;
    CHECK(open.params.types[i] == (is_rights ? abi::CoreType::i64 : abi::CoreType::i32));
  }
  CHECK(open.has_result);
  CHECK_FALSE(find("proc_exit").has_result);
  CHECK(find("sched_yield").params.count == 0);
}

TEST_CASE("arguments of any value do no harm") {
  uint64_t seed = 1;
  auto random = [&] {
    return seed = seed * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407, seed >> 33;
  };
  Bounds guest;
  for (int round = 0; round < 20'000; ++round) {
    const Function& function = functions()[random() % functions().size()];
    // Time in this world passes by itself; nothing waits.
    std::vector<uint64_t> args;
    for (uint32_t i = 0; i <= function.params.count; ++i) {
      switch (random() % 4) {
        case 0: args.push_back(random() % 10); break;
        case 1: args.push_back(random() % Bounds::memory_size / 8 * 8); break;
        case 2: args.push_back(random() << 33 | random()); break;
        case 3: args.push_back(path); break;
      }
    }
    (void)guest.run(function, args);
  }
}

}  // namespace
}  // namespace tenon::wasi::p1
