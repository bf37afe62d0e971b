#include "wasm/text/folded_printer.h"

#include <algorithm>
#include <ranges>

namespace tenon::wasm::text {

void FoldedPrinter::function(Reader& in, uint64_t start, const BodyPrinter::Hints* hints,
                             uint32_t type) {
  nodes_.clear();
  frames_.clear();
  end_is_invalid_ = false;
  Frame outermost;
  outermost.label_arity = type_arity(type).results;
  frames_.push_back(std::move(outermost));
  read(in, start, hints);
  if (in.ok()) print();
}

size_t FoldedPrinter::expression(Reader& in) {
  nodes_.clear();
  frames_.assign(1, Frame());
  read(in, 0, nullptr);
  if (!in.ok()) return 0;
  std::vector<Task> tasks;
  list(frames_[0].list, tasks);
  bool is_first = true;
  while (!tasks.empty() && to_.out().size() < max_printed_bytes) {
    Task task = tasks.back();
    tasks.pop_back();
    if (task.kind == Task::Kind::close) {
      to_.put(")");
      continue;
    }
    if (!is_first) to_.put(" ");
    is_first = false;
    to_.put("(");
    to_.put(nodes_[task.node].text);
    tasks.push_back({Task::Kind::close, task.node});
    list(nodes_[task.node].operands, tasks);
  }
  return frames_[0].list.size();
}

void FoldedPrinter::read(Reader& in, uint64_t start, const BodyPrinter::Hints* hints) {
  while (in.ok()) {
    uint64_t offset = in.offset();
    Opcode opcode = in.opcode();
    if (!in.ok()) return;
    if (opcode == Opcode::end) {
      if (frames_.size() == 1) {
        end_is_invalid_ = !body_.operands_at_end().empty();
        return;
      }
      end_block();
    } else if (opcode == Opcode::else_) {
      Frame& frame = frames_.back();
      bool fits =
          frames_.size() > 1 && nodes_[frame.node].kind == Node::Kind::if_ && !frame.in_else;
      if (!fits) {
        in.fail_at("else without an if", offset);
        return;
      }
      nodes_[frame.node].comment = operands_comment(body_.operands_at_end());
      nodes_[frame.node].body = std::move(frame.list);
      nodes_[frame.node].else_offset = offset;
      frame.list.clear();
      frame.in_else = true;
    } else {
      std::string hint;
      if (hints != nullptr) {
        if (auto found = hints->find(offset - start); found != hints->end())
          hint = comment(found->second);
      }
      instruction(in, opcode, offset, std::move(hint));
    }
  }
}

std::string FoldedPrinter::comment(std::string hint) const {
  std::string text = "(@metadata.code.branch_hint ";
  append_quoted_bytes(text, std::span(reinterpret_cast<const uint8_t*>(hint.data()), hint.size()));
  return text + ")";
}

void FoldedPrinter::instruction(Reader& in, Opcode opcode, uint64_t offset, std::string hint) {
  bool is_block = opcode == Opcode::block || opcode == Opcode::loop || opcode == Opcode::if_ ||
                  opcode == Opcode::try_table;
  Arity arity = this->arity(in, opcode);
  size_t before = to_.out().size();
  body_.instruction(in, opcode);
  if (!in.ok()) return;
  to_.put(operands_comment(body_.operands()));
  if (is_block) body_.label_comment();
  Node node;
  node.text = to_.out().substr(before);
  to_.out().resize(before);
  node.offset = offset;
  node.hint = std::move(hint);
  node.results = arity.results;
  if (is_block) node.kind = opcode == Opcode::if_ ? Node::Kind::if_ : Node::Kind::block;

  // A block has no place for its operands, but an `if` has one for its condition.
  uint32_t wanted = !is_block ? arity.params : opcode == Opcode::if_ ? 1 : 0;
  auto& list = frames_.back().list;
  size_t first = list.size();
  while (first > 0) {
    uint32_t results = nodes_[list[first - 1]].results;
    if (results == 0 || results > wanted) break;
    wanted -= results;
    --first;
  }
  // All or none: what is there in part is hard to read.
  if (wanted > 0) first = list.size();
  node.operands.assign(list.begin() + static_cast<ptrdiff_t>(first), list.end());
  list.resize(first);
  auto id = static_cast<NodeId>(nodes_.size());
  list.push_back(id);
  nodes_.push_back(std::move(node));
  if (!is_block) return;
  Frame frame;
  frame.node = id;
  frame.label_arity = opcode == Opcode::loop ? arity.params : arity.results;
  frames_.push_back(std::move(frame));
}

// Names in quotes may look like the bounds of a comment.
std::string FoldedPrinter::operands_comment(std::string operands) const {
  if (operands.empty()) return {};
  for (size_t at = 0; (at = operands.find(';', at)) != std::string::npos; at += 3)
    operands.replace(at, 1, " ; ");
  return " (; " + operands + " ;)";
}

void FoldedPrinter::end_block() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  Node& node = nodes_[frame.node];
  (frame.in_else ? node.otherwise : node.body) = std::move(frame.list);
  node.comment += operands_comment(body_.operands_at_end());
  body_.pop_label();
}

void FoldedPrinter::list(const std::vector<NodeId>& nodes, std::vector<Task>& tasks) {
  for (NodeId id : std::ranges::reverse_view(nodes)) tasks.push_back({Task::Kind::node, id});
}

void FoldedPrinter::print() {
  std::vector<Task> tasks;
  list(frames_[0].list, tasks);
  while (!tasks.empty() && to_.out().size() < max_printed_bytes) {
    Task task = tasks.back();
    tasks.pop_back();
    const Node& node = nodes_[task.node];
    if (task.kind == Task::Kind::node) {
      open(node, task.node, tasks);
      continue;
    }
    if (task.kind == Task::Kind::close || task.kind == Task::Kind::close_arm) {
      to_.outdent();
      if (task.kind == Task::Kind::close) to_.put(node.comment);
      to_.put(")");
      continue;
    }
    bool is_then = task.kind == Task::Kind::then;
    const auto& arm = is_then ? node.body : node.otherwise;
    to_.line(is_then ? node.offset : node.else_offset);
    to_.put(is_then ? "(then" : "(else");
    to_.indent();
    tasks.push_back({Task::Kind::close_arm, task.node});
    list(arm, tasks);
  }
  if (!end_is_invalid_) return;
  to_.line_without_offset();
  to_.put(";; (invalid)");
}

void FoldedPrinter::open(const Node& node, NodeId id, std::vector<Task>& tasks) {
  if (!node.hint.empty()) {
    to_.line(node.offset);
    to_.put(node.hint);
  }
  to_.line(node.offset);
  to_.put("(");
  to_.put(node.text);
  // A comment would hide the parenthesis.
  bool ends_in_comment =
      node.kind != Node::Kind::plain && node.text.find(";; ") != std::string::npos;
  bool is_empty = node.operands.empty() && node.body.empty() && node.kind != Node::Kind::if_;
  if (is_empty && ends_in_comment) to_.line(node.offset);
  to_.indent();
  tasks.push_back({Task::Kind::close, id});
  if (node.kind == Node::Kind::if_) {
    if (node.else_offset != 0) tasks.push_back({Task::Kind::otherwise, id});
    tasks.push_back({Task::Kind::then, id});
  } else {
    list(node.body, tasks);
  }
  list(node.operands, tasks);
}

FoldedPrinter::Arity FoldedPrinter::type_arity(uint64_t type) const {
  if (type >= module_.types.size()) return {};
  const FuncType& func = module_.types[TypeIndex(static_cast<size_t>(type))].func;
  return {static_cast<uint32_t>(func.params.size()), static_cast<uint32_t>(func.results.size())};
}

uint32_t FoldedPrinter::fields(uint32_t type) const {
  if (type >= module_.types.size()) return 0;
  return static_cast<uint32_t>(module_.types[TypeIndex(type)].fields.size());
}

uint32_t FoldedPrinter::label_arity(uint32_t depth) const {
  return depth < frames_.size() ? frames_[frames_.size() - 1 - depth].label_arity : 0;
}

FoldedPrinter::Arity FoldedPrinter::block_arity(Reader& in) const {
  constexpr uint8_t empty = 0x40;
  if (in.peek() == empty) return {};
  if (Reader::starts_val_type(in.peek())) return {0, 1};
  return type_arity(static_cast<uint64_t>(in.s33()));
}

FoldedPrinter::Arity FoldedPrinter::arity(Reader in, Opcode opcode) const {
  const OpcodeInfo& known = info(opcode);
  if (known.op_class == OpClass::special) return arity_of_special(in, opcode);
  return {known.signature.param_count, known.signature.result != 0 ? 1u : 0u};
}

FoldedPrinter::Arity FoldedPrinter::branch(Reader& in, Opcode opcode) const {
  uint32_t target = in.u32();
  if (opcode == Opcode::br_on_cast || opcode == Opcode::br_on_cast_fail) target = in.u32();
  uint32_t values = label_arity(target);
  switch (opcode) {
    case Opcode::br: return {values, 0};
    case Opcode::br_if: return {values + 1, values};
    case Opcode::br_on_null: return {values + 1, values + 1};
    case Opcode::br_on_non_null: return {values, values == 0 ? 0 : values - 1};
    default: return {values, values};
  }
}

// What the table of opcodes has no signature for.
FoldedPrinter::Arity FoldedPrinter::arity_of_special(Reader& in, Opcode opcode) const {
  switch (opcode) {
    case Opcode::block:
    case Opcode::loop:
    case Opcode::if_:
    case Opcode::try_table: return block_arity(in);
    case Opcode::br:
    case Opcode::br_if:
    case Opcode::br_on_null:
    case Opcode::br_on_non_null:
    case Opcode::br_on_cast:
    case Opcode::br_on_cast_fail: return branch(in, opcode);
    case Opcode::br_table: {
      for (uint32_t left = in.count(); left > 0 && in.ok(); --left) in.u32();
      return {label_arity(in.u32()) + 1, 0};
    }
    case Opcode::return_: return {frames_[0].label_arity, 0};
    case Opcode::call:
    case Opcode::return_call: {
      FuncIndex function(in.u32());
      if (!module_.functions.contains(function)) return {};
      Arity arity = type_arity(module_.functions[function].index);
      return {arity.params, opcode == Opcode::call ? arity.results : 0};
    }
    case Opcode::call_indirect:
    case Opcode::call_ref: {
      Arity arity = type_arity(in.u32());
      return {arity.params + 1, arity.results};
    }
    case Opcode::return_call_indirect:
    case Opcode::return_call_ref: return {type_arity(in.u32()).params + 1, 0};
    case Opcode::throw_: {
      TagIndex tag(in.u32());
      if (!module_.tags.contains(tag)) return {};
      return {type_arity(module_.tags[tag].type.index).params, 0};
    }
    case Opcode::struct_new: return {fields(in.u32()), 1};
    case Opcode::array_new_fixed: in.u32(); return {in.u32(), 1};
    case Opcode::unreachable:
    case Opcode::nop:
    case Opcode::data_drop:
    case Opcode::elem_drop:
    case Opcode::atomic_fence: return {0, 0};
    case Opcode::throw_ref:
    case Opcode::drop:
    case Opcode::local_set:
    case Opcode::global_set: return {1, 0};
    case Opcode::table_set:
    case Opcode::struct_set: return {2, 0};
    case Opcode::array_set:
    case Opcode::memory_init:
    case Opcode::memory_copy:
    case Opcode::memory_fill:
    case Opcode::table_init:
    case Opcode::table_copy:
    case Opcode::table_fill: return {3, 0};
    case Opcode::array_fill:
    case Opcode::array_init_data:
    case Opcode::array_init_elem: return {4, 0};
    case Opcode::array_copy: return {5, 0};
    case Opcode::local_get:
    case Opcode::global_get:
    case Opcode::memory_size:
    case Opcode::table_size:
    case Opcode::i32_const:
    case Opcode::i64_const:
    case Opcode::f32_const:
    case Opcode::f64_const:
    case Opcode::v128_const:
    case Opcode::ref_null:
    case Opcode::ref_func:
    case Opcode::struct_new_default: return {0, 1};
    case Opcode::ref_eq:
    case Opcode::array_new:
    case Opcode::array_new_data:
    case Opcode::array_new_elem:
    case Opcode::array_get:
    case Opcode::array_get_s:
    case Opcode::array_get_u:
    case Opcode::table_grow: return {2, 1};
    case Opcode::select:
    case Opcode::select_t: return {3, 1};
    case Opcode::i64_add128:
    case Opcode::i64_sub128: return {4, 2};
    case Opcode::i64_mul_wide_s:
    case Opcode::i64_mul_wide_u: return {2, 2};
    // One operand, one result: tests and casts, conversions, reads.
    default: return {1, 1};
  }
}

}  // namespace tenon::wasm::text
