#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/limits.h"
#include "toolchain/component_text.h"

// Canonical definitions as text.
namespace tenon::toolchain {

namespace {

using wasm::Reader;

// What follows the opcode of a built-in, a letter each: t type, c core type, m memory, T table,
// r results, o options, a async, C cancellable, s shared, v core value type, i number.
struct Builtin {
  uint8_t opcode;
  const char* name;
  const char* immediates;
};

// component: Binary.md#canonical-definitions
constexpr Builtin builtins[] = {
    {0x02, "resource.new", "t"},
    {0x03, "resource.drop", "t"},
    {0x04, "resource.rep", "t"},
    {0x05, "task.cancel", ""},
    {0x06, "subtask.cancel", "a"},
    {0x07, "resource.drop async", "t"},
    {0x08, "backpressure.set", ""},
    {0x09, "task.return", "ro"},
    {0x0a, "context.get", "vi"},
    {0x0b, "context.set", "vi"},
    {0x0c, "thread.yield", "C"},
    {0x0d, "subtask.drop", ""},
    {0x0e, "stream.new", "t"},
    {0x0f, "stream.read", "to"},
    {0x10, "stream.write", "to"},
    {0x11, "stream.cancel-read", "ta"},
    {0x12, "stream.cancel-write", "ta"},
    {0x13, "stream.drop-readable", "t"},
    {0x14, "stream.drop-writable", "t"},
    {0x15, "future.new", "t"},
    {0x16, "future.read", "to"},
    {0x17, "future.write", "to"},
    {0x18, "future.cancel-read", "ta"},
    {0x19, "future.cancel-write", "ta"},
    {0x1a, "future.drop-readable", "t"},
    {0x1b, "future.drop-writable", "t"},
    {0x1c, "error-context.new", "o"},
    {0x1d, "error-context.debug-message", "o"},
    {0x1e, "error-context.drop", ""},
    {0x1f, "waitable-set.new", ""},
    {0x20, "waitable-set.wait", "Cm"},
    {0x21, "waitable-set.poll", "Cm"},
    {0x22, "waitable-set.drop", ""},
    {0x23, "waitable.join", ""},
    {0x24, "backpressure.inc", ""},
    {0x25, "backpressure.dec", ""},
    {0x26, "thread.index", ""},
    {0x27, "thread.new-indirect", "cT"},
    {0x28, "thread.resume-later", ""},
    {0x29, "thread.suspend", "C"},
    {0x2a, "thread.suspend-then-resume", "C"},
    {0x2b, "thread.yield-then-resume", "C"},
    {0x2c, "thread.suspend-then-promote", "C"},
    {0x2d, "thread.yield-then-promote", "C"},
    {0x40, "thread.spawn-ref", "sc"},
    {0x41, "thread.spawn-indirect", "scT"},
    {0x42, "thread.available-parallelism", "s"},
};

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
    case 'C': return word_if_set(in, " cancellable");
    case 's': return word_if_set(in, " shared");
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
  auto known = std::ranges::find(builtins, opcode, &Builtin::opcode);
  if (known == std::end(builtins)) {
    in.fail_at("invalid canonical definition", start);
    return "";
  }
  std::string out = known->name;
  for (const char* kind = known->immediates; *kind != '\0'; ++kind) out += immediate(in, *kind);
  return out;
}

}  // namespace tenon::toolchain
