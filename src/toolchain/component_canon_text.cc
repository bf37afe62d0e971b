#include <fmt/format.h>

#include "base/limits.h"
#include "component/builtins.h"
#include "toolchain/component_text.h"

// Canonical definitions as text.
namespace tenon::toolchain {

namespace {

using wasm::Reader;

std::string option(Reader& in) {
  uint64_t start = in.offset();
  switch (in.byte()) {
    case 0x00: return " string-encoding=utf8";
    case 0x01: return " string-encoding=utf16";
    case 0x02: return " string-encoding=latin1+utf16";
    case 0x03: return fmt::format(" (memory {})", in.u32());
    case 0x04: return fmt::format(" (realloc (core func {}))", in.u32());
    case 0x05: return fmt::format(" (post-return (core func {}))", in.u32());
    case 0x06: return " async";
    case 0x07: return fmt::format(" (callback (core func {}))", in.u32());
    default: in.fail_at("invalid canonical option", start); return "";
  }
}

std::string options(Reader& in) {
  std::string out;
  uint32_t n = in.count_to(limits::max_canonical_options, "canonical options");
  for (uint32_t i = 0; i < n && in.ok(); ++i) out += option(in);
  return out;
}

std::string word_if_set(Reader& in, const char* word) {
  uint64_t start = in.offset();
  uint8_t value = in.byte();
  if (value > 1) in.fail_at("invalid canonical definition", start);
  return value == 1 ? word : "";
}

std::string results(Reader& in) {
  uint64_t start = in.offset();
  switch (in.byte()) {
    case 0x00: return " (result " + val_type_text(in) + ")";
    case 0x01:
      if (in.byte() != 0x00) in.fail_at("invalid number of results", start);
      return "";
    default: in.fail_at("invalid result list", start); return "";
  }
}

std::string immediate(Reader& in, char kind) {
  switch (kind) {
    case 't':
    case 'i': return fmt::format(" {}", in.u32());
    case 'c': return fmt::format(" (core type {})", in.u32());
    case 'm': return fmt::format(" (memory {})", in.u32());
    case 'T': return fmt::format(" (table {})", in.u32());
    case 'r': return results(in);
    case 'o': return options(in);
    case 'a': return word_if_set(in, " async");
    case 's': return word_if_set(in, " shared");
    case 'C': return word_if_set(in, " cancellable");
    default: return " " + core_val_type_text(in.val_type());
  }
}

}  // namespace

std::string canon_text(Reader& in, component::Sort& defines) {
  uint64_t start = in.offset();
  uint8_t opcode = in.byte();
  defines = opcode == 0x00 ? component::Sort::func : component::Sort::core_func;
  if (opcode <= 0x01) {
    uint64_t at = in.offset();
    if (in.byte() != 0x00) in.fail_at("invalid sort in a canonical definition", at);
    uint32_t function = in.u32();
    std::string chosen = options(in);
    if (opcode == 0x01) return fmt::format("lower (func {}){}", function, chosen);
    return fmt::format("lift (core func {}){} (type {})", function, chosen, in.u32());
  }
  auto known = component::builtin_of(opcode);
  if (!known) {
    in.fail_at("invalid canonical definition", start);
    return "";
  }
  const component::BuiltinInfo& builtin = component::info_of(*known);
  std::string out(builtin.name);
  for (char kind : builtin.immediates) out += immediate(in, kind);
  return out;
}

}  // namespace tenon::toolchain
