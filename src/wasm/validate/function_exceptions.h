#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: exceptions.
namespace tenon::wasm {

template <Sink S>
auto BodyWalker<S>::tag_type(TagIndex& tag) -> const FuncType* {
  tag = TagIndex(in_.u32());
  if (module_.tags.contains(tag)) return &module_.types[module_.tags[tag].type].func;
  fail_unknown("tag", tag.index);
  return nullptr;
}

// One clause, appended to catches_ (without its target) and catch_depths_.
// wasm: valid-catch
template <Sink S>
bool BodyWalker<S>::catch_clause() {
  uint8_t kind = in_.byte();
  if (kind > static_cast<uint8_t>(CatchKind::catch_all_ref)) {
    in_.fail_at("malformed catch clause", at_);
    return false;
  }
  Catch<Control> clause;
  clause.kind = static_cast<CatchKind>(kind);
  bool has_tag = clause.kind == CatchKind::catch_ || clause.kind == CatchKind::catch_ref;
  if (has_tag) clause.type = tag_type(clause.tag);
  if (has_tag && !clause.type) return false;
  uint32_t depth = in_.u32();
  Frame* target = in_.ok() ? label(depth) : nullptr;
  if (!target) return false;
  constexpr ValType exception = ValType::reference(HeapType::exn, false);
  auto wanted = target->label_types();
  std::span<const ValType> values;
  if (has_tag) values = clause.type->params;
  size_t carried = values.size() + (clause.has_reference() ? 1 : 0);
  bool fits = wanted.size() == carried &&
              results_match(module_, values, wanted.first(values.size())) &&
              (!clause.has_reference() || val_matches(module_, exception, wanted.back()));
  if (!fits) {
    fail_text("type mismatch: a catch clause does not carry what its label takes");
    return false;
  }
  catches_.push_back(clause);
  catch_depths_.push_back(depth);
  return true;
}

// wasm: valid-try_table
template <Sink S>
void BodyWalker<S>::try_table() {
  BlockType type;
  if (!block_type(type)) return;
  uint32_t count = in_.count();
  if (count > limits::max_catches) return fail_limit(count, "catch clauses", limits::max_catches);
  catches_.clear();
  catch_depths_.clear();
  for (uint32_t i = 0; i < count; ++i) {
    if (!catch_clause()) return;
  }
  if (!in_.ok() || !expect_top(type.params)) return;
  retype_top(type.params);
  open_frame(FrameKind::try_table, type);
  if (!live_) return;
  // The labels are those outside of the frame.
  for (uint32_t i = 0; i < count; ++i) {
    Frame& target = frames_[frames_.size() - 2 - catch_depths_[i]];
    target.branched_to = true;
    catches_[i].target = &target.control;
  }
  sink_.try_table(frames_.back().control, type, std::span<const Catch<Control>>(catches_));
}

// wasm: valid-throw
template <Sink S>
void BodyWalker<S>::throw_() {
  TagIndex tag;
  const FuncType* type = tag_type(tag);
  if (!type) return;
  if (consume(type->params, [&](auto values) { sink_.throw_(tag, *type, values); }))
    become_unreachable();
}

// wasm: valid-throw_ref
template <Sink S>
void BodyWalker<S>::throw_ref() {
  auto exception = pop_reference(ValType::exnref());
  if (live_) sink_.throw_ref(exception);
  become_unreachable();
}

}  // namespace tenon::wasm
