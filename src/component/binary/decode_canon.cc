#include <fmt/format.h>

#include "base/limits.h"
#include "component/binary/item_reader.h"

// Canonical definitions.
namespace tenon::component {

namespace {

const char* name_of(CanonOptions::Encoding encoding) {
  static constexpr const char* names[] = {"utf8", "utf16", "latin1-utf16"};
  return names[static_cast<int>(encoding)];
}

}  // namespace

void ItemReader::canon_option(CanonOptions& options, bool& has_encoding) {
  uint64_t start = offset();
  auto once = [&](std::optional<uint32_t>& option, const char* name) {
    uint32_t index = u32();
    if (option) {
      refuse(ErrorCode::invalid,
             fmt::format("canonical option `{}` is specified more than once", name), start);
    }
    option = index;
  };
  uint8_t opcode = byte();
  switch (opcode) {
    case 0x00:
    case 0x01:
    case 0x02: {
      auto encoding = static_cast<CanonOptions::Encoding>(opcode);
      if (has_encoding) {
        refuse(ErrorCode::invalid,
               fmt::format("canonical encoding option `{}` conflicts with option `{}`",
                           name_of(options.encoding), name_of(encoding)),
               start);
      }
      options.encoding = encoding;
      has_encoding = true;
      return;
    }
    case 0x03: return once(options.memory, "memory");
    case 0x04: return once(options.realloc, "realloc");
    case 0x05: return once(options.post_return, "post-return");
    case 0x06:
      if (options.is_async) {
        refuse(ErrorCode::invalid, "canonical option `async` is specified more than once", start);
      }
      options.is_async = true;
      return;
    case 0x07: return once(options.callback, "callback");
    default: fail_at("invalid canonical option", start);
  }
}

CanonOptions ItemReader::canon_options() {
  CanonOptions options;
  bool has_encoding = false;
  uint32_t n = count_to(limits::max_canonical_options, "canonical options");
  for (uint32_t i = 0; i < n && ok(); i++) canon_option(options, has_encoding);
  return options;
}

bool ItemReader::presence(const char* what) {
  uint64_t start = offset();
  uint8_t value = byte();
  if (value > 1) refuse(ErrorCode::malformed, fmt::format("invalid `{}` byte", what), start);
  return value == 1;
}

CanonBuiltin ItemReader::builtin(Builtin builtin) {
  CanonBuiltin def;
  def.builtin = builtin;
  for (char immediate : info_of(builtin).immediates) {
    switch (immediate) {
      case 't':
      case 'c': def.type = u32(); break;
      case 'm': def.options.memory = u32(); break;
      case 'T': def.table = u32(); break;
      case 'r': def.result = result_list(); break;
      case 'o': def.options = canon_options(); break;
      case 'a': def.options.is_async = presence("async"); break;
      case 'C': def.is_cancellable = presence("cancellable"); break;
      case 's': def.is_shared = presence("shared"); break;
      case 'v': def.context = wasm::Reader::val_type(); break;
      case 'i': def.slot = u32(); break;
      default: break;
    }
  }
  return def;
}

CanonDef ItemReader::canon() {
  uint64_t start = offset();
  uint8_t opcode = byte();
  auto func_sort = [&] {
    uint64_t at = offset();
    if (byte() != 0x00) fail_at("invalid sort in a canonical definition", at);
  };
  switch (opcode) {
    case 0x00: {
      func_sort();
      CanonLift lift;
      lift.core_func = u32();
      lift.options = canon_options();
      lift.type = u32();
      return {lift};
    }
    case 0x01: {
      func_sort();
      CanonLower lower;
      lower.func = u32();
      lower.options = canon_options();
      return {lower};
    }
    default: break;
  }
  if (auto known = builtin_of(opcode)) return {builtin(*known)};
  fail_at("invalid canonical definition", start);
  return {};
}

}  // namespace tenon::component
