#include "wasm/text/body_printer.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "wasm/text/lexer.h"
#include "wasm/text/section_names.h"

namespace tenon::wasm::text {

namespace {

bool opens_block(Opcode opcode) {
  return opcode == Opcode::block || opcode == Opcode::loop || opcode == Opcode::if_ ||
         opcode == Opcode::try_table;
}

}  // namespace

void BodyPrinter::begin_function(const NameSpace* locals, std::span<const NamedIndex> labels,
                                 OperandTypes* operands) {
  locals_ = locals;
  operands_ = operands;
  label_names_ = labels;
  next_label_name_ = 0;
  label_count_ = 0;
  frames_.clear();
  label_ids_.clear();
}

void BodyPrinter::lines(Reader& in, uint64_t start, const Hints* hints) {
  while (in.ok() && to_.out().size() < max_printed_bytes) {
    uint64_t offset = in.offset();
    Opcode opcode = in.opcode();
    if (!in.ok()) return;
    bool is_end = opcode == Opcode::end;
    if (is_end && frames_.empty()) return operands_line(operands_at_end());
    if (is_end || opcode == Opcode::else_) to_.outdent();
    if (hints != nullptr) {
      if (auto hint = hints->find(offset - start); hint != hints->end()) {
        to_.line(offset);
        to_.put("(@metadata.code.branch_hint ");
        append_quoted_bytes(
            to_.out(),
            std::span(reinterpret_cast<const uint8_t*>(hint->second.data()), hint->second.size()));
        to_.put(")");
      }
    }
    to_.line(offset);
    instruction(in, opcode);
    if (is_end) pop_label();
    if (opens_block(opcode)) label_comment();
    if (opens_block(opcode) || opcode == Opcode::else_) to_.indent();
    operands_line(operands());
  }
}

void BodyPrinter::operands_line(std::string_view operands) {
  if (operands.empty()) return;
  to_.line_without_offset();
  to_.put(";; ");
  to_.put(operands);
}

std::string BodyPrinter::operands_at_end() {
  if (operands_ == nullptr || operands_->step()) return {};
  operands_ = nullptr;
  return "(invalid)";
}

std::string BodyPrinter::operands() {
  constexpr size_t most = 50;  // or the text would grow with the square of the body
  if (std::string refusal = operands_at_end(); operands_ == nullptr) return refusal;
  std::span<const ValType> types = operands_->operands();
  size_t before = to_.out().size();
  to_.put("[");
  if (types.size() > most) to_.put(fmt::format("... {} more ...", types.size() - most));
  for (ValType type : types.last(std::min(types.size(), most))) {
    if (to_.out().size() > before + 1) to_.put(" ");
    bool is_any = type.kind() == ValType::bottom || (type.is_ref() && type.heap().is_bottom());
    if (is_any) {
      to_.put("(unknown)");
    } else {
      to_.val_type(type);
    }
  }
  to_.put("]");
  std::string text = to_.out().substr(before);
  to_.out().resize(before);
  return text;
}

uint32_t BodyPrinter::expression(Reader& in) {
  uint32_t count = 0;
  while (in.ok()) {
    Opcode opcode = in.opcode();
    if (!in.ok() || (opcode == Opcode::end && frames_.empty())) break;
    if (count++ > 0) to_.put(" ");
    instruction(in, opcode);
    if (opcode == Opcode::end) pop_label();
  }
  return count;
}

void BodyPrinter::instruction(Reader& in, Opcode opcode) {
  if (opcode == Opcode::select_t) return select(in);
  to_.put(info(opcode).text);
  if (info(opcode).immediate != Immediate::none) immediate(in, opcode);
}

void BodyPrinter::space_index(Space space, uint32_t index) {
  to_.put(" ");
  to_.index(space, index);
}

// Index 0 is what is meant when there is none.
void BodyPrinter::default_index(Space space, uint32_t index) {
  if (index != 0) space_index(space, index);
}

void BodyPrinter::pair(Space space, uint32_t first, uint32_t second) {
  if (first == 0 && second == 0) return;
  space_index(space, first);
  space_index(space, second);
}

void BodyPrinter::immediate(Reader& in, Opcode opcode) {
  switch (info(opcode).immediate) {
    case Immediate::none: return;
    case Immediate::zero: in.byte(); return;
    case Immediate::block_type: push_label(); return block_type(in);
    case Immediate::try_table: {
      push_label();
      block_type(in);
      return catches(in);
    }
    case Immediate::label: to_.put(" "); return label(in.u32());
    case Immediate::labels: return labels(in);
    case Immediate::local: to_.put(" "); return local(in.u32());
    case Immediate::memarg:
    case Immediate::memarg_lane: return memory_access(in, opcode);
    case Immediate::lane: to_.put(" "); return to_.number(in.byte());
    case Immediate::lanes:
      for (int i = 0; i < 16; ++i) {
        to_.put(" ");
        to_.number(in.byte());
      }
      return;
    case Immediate::i32: to_.put(" "); return to_.number(in.i32_immediate());
    case Immediate::i64: to_.put(" "); return to_.number(in.s64());
    case Immediate::f32: to_.put(" "); return append_f32(to_.out(), in.fixed_u32());
    case Immediate::f64: to_.put(" "); return append_f64(to_.out(), in.fixed_u64());
    case Immediate::v128: return vector(in);
    case Immediate::cast: return cast(in);
    case Immediate::val_types: return;
    default: return references(in, opcode);
  }
}

// Immediates that are indices and types.
void BodyPrinter::references(Reader& in, Opcode opcode) {
  uint32_t first = 0;
  switch (info(opcode).immediate) {
    case Immediate::func: return space_index(Space::func, in.u32());
    case Immediate::type: return space_index(Space::type, in.u32());
    case Immediate::tag: return space_index(Space::tag, in.u32());
    case Immediate::global: return space_index(Space::global, in.u32());
    case Immediate::table: return space_index(Space::table, in.u32());
    case Immediate::elem: return space_index(Space::elem, in.u32());
    case Immediate::data: return space_index(Space::data, in.u32());
    case Immediate::memory: return default_index(Space::memory, in.u32());
    case Immediate::type_table:
      first = in.u32();
      default_index(Space::table, in.u32());
      return to_.type_reference(first);
    case Immediate::type_field:
      first = in.u32();
      space_index(Space::type, first);
      to_.put(" ");
      return to_.field_index(first, in.u32());
    case Immediate::type_count:
      space_index(Space::type, in.u32());
      to_.put(" ");
      return to_.number(in.u32());
    case Immediate::type_type:
      space_index(Space::type, in.u32());
      return space_index(Space::type, in.u32());
    case Immediate::type_data:
      space_index(Space::type, in.u32());
      return space_index(Space::data, in.u32());
    case Immediate::type_elem:
      space_index(Space::type, in.u32());
      return space_index(Space::elem, in.u32());
    case Immediate::table_table: first = in.u32(); return pair(Space::table, first, in.u32());
    case Immediate::memory_memory: first = in.u32(); return pair(Space::memory, first, in.u32());
    case Immediate::elem_table:
      first = in.u32();
      default_index(Space::table, in.u32());
      return space_index(Space::elem, first);
    case Immediate::data_memory:
      first = in.u32();
      default_index(Space::memory, in.u32());
      return space_index(Space::data, first);
    case Immediate::heap_type: {
      HeapType heap = in.heap_type();
      to_.put(" ");
      if (opcode == Opcode::ref_null) return to_.heap_type(heap);
      bool nullable = opcode == Opcode::ref_test_null || opcode == Opcode::ref_cast_null;
      return to_.val_type(ValType::reference(heap, nullable));
    }
    default: CHECK(false);
  }
}

std::string BodyPrinter::next_label_id() {
  uint32_t index = label_count_++;
  while (next_label_name_ < label_names_.size() && label_names_[next_label_name_].index < index)
    ++next_label_name_;
  bool is_named = next_label_name_ < label_names_.size() &&
                  label_names_[next_label_name_].index == index &&
                  !label_names_[next_label_name_].name.empty();
  if (!is_named) return to_.options().names_all ? fmt::format("$#label{}", frames_.size()) : "";
  std::string_view name = label_names_[next_label_name_].name;
  std::string id = "$";
  bool is_plain = true;
  for (char c : name) is_plain = is_plain && is_id_char(c);
  if (is_plain) return id.append(name);
  append_quoted_name(id, name);
  return id;
}

// Prints the identifier, if there is one.
void BodyPrinter::push_label() {
  Frame frame{next_label_id(), 0};
  if (!frame.id.empty()) {
    to_.put(" ");
    to_.put(frame.id);
    auto depth = static_cast<uint32_t>(frames_.size()) + 1;
    auto [at, is_new] = label_ids_.try_emplace(frame.id, depth);
    if (!is_new) frame.shadowed = at->second;
    at->second = depth;
  }
  frames_.push_back(std::move(frame));
}

void BodyPrinter::pop_label() {
  const Frame& frame = frames_.back();
  if (!frame.id.empty()) {
    if (frame.shadowed != 0) {
      label_ids_.find(frame.id)->second = frame.shadowed;
    } else {
      label_ids_.erase(frame.id);
    }
  }
  frames_.pop_back();
}

void BodyPrinter::label_comment() {
  if (!frames_.back().id.empty()) return;
  to_.put(" ;; label = @");
  to_.number(frames_.size());
}

void BodyPrinter::label(uint32_t depth) {
  if (depth >= frames_.size()) {
    to_.number(depth);
    if (depth > frames_.size()) to_.put(" (; INVALID ;)");
    return;
  }
  size_t place = frames_.size() - depth;  // from 1
  const Frame& frame = frames_[place - 1];
  if (frame.id.empty()) {
    to_.number(depth);
    to_.put(" (;@");
    to_.number(place);
    return to_.put(";)");
  }
  if (label_ids_.find(frame.id)->second == place) return to_.put(frame.id);
  to_.number(depth);
}

void BodyPrinter::labels(Reader& in) {
  uint32_t n = in.count();
  for (uint64_t i = 0; i <= n && in.ok(); ++i) {
    uint32_t target = in.u32();
    to_.put(" ");
    label(target);
  }
}

void BodyPrinter::local(uint32_t index) {
  const PrintedName* name = locals_ == nullptr ? nullptr : locals_->find(index);
  if (name != nullptr) return to_.put(name->id);
  to_.number(index);
}

// wasm: binary-blocktype
void BodyPrinter::block_type(Reader& in) {
  constexpr uint8_t empty = 0x40;
  uint8_t first = in.peek();
  if (first == empty) {
    in.byte();
  } else if (Reader::starts_val_type(first)) {
    to_.put(" (result ");
    to_.val_type(in.val_type());
    to_.put(")");
  } else {
    uint64_t start = in.offset();
    int64_t type = in.s33();
    if (type < 0) in.fail_at("malformed block type", start);
    if (!in.ok()) return;
    to_.type_reference(static_cast<uint32_t>(type));
    // What does not exist is shown, too.
    const Module& module = to_.module();
    TypeIndex index(static_cast<uint32_t>(type));
    if (module.types.contains(index) && module.types[index].kind == SubType::Kind::func)
      to_.signature(module.types[index].func, NameSpace("param", true));
  }
}

// wasm: binary-memarg
void BodyPrinter::memory_access(Reader& in, Opcode opcode) {
  constexpr uint32_t has_memory_index = 1u << 6;
  uint64_t start = in.offset();
  uint32_t flags = in.u32();
  if (flags >= has_memory_index * 2) in.fail_at("malformed memop flags", start);
  if (flags & has_memory_index) default_index(Space::memory, in.u32());
  uint32_t align = flags & (has_memory_index - 1);
  if (uint64_t offset = in.u64(); offset != 0) {
    to_.put(" offset=");
    to_.number(offset);
  }
  if (align != info(opcode).natural_align()) {
    to_.put(" align=");
    to_.number(uint64_t{1} << align);
  }
  if (info(opcode).immediate != Immediate::memarg_lane) return;
  to_.put(" ");
  to_.number(in.byte());
}

void BodyPrinter::vector(Reader& in) {
  to_.put(" i32x4");
  for (int i = 0; i < 4; ++i) to_.put(fmt::format(" 0x{:08x}", in.fixed_u32()));
}

// wasm: binary-castop
void BodyPrinter::cast(Reader& in) {
  uint8_t flags = in.byte();
  to_.put(" ");
  label(in.u32());
  to_.put(" ");
  to_.val_type(ValType::reference(in.heap_type(), (flags & 1) != 0));
  to_.put(" ");
  to_.val_type(ValType::reference(in.heap_type(), (flags & 2) != 0));
}

// wasm: binary-catch. Their labels are those outside the block.
void BodyPrinter::catches(Reader& in) {
  constexpr const char* words[] = {"catch", "catch_ref", "catch_all", "catch_all_ref"};
  Frame own = std::move(frames_.back());
  frames_.pop_back();
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint64_t start = in.offset();
    uint8_t code = in.byte();
    if (code > 3) in.fail_at("malformed catch clause", start);
    if (!in.ok()) break;
    to_.put(" (");
    to_.put(words[code]);
    if (code < 2) space_index(Space::tag, in.u32());
    to_.put(" ");
    label(in.u32());
    to_.put(")");
  }
  frames_.push_back(std::move(own));
}

void BodyPrinter::select(Reader& in) {
  to_.put("select (result");
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    to_.put(" ");
    to_.val_type(in.val_type());
  }
  to_.put(")");
}

}  // namespace tenon::wasm::text
