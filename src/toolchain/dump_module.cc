#include "toolchain/dump_module.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "toolchain/dump_custom.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/sections.h"
#include "wasm/text/section_names.h"

namespace tenon::toolchain {

namespace {

using wasm::ExternKind;
using wasm::Opcode;
namespace section_id = wasm::section_id;

constexpr const char* kind_words[] = {"func", "table", "memory", "global", "tag"};
constexpr const char* section_names[] = {"custom", "type",   "import",     "function", "table",
                                         "memory", "global", "export",     "start",    "element",
                                         "code",   "data",   "data count", "tag"};

bool opens_block(Opcode opcode) {
  return opcode == Opcode::block || opcode == Opcode::loop || opcode == Opcode::if_ ||
         opcode == Opcode::try_table;
}

}  // namespace

const char* ModuleDump::section_name(uint8_t id) {
  return id < std::size(section_names) ? section_names[id] : nullptr;
}

Result<void> ModuleDump::section(const Section& section) {
  if (section.id == section_id::custom) return dump_custom(to_, section, false);
  Reader in(section.content, section.offset, wasm::Features::validated());
  contents(section.id, in);
  if (in.ok() && !in.at_end()) in.fail("section size mismatch");
  return in.status();
}

void ModuleDump::contents(uint8_t id, Reader& in) {
  switch (id) {
    case section_id::type: return types(in);
    case section_id::import: return list(in, [&](uint32_t) { import(in); });
    case section_id::function: return list(in, [&](uint32_t) { function(in); });
    case section_id::table: return list(in, [&](uint32_t) { table(in); });
    case section_id::memory: return list(in, [&](uint32_t) { memory(in); });
    case section_id::tag: return list(in, [&](uint32_t) { tag(in); });
    case section_id::global: return list(in, [&](uint32_t) { global(in); });
    case section_id::export_: return list(in, [&](uint32_t) { export_(in); });
    case section_id::elem: return list(in, [&](uint32_t i) { elem(in, i); });
    case section_id::code: return list(in, [&](uint32_t) { body(in); });
    case section_id::data: return list(in, [&](uint32_t i) { data(in, i); });
    case section_id::start: {
      uint32_t index = in.u32();
      if (in.ok()) to_.item(in, fmt::format("start func {}", index));
      return;
    }
    default: {
      uint32_t count = in.u32();
      if (in.ok()) to_.item(in, fmt::format("data count {}", count));
    }
  }
}

template <typename ReadItem>
void ModuleDump::list(Reader& in, ReadItem read_item) {
  uint32_t n = in.count();
  if (in.ok()) to_.item(in, fmt::format("{} count", n));
  for (uint32_t i = 0; i < n && in.ok() && !to_.is_full(); ++i) read_item(i);
}

std::string ModuleDump::printed() {
  return std::exchange(print_.out(), {});
}

std::string ModuleDump::definition(ExternKind kind) {
  auto k = static_cast<size_t>(kind);
  return fmt::format("[{} {}]", kind_words[k], next_[k]++);
}

// wasm: binary-typesec
void ModuleDump::types(Reader& in) {
  list(in, [&](uint32_t) {
    if (in.peek() != wasm::type_code::rec) return sub_type(in);
    in.byte();
    uint32_t n = in.count();
    if (in.ok()) to_.item(in, fmt::format("recursion group, {} count", n));
    to_.indent();
    for (uint32_t i = 0; i < n && in.ok(); ++i) sub_type(in);
    to_.outdent();
  });
}

void ModuleDump::sub_type(Reader& in) {
  wasm::SubType type = wasm::decode_sub_type(in);
  if (module_.types.size() == limits::max_types)
    in.refuse(ErrorCode::limit, "too many types", in.offset());
  if (!in.ok()) return;
  auto index = static_cast<uint32_t>(module_.types.size());
  print_.sub_type(type, index);
  to_.item(in, fmt::format("[type {}] {}", index, printed()));
  module_.types.push_back(std::move(type));
}

// wasm: binary-import
void ModuleDump::import(Reader& in) {
  std::string_view module = in.name();
  std::string_view name = in.name();
  uint64_t start = in.offset();
  uint8_t code = in.byte();
  if (code >= std::size(kind_words)) in.fail_at("malformed import kind", start);
  if (!in.ok()) return;
  auto kind = static_cast<ExternKind>(code);
  switch (kind) {
    case ExternKind::func:
      ++imported_functions_;
      print_.type_reference(in.u32());
      break;
    case ExternKind::table: print_.table_type(in.table_type()); break;
    case ExternKind::memory: {
      bool names_page_size = (in.peek() & wasm::limits_flag::page_size) != 0;
      print_.memory_type(in.memory_type(), names_page_size);
      break;
    }
    case ExternKind::global:
      print_.put(" ");
      print_.global_type(in.global_type());
      break;
    case ExternKind::tag: print_.type_reference(in.tag_type().type.index); break;
  }
  if (!in.ok()) return;
  std::string type = printed();
  to_.item(in, fmt::format("{} import {} {} ({}{})", definition(kind), quoted(module), quoted(name),
                           kind_words[code], type));
}

void ModuleDump::function(Reader& in) {
  print_.type_reference(in.u32());
  if (in.ok()) to_.item(in, definition(ExternKind::func) + printed());
}

// wasm: binary-table
void ModuleDump::table(Reader& in) {
  bool has_init = in.peek() == wasm::table_with_init;
  uint64_t start = in.offset();
  if (has_init) {
    in.byte();
    if (in.byte() != 0) in.fail_at("malformed table", start);
  }
  print_.table_type(in.table_type());
  if (in.ok()) to_.item(in, definition(ExternKind::table) + printed());
  if (has_init) instructions(in);
}

void ModuleDump::memory(Reader& in) {
  bool names_page_size = (in.peek() & wasm::limits_flag::page_size) != 0;
  print_.memory_type(in.memory_type(), names_page_size);
  if (in.ok()) to_.item(in, definition(ExternKind::memory) + printed());
}

void ModuleDump::global(Reader& in) {
  print_.global_type(in.global_type());
  if (in.ok()) to_.item(in, fmt::format("{} {}", definition(ExternKind::global), printed()));
  instructions(in);
}

void ModuleDump::tag(Reader& in) {
  print_.type_reference(in.tag_type().type.index);
  if (in.ok()) to_.item(in, definition(ExternKind::tag) + printed());
}

void ModuleDump::export_(Reader& in) {
  std::string_view name = in.name();
  uint64_t start = in.offset();
  uint8_t code = in.byte();
  if (code >= std::size(kind_words)) in.fail_at("malformed export kind", start);
  uint32_t index = in.u32();
  if (in.ok())
    to_.item(in, fmt::format("export {} ({} {})", quoted(name), kind_words[code], index));
}

// wasm: binary-elem
void ModuleDump::elem(Reader& in, uint32_t index) {
  using namespace wasm::elem_flag;
  uint64_t start = in.offset();
  uint32_t flags = in.u32();
  if (flags > 7) in.fail_at("malformed elements segment kind", start);
  bool is_active = (flags & not_active) == 0;
  bool names_table = is_active && (flags & declarative_or_table) != 0;
  std::string text = fmt::format("[elem {}] ", index);
  if (is_active) {
    text += fmt::format("active, table {}", names_table ? in.u32() : 0);
  } else {
    text += (flags & declarative_or_table) != 0 ? "declarative" : "passive";
  }
  if (in.ok()) to_.item(in, text);
  if (is_active) instructions(in);
  bool names_type = names_table || !is_active;
  bool are_expressions = (flags & has_exprs) != 0;
  if (are_expressions) {
    print_.val_type(names_type ? in.ref_type() : wasm::ValType::funcref());
  } else {
    uint64_t kind = in.offset();
    if (names_type && in.byte() != 0) in.fail_at("malformed element kind", kind);
    print_.put("func");
  }
  uint32_t n = in.count();
  if (in.ok()) to_.item(in, fmt::format("{}, {} count", printed(), n));
  for (uint32_t i = 0; i < n && in.ok() && !to_.is_full(); ++i) {
    if (are_expressions) {
      instructions(in);
      continue;
    }
    uint32_t function = in.u32();
    if (in.ok()) to_.item(in, fmt::format("func {}", function));
  }
}

// wasm: binary-data
void ModuleDump::data(Reader& in, uint32_t index) {
  uint64_t start = in.offset();
  uint32_t flags = in.u32();
  if (flags > 2) in.fail_at("malformed data segment kind", start);
  bool is_active = flags != 1;
  std::string text = fmt::format("[data {}] passive", index);
  if (is_active)
    text = fmt::format("[data {}] active, memory {}", index, flags == 2 ? in.u32() : 0);
  if (in.ok()) to_.item(in, text);
  if (is_active) instructions(in);
  uint32_t size = in.count();
  if (in.ok()) to_.item(in, fmt::format("{} bytes", size));
  in.bytes(size);
  if (in.ok()) to_.blob(in);
}

// wasm: binary-code
void ModuleDump::body(Reader& in) {
  uint32_t size = in.count();
  if (!in.ok()) return;
  to_.heading(fmt::format("func {}", imported_functions_ + next_body_++));
  to_.item(in, fmt::format("size of the body: {} bytes", size));
  uint64_t start = in.offset();
  Reader content(in.bytes(size), start, in.features());
  uint32_t groups = content.count();
  if (content.ok()) to_.item(content, fmt::format("{} groups of locals", groups));
  for (uint32_t i = 0; i < groups && content.ok(); ++i) {
    uint32_t n = content.u32();
    print_.val_type(content.val_type());
    if (content.ok()) to_.item(content, fmt::format("{} locals of type {}", n, printed()));
  }
  instructions(content);
  if (content.ok() && !content.at_end()) content.fail("operators remaining after end of function");
  if (auto status = content.status(); !status)
    in.refuse(status.error().code(), status.error().message(),
              status.error().offset().value_or(start));
}

void ModuleDump::instructions(Reader& in) {
  body_.begin_function(nullptr, {});
  uint32_t depth = 1;
  to_.indent();
  while (in.ok() && depth > 0 && !to_.is_full()) {
    if (in.at_end()) {
      in.fail("unexpected end of section or function");
      break;
    }
    Opcode opcode = in.opcode();
    bool is_end = opcode == Opcode::end;
    if (is_end && --depth > 0) body_.pop_label();
    if (is_end || opcode == Opcode::else_) to_.outdent();
    if (in.ok()) body_.instruction(in, opcode);
    if (in.ok()) to_.item(in, printed());
    if (opens_block(opcode)) ++depth;
    if (opens_block(opcode) || opcode == Opcode::else_) to_.indent();
  }
  printed();
  for (; depth > 0; --depth) to_.outdent();
}

}  // namespace tenon::toolchain
