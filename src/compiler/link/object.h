#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "compiler/artifact/code_tables.h"

// What the linker takes from the ELF object that a tier made of a chunk (docs/contract.md, section
// 6). Anything that the contract does not name is a compile error, and so is a reference to
// anything but guest functions and closed tables.
namespace tenon::compiler {

// Function F of module M of the artifact: the symbol wM_F.
struct FunctionName {
  uint32_t module = 0;
  uint32_t function = 0;
  friend auto operator<=>(const FunctionName&, const FunctionName&) = default;
};

// Closed table T of module M of the artifact: the symbol tM_T.
struct ClosedTableName {
  uint32_t module = 0;
  uint32_t table = 0;
  friend auto operator<=>(const ClosedTableName&, const ClosedTableName&) = default;
};

// A place in one of ObjectCode::sections.
struct ObjectPlace {
  uint32_t section = 0;
  uint32_t offset = 0;
  friend auto operator<=>(const ObjectPlace&, const ObjectPlace&) = default;
};

struct ObjectSection {
  bool is_text = false;  // else read-only data
  uint32_t alignment = 1;
  std::vector<uint8_t> bytes;
};

struct ObjectFunction {
  FunctionName name;
  ObjectPlace place;
};

// The 32 bits at `place` become target + addend - place. The target is the start of a section, or
// what the name stands for.
struct ObjectRelocation {
  ObjectPlace place;
  std::variant<uint32_t, FunctionName, ClosedTableName> target;
  int64_t addend = 0;
};

struct ObjectUnwindRow {
  ObjectPlace start;
  UnwindRule rule;
};

// Calls in [place, place + size) go on at `pad`, an offset in the same section, when an exception
// leaves them.
struct ObjectLandingPad {
  ObjectPlace place;
  uint32_t size = 0;
  uint32_t pad = 0;
};

// A call that returns to `place`, and the references of its frame: in ObjectCode::roots.
struct ObjectSafepoint {
  ObjectPlace place;
  uint32_t first_root = 0;
  uint32_t count = 0;
};

// `position` is as in .debug_line: code offset plus 1, or 0 for none.
struct ObjectPosition {
  ObjectPlace start;
  uint32_t position = 0;
};

struct ObjectCode {
  std::vector<ObjectSection> sections;
  std::vector<ObjectFunction> functions;  // sorted by place
  std::vector<ObjectRelocation> relocations;
  std::vector<ObjectUnwindRow> unwind;         // sorted by place; one at the start of each function
  std::vector<ObjectLandingPad> landing_pads;  // sorted by place
  std::vector<ObjectSafepoint> safepoints;     // sorted by place
  std::vector<RootSlot> roots;
  std::vector<ObjectPosition> positions;  // sorted by place
};

Result<ObjectCode> read_object(std::span<const uint8_t> bytes);

}  // namespace tenon::compiler
