#pragma once

#include "wasm/validate/function.h"

// Member functions of BodyWalker: frames and branches.
namespace tenon::wasm {

// Whether a type from the body, if it refers to a defined type, refers to one that is there.
template <Sink S>
bool BodyWalker<S>::known_type(ValType type) {
  if (!type.is_ref() || !type.heap().is_concrete() || module_.types.contains(type.heap().type()))
    return true;
  fail_unknown("type", type.heap().type().index);
  return false;
}

// wasm: valid-blocktype
template <Sink S>
bool BodyWalker<S>::block_type(BlockType& type) {
  uint8_t first = in_.peek();
  if (first == type_code::empty) {
    in_.byte();
    return true;
  }
  if (Reader::starts_val_type(first)) {
    ValType result = in_.val_type();
    if (!in_.ok() || !known_type(result)) return false;
    if (block_results_.empty() || block_results_.back() != result) block_results_.push_back(result);
    type.results = {&block_results_.back(), 1};
    return true;
  }
  int64_t index = in_.s33();
  if (!in_.ok() || !in_.require(Feature::multi_value, "a block with a type index", at_))
    return false;
  if (index < 0) {
    in_.fail_at("malformed block type", at_);
    return false;
  }
  if (static_cast<uint64_t>(index) >= module_.types.size()) {
    fail_unknown("type", static_cast<uint64_t>(index));
    return false;
  }
  const SubType& defined = module_.types[TypeIndex(static_cast<uint32_t>(index))];
  if (defined.kind != SubType::Kind::func) {
    fail_kind(TypeIndex(static_cast<uint32_t>(index)), "function");
    return false;
  }
  type = {defined.func.params, defined.func.results};
  return true;
}

// Its parameters are the topmost operands.
template <Sink S>
void BodyWalker<S>::open_frame(FrameKind kind, const BlockType& type) {
  if (frames_.size() >= limits::max_control_depth) {
    return fail_limit(frames_.size() + 1, "nested blocks", limits::max_control_depth);
  }
  if (!frames_.empty()) frames_.back().polymorphic = polymorphic_;
  Frame& frame = frames_.emplace_back();
  frame.type = type;
  frame.kind = kind;
  frame.height = operands_.size() - static_cast<uint32_t>(type.params.size());
  frame.saved_params = static_cast<uint32_t>(saved_params_.size());
  frame.set_locals = static_cast<uint32_t>(set_locals_.size());
  frame.opened_live = live_;
  height_ = frame.height;
  polymorphic_ = false;
}

// wasm: valid-block
// wasm: valid-loop
// wasm: valid-if
template <Sink S>
void BodyWalker<S>::open(Opcode op) {
  BlockType type;
  if (!block_type(type)) return;
  Value condition{};
  if (op == Opcode::if_) condition = pop(ValType::i32);
  if (!expect_top(type.params)) return;
  retype_top(type.params);
  FrameKind kind = op == Opcode::block  ? FrameKind::block
                   : op == Opcode::loop ? FrameKind::loop
                                        : FrameKind::if_;
  open_frame(kind, type);
  if (!live_) return;
  Frame& frame = frames_.back();
  switch (kind) {
    case FrameKind::loop:
      sink_.loop(frame.control, type,
                 operands_.values(height_, static_cast<uint32_t>(type.params.size())));
      return;
    case FrameKind::if_: {
      auto params = top(type.params.size());
      saved_params_.insert(saved_params_.end(), params.begin(), params.end());
      sink_.if_(frame.control, type, condition);
      return;
    }
    default: sink_.block(frame.control, type);
  }
}

// Locals that got their first value within the frame have none behind it.
template <Sink S>
void BodyWalker<S>::unset_locals(const Frame& frame) {
  for (; set_locals_.size() > frame.set_locals; set_locals_.pop_back())
    is_set_[set_locals_.back()] = false;
}

// The end of the frame or of its first arm: exactly the results are there.
template <Sink S>
bool BodyWalker<S>::close_arm(const Frame& frame) {
  if (!expect_top(frame.type.results)) return false;
  size_t left = operands_.size() - height_ - frame.type.results.size();
  if (left != 0) {
    fail_left_over(left);
    return false;
  }
  retype_top(frame.type.results);
  if (set_locals_.size() > frame.set_locals) [[unlikely]]
    unset_locals(frame);
  return true;
}

// From the first arm of an `if` to the second.
template <Sink S>
void BodyWalker<S>::switch_arm(Frame& frame) {
  bool falls_through = live_;
  frame.branched_to |= falls_through;  // the end is reached, whatever the second arm does
  if (frame.opened_live)
    sink_.else_(frame.control, frame.type, top(frame.type.results.size()), falls_through);
  operands_.shrink(height_);
  std::span<const Value> saved;
  if (frame.opened_live) saved = std::span(saved_params_).subspan(frame.saved_params);
  push_all(frame.type.params, saved);
  saved_params_.resize(frame.saved_params);
  frame.has_else = true;
  polymorphic_ = false;
  live_ = frame.opened_live;
}

template <Sink S>
void BodyWalker<S>::else_() {
  Frame& frame = frames_.back();
  if (frame.kind != FrameKind::if_ || frame.has_else) return fail_malformed("`else` without `if`");
  if (frame.opened_live && !live_) sink_.set_position(at_);
  if (close_arm(frame)) switch_arm(frame);
}

template <Sink S>
void BodyWalker<S>::end() {
  Frame& frame = frames_.back();
  if (frame.opened_live && !live_) sink_.set_position(at_);
  if (!close_arm(frame)) return;
  if (frame.kind == FrameKind::if_ && !frame.has_else) {
    switch_arm(frame);
    if (!close_arm(frame)) return;
  }
  FrameEnd how{.falls_through = live_, .branched_to = frame.branched_to};
  bool continues = how.falls_through || (how.branched_to && frame.kind != FrameKind::loop);
  bool is_body = frame.kind == FrameKind::function;
  if (frame.opened_live) {
    auto values = operands_.values(height_, static_cast<uint32_t>(frame.type.results.size()));
    sink_.end(frame.control, frame.kind, frame.type, how, values);
    if (is_body && continues) sink_.return_(values);
  }
  live_ = frame.opened_live && continues;
  frames_.pop_back();
  if (is_body) return;
  height_ = frames_.back().height;
  polymorphic_ = frames_.back().polymorphic;
}

template <Sink S>
void BodyWalker<S>::become_unreachable() {
  operands_.shrink(height_);
  polymorphic_ = true;
  live_ = false;
}

// The frame that a label of this depth belongs to. Null after a failure.
template <Sink S>
auto BodyWalker<S>::label(uint32_t depth) -> Frame* {
  if (depth < frames_.size()) return &frames_[frames_.size() - 1 - depth];
  fail_unknown("label", depth);
  return nullptr;
}

// wasm: valid-br
template <Sink S>
void BodyWalker<S>::br() {
  Frame* target = label(in_.u32());
  if (!target) return;
  bool fits = consume(target->label_types(), [&](auto values) {
    target->branched_to = true;
    sink_.br(target->control, values);
  });
  if (fits) become_unreachable();
}

// wasm: valid-br_if
template <Sink S>
void BodyWalker<S>::br_if() {
  Frame* target = label(in_.u32());
  if (!target) return;
  Value condition = pop(ValType::i32);
  auto types = target->label_types();
  if (!expect_top(types)) return;
  if (live_) {
    target->branched_to = true;
    sink_.br_if(target->control, condition, top(types.size()));
  }
  retype_top(types);
}

// wasm: valid-br_table
template <Sink S>
void BodyWalker<S>::br_table() {
  uint32_t count = in_.count();
  if (count > limits::max_br_table_targets) {
    return fail_limit(count, "branch targets", limits::max_br_table_targets);
  }
  target_depths_.clear();
  for (uint32_t i = 0; i <= count; ++i) target_depths_.push_back(in_.u32());
  if (!in_.ok()) return;
  Value index = pop(ValType::i32);
  Frame* default_target = label(target_depths_.back());
  if (!default_target) return;
  size_t arity = default_target->label_types().size();
  std::span<const ValType> checked;
  target_controls_.clear();
  ++br_tables_;
  for (uint32_t depth : target_depths_) {
    Frame* target = label(depth);
    if (!target) return;
    auto types = target->label_types();
    if (types.size() != arity)
      return fail_text("type mismatch: the labels of a br_table differ in length");
    // Long lists of the same few labels are checked once for each label.
    if (target->checked_by != br_tables_ && types.data() != checked.data() && !expect_top(types))
      return;
    target->checked_by = br_tables_;
    checked = types;
    if (!live_) continue;
    target->branched_to = true;
    target_controls_.push_back(&target->control);
  }
  if (live_) sink_.br_table(index, target_controls_, top(arity));
  become_unreachable();
}

// wasm: valid-return
template <Sink S>
void BodyWalker<S>::return_() {
  if (consume(frames_.front().type.results, [&](auto values) { sink_.return_(values); }))
    become_unreachable();
}

}  // namespace tenon::wasm
