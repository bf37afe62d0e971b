#include "toolchain/component_text.h"

#include <fmt/format.h>

#include "component/binary/codes.h"
#include "component/binary/sorts.h"
#include "toolchain/listing.h"
#include "wasm/text/printer.h"

namespace tenon::toolchain {

namespace {

using component::Sort;
using wasm::Reader;

const char* primitive_word(uint8_t opcode) {
  auto primitive = component::primitive_of(opcode);
  return primitive ? component::name_of(*primitive) : nullptr;
}

// ` T` if there is one.
std::string optional_type(Reader& in) {
  uint64_t start = in.offset();
  switch (in.byte()) {
    case 0x00: return "";
    case 0x01: return " " + val_type_text(in);
    default: in.fail_at("invalid presence byte of a type", start); return "";
  }
}

// ` (WORD "name" T)` for each of a list.
std::string labeled_types(Reader& in, const char* word) {
  std::string out;
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    std::string name = quoted(in.name());
    out += fmt::format(" ({} {} {})", word, name, val_type_text(in));
  }
  return out;
}

std::string labels(Reader& in) {
  std::string out;
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) out += " " + quoted(in.name());
  return out;
}

std::string cases(Reader& in) {
  std::string out;
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    std::string name = quoted(in.name());
    out += fmt::format(" (case {}{})", name, optional_type(in));
    uint64_t at = in.offset();
    if (in.byte() != 0x00) in.fail_at("invalid end of a variant case", at);
  }
  return out;
}

}  // namespace

std::string core_val_type_text(wasm::ValType type) {
  wasm::Module none;
  wasm::text::PrintOptions options;
  wasm::text::Printer printer(none, options);
  printer.val_type(type);
  return std::move(printer.out());
}

std::string val_type_text(Reader& in) {
  uint64_t start = in.offset();
  int64_t code = in.s33();
  if (code >= 0) return std::to_string(code);
  const char* word = code >= -64 ? primitive_word(static_cast<uint8_t>(code & 0x7f)) : nullptr;
  if (word == nullptr) in.fail_at("invalid value type", start);
  return word == nullptr ? "" : word;
}

std::string value_type_text(Reader& in, uint8_t opcode, uint64_t start) {
  if (const char* word = primitive_word(opcode)) return word;
  switch (opcode) {
    case component::type_opcode::record: return "(record" + labeled_types(in, "field") + ")";
    case component::type_opcode::variant: return "(variant" + cases(in) + ")";
    case component::type_opcode::list: return "(list " + val_type_text(in) + ")";
    case component::type_opcode::tuple: {
      std::string out = "(tuple";
      uint32_t n = in.count();
      for (uint32_t i = 0; i < n && in.ok(); ++i) out += " " + val_type_text(in);
      return out + ")";
    }
    case component::type_opcode::flags: return "(flags" + labels(in) + ")";
    case component::type_opcode::enum_: return "(enum" + labels(in) + ")";
    case component::type_opcode::option: return "(option " + val_type_text(in) + ")";
    case component::type_opcode::result: {
      std::string ok = optional_type(in);
      std::string error = optional_type(in);
      return "(result" + ok + (error.empty() ? "" : " (error" + error + ")") + ")";
    }
    case component::type_opcode::own: return fmt::format("(own {})", in.u32());
    case component::type_opcode::borrow: return fmt::format("(borrow {})", in.u32());
    case component::type_opcode::fixed_list: {
      std::string element = val_type_text(in);
      return fmt::format("(list {} {})", element, in.u32());
    }
    case component::type_opcode::stream: return "(stream" + optional_type(in) + ")";
    case component::type_opcode::future: return "(future" + optional_type(in) + ")";
    case component::type_opcode::map: {
      std::string key = val_type_text(in);
      return fmt::format("(map {} {})", key, val_type_text(in));
    }
    default: in.fail_at("invalid type", start); return "";
  }
}

std::string func_type_text(Reader& in, bool is_async) {
  std::string out = is_async ? "(func async" : "(func";
  out += labeled_types(in, "param");
  uint64_t start = in.offset();
  switch (in.byte()) {
    case 0x00: out += " (result " + val_type_text(in) + ")"; break;
    case 0x01: {
      uint64_t at = in.offset();
      if (in.byte() != 0x00) in.fail_at("invalid number of results", at);
      break;
    }
    default: in.fail_at("invalid result list", start);
  }
  return out + ")";
}

std::string resource_type_text(Reader& in) {
  std::string out = fmt::format("(resource (rep {})", core_val_type_text(in.val_type()));
  uint64_t start = in.offset();
  switch (in.byte()) {
    case 0x00: break;
    case 0x01: out += fmt::format(" (dtor (core func {}))", in.u32()); break;
    default: in.fail_at("invalid presence byte of a destructor", start);
  }
  return out + ")";
}

std::string sort_index_text(Reader& in, Sort& sort) {
  sort = component::read_sort(in);
  return fmt::format("({} {})", name_of(sort), in.u32());
}

std::string extern_type_text(Reader& in, Sort& sort) {
  uint64_t start = in.offset();
  auto typed = [&](Sort of) {
    sort = of;
    return fmt::format("({} (type {}))", name_of(of), in.u32());
  };
  switch (in.byte()) {
    case 0x00: {
      uint64_t at = in.offset();
      if (component::read_core_sort(in) != Sort::core_module)
        in.fail_at("only a module among the core sorts has an extern type", at);
      return typed(Sort::core_module);
    }
    case 0x01: return typed(Sort::func);
    case 0x02:
      sort = Sort::value;
      return in.byte() == 0x00 ? fmt::format("(value (eq {}))", in.u32())
                               : fmt::format("(value {})", val_type_text(in));
    case 0x03:
      sort = Sort::type;
      return in.byte() == 0x00 ? fmt::format("(type (eq {}))", in.u32())
                               : std::string("(type (sub resource))");
    case 0x04: return typed(Sort::component);
    case 0x05: return typed(Sort::instance);
    default: in.fail_at("invalid extern type", start); return "";
  }
}

// wasm: binary-externtype
std::string core_extern_type_text(Reader& in) {
  wasm::Module none;
  wasm::text::PrintOptions options;
  wasm::text::Printer to(none, options);
  uint64_t start = in.offset();
  switch (in.byte()) {
    case 0x00: return fmt::format("(func (type {}))", in.u32());
    case 0x01: to.table_type(in.table_type()); return "(table" + to.out() + ")";
    case 0x02: {
      wasm::MemoryType type = in.memory_type();
      to.memory_type(type, type.page_size_log2 != 16);
      return "(memory" + to.out() + ")";
    }
    case 0x03: to.global_type(in.global_type()); return "(global " + to.out() + ")";
    case 0x04: return fmt::format("(tag (type {}))", in.tag_type().type.index);
    default: in.fail_at("malformed import kind", start); return "";
  }
}

std::string extern_name_text(Reader& in) {
  uint64_t start = in.offset();
  uint8_t form = in.byte();
  if (form > 0x02) in.fail_at("invalid leading byte of an extern name", start);
  std::string out = quoted(in.name());
  uint32_t attributes = form == 0x02 ? in.count() : 0;
  for (uint32_t i = 0; i < attributes && in.ok(); ++i) {
    constexpr const char* words[] = {"implements", "version-suffix", "external-id"};
    uint64_t at = in.offset();
    uint8_t which = in.byte();
    if (which >= std::size(words)) {
      in.fail_at("invalid attribute of an extern name", at);
      break;
    }
    out += fmt::format(" ({} {})", words[which], quoted(in.name()));
  }
  return out;
}

}  // namespace tenon::toolchain
