#include "runtime/memory.h"

#include <cstdio>
#include <fstream>
#include <string>

#include "runtime/test_text_guest.h"

namespace tenon::runtime {
namespace {

// What the system says of the mapping at `address`, in its two-letter flags ("rd wr mr mw me hg").
std::string flags_of(const uint8_t* address) {
  std::ifstream maps("/proc/self/smaps");
  bool is_there = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long start = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &start, &end) == 2)
      is_there = reinterpret_cast<uintptr_t>(address) - start < end - start;
    if (is_there && line.starts_with("VmFlags:")) return line;
  }
  return "";
}

bool has_huge_pages(const Memory& memory) {
  return flags_of(memory.base()).find(" hg") != std::string::npos;
}

bool system_has_huge_pages() {
  return std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled").good();
}

constexpr wasm::MemoryType pages(uint64_t min) {
  wasm::MemoryType type = {};
  type.limits.min = min;
  return type;
}

}  // namespace

TEST_CASE("memory: large ones may have huge pages, from the start or once they have grown") {
  if (!system_has_huge_pages()) {
    MESSAGE("skipped: this system has no huge pages");
    return;
  }
  for (bool wanted : {true, false}) {
    CAPTURE(wanted);
    EngineConfig config;
    if (!wanted) config.huge_pages_from = 0;
    TextWorld world(config);
    Memory& large = **world.store->add_memory(pages(64), 100);
    CHECK(has_huge_pages(large) == wanted);
    if (wanted) CHECK(reinterpret_cast<uintptr_t>(large.base()) % os::huge_page_size == 0);
    large.base()[-100] = large.base()[large.byte_length() - 1] = 1;
    CHECK_FALSE(large.reserves(large.base() - 1));
    Memory& small = **world.store->add_memory(pages(17));
    CHECK_FALSE(has_huge_pages(small));
    CHECK(small.grow(46) == 17u);
    CHECK_FALSE(has_huge_pages(small));
    CHECK(small.grow(1) == 63u);
    CHECK(has_huge_pages(small) == wanted);
    small.base()[small.byte_length() - 1] = 1;
  }
}

}  // namespace tenon::runtime
