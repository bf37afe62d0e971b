#include "compiler/memory_image.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "compiler/artifact/format.h"

namespace tenon::compiler {

namespace {

constexpr uint64_t max_image_pages = uint64_t{1} << 40;

struct Range {
  uint64_t begin;
  uint64_t end;
};

uint64_t page_begin(uint64_t address) {
  return address & ~(artifact_page - 1);
}
uint64_t page_end(uint64_t address) {
  return page_begin(address + artifact_page - 1);
}

std::optional<uint64_t> constant_offset(const wasm::ConstExpr& expr) {
  if (expr.size() != 1) return std::nullopt;
  if (expr[0].kind == wasm::ConstOp::Kind::i32_const) return static_cast<uint32_t>(expr[0].bits);
  if (expr[0].kind == wasm::ConstOp::Kind::i64_const) return expr[0].bits;
  return std::nullopt;
}

bool can_have_image(const wasm::Module& module, wasm::MemoryIndex memory) {
  const wasm::MemoryType& type = module.memories[memory];
  return memory.index >= module.imported_memories && !type.is_shared && type.page_size_log2 == 16;
}

// The segment's place when it certainly fits a memory that this module defines.
std::optional<Range> certain_place(const wasm::Module& module, const wasm::DataSegment& segment) {
  auto offset = constant_offset(segment.offset);
  if (!offset || !can_have_image(module, segment.memory)) return std::nullopt;
  uint64_t pages = module.memories[segment.memory].limits.min;
  // A larger memory is never made; here its end could be beyond 2^64.
  if (pages > max_image_pages) return std::nullopt;
  uint64_t size = pages << 16;
  if (*offset > size || segment.bytes.size() > size - *offset) return std::nullopt;
  return Range{*offset, *offset + segment.bytes.size()};
}

// Whole pages that cover the ranges, at most max_images_per_memory of them: the smallest gaps are
// filled.
std::vector<Range> cover(std::vector<Range> ranges) {
  std::ranges::sort(ranges, {}, &Range::begin);
  std::vector<Range> pages;
  for (const Range& range : ranges) {
    Range rounded{page_begin(range.begin), page_end(range.end)};
    if (!pages.empty() && rounded.begin <= pages.back().end) {
      pages.back().end = std::max(pages.back().end, rounded.end);
    } else {
      pages.push_back(rounded);
    }
  }
  if (pages.size() <= max_images_per_memory) return pages;
  std::vector<uint64_t> gaps;
  for (size_t i = 1; i < pages.size(); i++) gaps.push_back(pages[i].begin - pages[i - 1].end);
  auto kept = gaps.begin() + (max_images_per_memory - 1);
  std::ranges::nth_element(gaps, kept, std::greater<>());
  const uint64_t limit = *kept;  // gaps above it stay
  std::vector<Range> merged = {pages[0]};
  for (size_t i = 1; i < pages.size(); i++) {
    if (pages[i].begin - merged.back().end > limit) {
      merged.push_back(pages[i]);
    } else {
      merged.back().end = pages[i].end;
    }
  }
  return merged;
}

struct Folded {
  size_t segment;
  Range place;
};

void fold_memory(const wasm::Module& module, wasm::MemoryIndex memory,
                 const std::vector<Folded>& folded, MemoryImages& result) {
  std::vector<Range> ranges;
  uint64_t used = 0;
  for (const Folded& f : folded) {
    if (module.datas[wasm::DataIndex(f.segment)].memory != memory || f.place.begin == f.place.end)
      continue;
    ranges.push_back(f.place);
    used += f.place.end - f.place.begin;
  }
  if (ranges.empty()) return;
  std::vector<Range> pages = cover(std::move(ranges));
  uint64_t total = 0;
  for (const Range& range : pages) total += range.end - range.begin;
  if (total > std::max(small_image_bytes, 2 * used)) return;

  uint64_t first_byte = result.bytes.size();
  size_t first_image = result.images.size();
  result.bytes.resize(first_byte + total);
  uint64_t next = first_byte;
  for (const Range& range : pages) {
    result.images.push_back({memory.index, range.begin, next, range.end - range.begin});
    next += range.end - range.begin;
  }
  for (const Folded& f : folded) {
    const wasm::DataSegment& segment = module.datas[wasm::DataIndex(f.segment)];
    if (segment.memory != memory) continue;
    result.in_image[f.segment] = true;
    if (segment.bytes.empty()) continue;
    auto after = std::upper_bound(
        result.images.begin() + static_cast<ptrdiff_t>(first_image), result.images.end(),
        f.place.begin, [](uint64_t address, const MemoryImage& i) { return address < i.address; });
    const MemoryImage& image = *std::prev(after);
    std::memcpy(result.bytes.data() + image.image_offset + (f.place.begin - image.address),
                segment.bytes.data(), segment.bytes.size());
  }
}

}  // namespace

MemoryImages build_memory_images(const wasm::Module& module) {
  MemoryImages result;
  result.in_image.assign(module.datas.size(), false);
  std::vector<Folded> folded;
  for (size_t i = 0; i < module.datas.size(); i++) {
    const wasm::DataSegment& segment = module.datas[wasm::DataIndex(i)];
    if (segment.mode != wasm::SegmentMode::active) continue;
    auto place = certain_place(module, segment);
    if (!place) break;
    folded.push_back({i, *place});
  }
  for (size_t i = 0; i < module.memories.size(); i++)
    fold_memory(module, wasm::MemoryIndex(i), folded, result);
  return result;
}

}  // namespace tenon::compiler
