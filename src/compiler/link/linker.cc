#include "compiler/link/linker.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace tenon::compiler {

namespace {

constexpr uint8_t int3 = 0xcc;

void append_leb(std::vector<uint8_t>& bytes, uint32_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<uint8_t>(value | 0x80));
  bytes.push_back(static_cast<uint8_t>(value));
}

FunctionName name_of(const FunctionEntry& entry) {
  return {entry.module, entry.function};
}

}  // namespace

Result<void> Linker::add(const ObjectCode& object) {
  Placed placed = TRY(place(object));
  TRY_VOID(add_functions(object, placed));
  TRY_VOID(add_tables(object, placed));
  for (const ObjectRelocation& relocation : object.relocations) {
    Pending pending;
    pending.in_text = object.sections[relocation.place.section].is_text;
    pending.place = placed.bases[relocation.place.section] + relocation.place.offset;
    pending.addend = relocation.addend;
    if (const auto* function = std::get_if<FunctionName>(&relocation.target)) {
      pending.target = Pending::Target::function;
      pending.function = *function;
    } else if (const auto* table = std::get_if<ClosedTableName>(&relocation.target)) {
      pending.target = Pending::Target::closed_table;
      pending.table = *table;
    } else {
      uint32_t section = std::get<uint32_t>(relocation.target);
      bool to_text = object.sections[section].is_text;
      pending.target = to_text ? Pending::Target::text : Pending::Target::rodata;
      pending.addend += placed.bases[section];
    }
    pending_.push_back(pending);
  }
  return {};
}

Result<Linker::Placed> Linker::place(const ObjectCode& object) {
  Placed placed;
  for (const ObjectSection& section : object.sections) {
    std::vector<uint8_t>& to = section.is_text ? text_ : rodata_;
    uint64_t base = (to.size() + section.alignment - 1) & ~(uint64_t{section.alignment} - 1);
    if (base + section.bytes.size() > max_text_bytes) {
      return fail(ErrorCode::limit,
                  fmt::format("the code is larger than {} MiB", max_text_bytes >> 20));
    }
    to.resize(base, section.is_text ? int3 : uint8_t{0});
    to.insert(to.end(), section.bytes.begin(), section.bytes.end());
    placed.bases.push_back(static_cast<uint32_t>(base));
  }
  return placed;
}

Result<void> Linker::add_functions(const ObjectCode& object, const Placed& placed) {
  for (const ObjectFunction& function : object.functions) {
    FunctionEntry entry{placed.bases[function.place.section] + function.place.offset,
                        function.name.module, function.name.function};
    functions_.push_back(entry);
  }
  return {};
}

Result<void> Linker::add_tables(const ObjectCode& object, const Placed& placed) {
  for (const ObjectUnwindRow& row : object.unwind)
    TRY_VOID(add_unwind(placed.bases[row.start.section] + row.start.offset, row.rule));
  for (const ObjectLandingPad& row : object.landing_pads) {
    uint32_t base = placed.bases[row.place.section];
    LandingPad result{base + row.place.offset, base + row.place.offset + row.size, base + row.pad};
    if (!landing_pads_.empty() && landing_pads_.back().end > result.start)
      return fail(ErrorCode::compile, "landing pads are out of order");
    landing_pads_.push_back(result);
  }
  TRY_VOID(add_safepoints(object, placed));
  for (const ObjectPosition& row : object.positions) {
    uint32_t start = placed.bases[row.start.section] + row.start.offset;
    if (start < last_position_.start) return fail(ErrorCode::compile, "positions are out of order");
    add_position(start, row.position);
  }
  return {};
}

Result<void> Linker::add_unwind(uint32_t start, const UnwindRule& rule) {
  auto [known, is_new] =
      rule_numbers_.try_emplace(rule, static_cast<uint32_t>(unwind_rules_.size()));
  if (is_new) unwind_rules_.push_back(rule);
  uint32_t number = known->second;
  if (!unwind_.empty() && unwind_.back().rule == number) return {};
  if (!unwind_.empty() && unwind_.back().start > start)
    return fail(ErrorCode::compile, "unwind rows are out of order");
  unwind_.push_back({start, number});
  return {};
}

Result<void> Linker::add_safepoints(const ObjectCode& object, const Placed& placed) {
  for (const ObjectSafepoint& call : object.safepoints) {
    uint32_t place = placed.bases[call.place.section] + call.place.offset;
    if (!safepoints_.empty() && safepoints_.back().return_offset >= place)
      return fail(ErrorCode::compile, "safepoints are out of order");
    safepoints_.push_back({place, static_cast<uint32_t>(roots_.size())});
    auto first = object.roots.begin() + call.first_root;
    roots_.insert(roots_.end(), first, first + call.count);
  }
  return {};
}

void Linker::add_position(uint32_t start, uint32_t position) {
  if (!position_blocks_.empty() && last_position_.position == position) return;
  if (position_blocks_.empty() || block_rows_ == position_block_rows) {
    position_blocks_.push_back({start, position, static_cast<uint32_t>(position_stream_.size())});
    block_rows_ = 0;
  } else {
    append_leb(position_stream_, start - last_position_.start);
    uint32_t difference = position - last_position_.position;
    append_leb(position_stream_, difference << 1 ^ (0 - (difference >> 31)));
  }
  block_rows_++;
  last_position_ = {start, position, 0};
}

Result<uint32_t> Linker::closed_table_start(ClosedTableName name) {
  auto [known, is_new] = closed_tables_.try_emplace(name);
  if (!is_new) return known->second;
  const ClosedTable* table = nullptr;
  if (name.module < jobs_.size())
    table = jobs_[name.module].calls.closed_table(wasm::TableIndex(name.table));
  if (table == nullptr) {
    return fail(ErrorCode::compile,
                fmt::format("t{}_{} is used, and is not a closed table", name.module, name.table));
  }
  rodata_.resize((rodata_.size() + alignof(ClosedElement) - 1) & -alignof(ClosedElement));
  size_t start = rodata_.size();
  size_t size = table->elements.size() * sizeof(ClosedElement);
  if (start + size > max_text_bytes)
    return fail(ErrorCode::limit, "the closed tables are too large");
  rodata_.resize(start + size);
  known->second = static_cast<uint32_t>(start);
  const wasm::Module& module = *jobs_[name.module].module;
  for (size_t i = 0; i < table->elements.size(); i++) {
    wasm::FuncIndex function = table->elements[i];
    ClosedElement element{0, UINT32_MAX};
    uint64_t offset = i * sizeof element;
    if (function != no_function) {
      element.type = module.canonical_types[module.functions[function]].index;
      // From the table's start, not from the element.
      pending_.push_back({.in_text = false,
                          .place = static_cast<uint32_t>(start + offset),
                          .target = Pending::Target::function,
                          .function = {name.module, function.index},
                          .addend = static_cast<int64_t>(offset)});
    }
    std::memcpy(rodata_.data() + start + offset, &element, sizeof element);
  }
  return known->second;
}

Result<void> Linker::place_closed_tables() {
  for (size_t i = 0; i < pending_.size(); i++) {
    if (pending_[i].target != Pending::Target::closed_table) continue;
    int64_t start = TRY(closed_table_start(pending_[i].table));  // adds to pending_
    pending_[i].target = Pending::Target::rodata;
    pending_[i].addend += start;
  }
  return {};
}

Result<void> Linker::sort_names() {
  by_name_ = functions_;
  std::ranges::sort(by_name_, {}, name_of);
  auto twice = std::ranges::adjacent_find(by_name_, {}, name_of);
  if (twice == by_name_.end()) return {};
  return fail(ErrorCode::compile,
              fmt::format("function w{}_{} is defined twice", twice->module, twice->function));
}

Result<uint32_t> Linker::function_start(const FunctionName& name) const {
  auto it = std::ranges::lower_bound(by_name_, name, {}, name_of);
  if (it == by_name_.end() || name_of(*it) != name) {
    return fail(ErrorCode::compile, fmt::format("function w{}_{} is called and not defined",
                                                name.module, name.function));
  }
  return it->start;
}

Result<void> Linker::finish(ArtifactContents& contents) {
  TRY_VOID(sort_names());
  TRY_VOID(place_closed_tables());
  contents.entries.reserve(by_name_.size());
  for (const FunctionEntry& entry : by_name_) contents.entries.push_back(entry.start);
  const int64_t rodata_base = static_cast<int64_t>(rodata_distance(text_.size()));
  for (const Pending& pending : pending_) {
    int64_t target = pending.addend;
    if (pending.target == Pending::Target::rodata) target += rodata_base;
    if (pending.target == Pending::Target::function)
      target += TRY(function_start(pending.function));
    int64_t distance = target - pending.place - (pending.in_text ? 0 : rodata_base);
    auto value = static_cast<int32_t>(distance);
    if (value != distance)
      return fail(ErrorCode::compile, "a reference that is too far for 32 bits");
    std::memcpy((pending.in_text ? text_ : rodata_).data() + pending.place, &value, sizeof value);
  }
  contents.text = std::move(text_);
  contents.rodata = std::move(rodata_);
  contents.functions = std::move(functions_);
  contents.unwind = std::move(unwind_);
  contents.unwind_rules = std::move(unwind_rules_);
  contents.landing_pads = std::move(landing_pads_);
  // No call returns to the very start of a text.
  if (!safepoints_.empty())
    safepoints_.push_back({UINT32_MAX, static_cast<uint32_t>(roots_.size())});
  contents.safepoints = std::move(safepoints_);
  contents.roots = std::move(roots_);
  contents.position_blocks = std::move(position_blocks_);
  contents.position_stream = std::move(position_stream_);
  return {};
}

}  // namespace tenon::compiler
