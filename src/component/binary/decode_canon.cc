#include <fmt/format.h>

#include "base/limits.h"
#include "component/binary/item_reader.h"

// Canonical definitions.
namespace tenon::component {

namespace {

// component: Binary.md#canonical-definitions. The built-ins that are not here yet, for the error.
const char* unsupported_builtin(uint8_t opcode) {
  switch (opcode) {
    case 0x05: return "task.cancel";
    case 0x06: return "subtask.cancel";
    case 0x07: return "resource.drop async";
    case 0x08: return "backpressure.set";
    case 0x09: return "task.return";
    case 0x0a: return "context.get";
    case 0x0b: return "context.set";
    case 0x0c: return "thread.yield";
    case 0x0d: return "subtask.drop";
    case 0x0e: return "stream.new";
    case 0x0f: return "stream.read";
    case 0x10: return "stream.write";
    case 0x11: return "stream.cancel-read";
    case 0x12: return "stream.cancel-write";
    case 0x13: return "stream.drop-readable";
    case 0x14: return "stream.drop-writable";
    case 0x15: return "future.new";
    case 0x16: return "future.read";
    case 0x17: return "future.write";
    case 0x18: return "future.cancel-read";
    case 0x19: return "future.cancel-write";
    case 0x1a: return "future.drop-readable";
    case 0x1b: return "future.drop-writable";
    case 0x1c: return "error-context.new";
    case 0x1d: return "error-context.debug-message";
    case 0x1e: return "error-context.drop";
    case 0x1f: return "waitable-set.new";
    case 0x20: return "waitable-set.wait";
    case 0x21: return "waitable-set.poll";
    case 0x22: return "waitable-set.drop";
    case 0x23: return "waitable.join";
    case 0x24: return "backpressure.inc";
    case 0x25: return "backpressure.dec";
    case 0x26: return "thread.index";
    case 0x27: return "thread.new-indirect";
    case 0x28: return "thread.resume-later";
    case 0x29: return "thread.suspend";
    case 0x2a: return "thread.suspend-then-resume";
    case 0x2b: return "thread.yield-then-resume";
    case 0x2c: return "thread.suspend-then-promote";
    case 0x2d: return "thread.yield-then-promote";
    case 0x40: return "thread.spawn-ref";
    case 0x41: return "thread.spawn-indirect";
    case 0x42: return "thread.available-parallelism";
    default: return nullptr;
  }
}

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
    case 0x06: return unsupported("canonical option `async`", start);
    case 0x07: return unsupported("canonical option `callback`", start);
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
    case 0x02: return {CanonResource{CanonResource::Op::new_, u32()}};
    case 0x03: return {CanonResource{CanonResource::Op::drop, u32()}};
    case 0x04: return {CanonResource{CanonResource::Op::rep, u32()}};
    default: break;
  }
  if (const char* name = unsupported_builtin(opcode)) {
    refuse(ErrorCode::unsupported,
           fmt::format("canonical built-in `{}` is not supported yet", name), start);
  } else {
    fail_at("invalid canonical definition", start);
  }
  return {};
}

}  // namespace tenon::component
