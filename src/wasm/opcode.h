#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wasm/features.h"

// The instructions of the standard as an enumeration, and what opcodes.def says about each. Opcode
// values are positions in the table (small and dense); `OpcodeInfo::code` is the number in the
// binary format.
namespace tenon::wasm {

enum class Opcode : uint16_t {
#define OP(code, text, name, immediate, signature, size, feature, label) name,
#include "wasm/opcodes.def"
#undef OP
};

constexpr int opcode_count = 0
#define OP(code, text, name, immediate, signature, size, feature, label) +1
#include "wasm/opcodes.def"
#undef OP
    ;

// What follows an opcode in the binary format.
enum class Immediate : uint8_t {
  none,
  block_type,
  label,
  labels,  // list of labels, and the default
  func,
  type,
  type_table,  // type index, table index
  type_field,
  type_count,
  type_type,
  type_data,
  type_elem,
  tag,
  try_table,
  local,
  global,
  table,
  table_table,  // destination, source
  elem,
  elem_table,  // segment, table
  memory,
  memory_memory,  // destination, source
  data,
  data_memory,  // segment, memory
  memarg,
  memarg_lane,
  lane,
  lanes,  // 16 lane indices
  i32,
  i64,
  f32,
  f64,
  v128,
  heap_type,
  val_types,
  cast,
  zero,  // a byte that is 0
};

// How the types of an instruction are found.
enum class OpClass : uint8_t {
  special,     // its own rule
  simple,      // the signature, and at most lane immediates
  load,        // memarg, address
  store,       // memarg, address, value
  load_lane,   // memarg, lane, address, vector
  store_lane,  // memarg, lane, address, vector
  atomic,      // memarg, address, operands
};

// The types of a fixed signature as letters of opcodes.def; 0 ends the list.
struct OpSignature {
  char params[3] = {0, 0, 0};
  uint8_t param_count = 0;
  char result = 0;  // 0: none
};

struct OpcodeInfo {
  std::string_view text;
  std::string_view label;
  uint32_t code = 0;
  OpSignature signature;
  Immediate immediate = Immediate::none;
  OpClass op_class = OpClass::special;
  Feature feature = Feature::mvp;
  uint8_t size = 0;  // bytes accessed, or bytes of a lane

  // wasm: syntax-memarg. The largest alignment, as a power of two.
  constexpr uint32_t natural_align() const { return static_cast<uint32_t>(__builtin_ctz(size)); }
  constexpr uint32_t lane_count() const { return 16u / size; }
  constexpr bool is_prefixed() const { return code > 0xff; }
  constexpr uint8_t first_byte() const {
    return static_cast<uint8_t>(is_prefixed() ? code >> 16 : code);
  }
  constexpr uint32_t number() const { return code & 0xffff; }  // after the prefix
};

namespace detail {

constexpr OpSignature parse_signature(std::string_view text) {
  OpSignature signature;
  size_t i = 0;
  for (; i < text.size() && text[i] != ':'; ++i)
    signature.params[signature.param_count++] = text[i];
  if (i + 1 < text.size()) signature.result = text[i + 1];
  return signature;
}

constexpr uint32_t atomic_prefix = 0xfe;

constexpr OpClass classify(uint32_t code, std::string_view signature, Immediate immediate) {
  if (signature.empty()) return OpClass::special;
  if (code >> 16 == atomic_prefix) return OpClass::atomic;
  bool has_result = signature.back() != ':';
  if (immediate == Immediate::memarg) return has_result ? OpClass::load : OpClass::store;
  if (immediate == Immediate::memarg_lane)
    return has_result ? OpClass::load_lane : OpClass::store_lane;
  return OpClass::simple;
}

}  // namespace detail

inline constexpr std::array<OpcodeInfo, opcode_count> opcode_table = {{
#define OP(code, text, name, immediate, signature, size, feature, label) \
  {text,                                                                 \
   label,                                                                \
   code,                                                                 \
   detail::parse_signature(signature),                                   \
   Immediate::immediate,                                                 \
   detail::classify(code, signature, Immediate::immediate),              \
   Feature::feature,                                                     \
   size},
#include "wasm/opcodes.def"
#undef OP
}};

constexpr const OpcodeInfo& info(Opcode op) {
  return opcode_table[static_cast<size_t>(op)];
}

namespace detail {

constexpr uint16_t no_opcode = 0xffff;

// Opcodes by the number behind `prefix` (0: by the byte itself).
template <uint32_t prefix, size_t size>
constexpr std::array<uint16_t, size> opcodes_by_number() {
  std::array<uint16_t, size> by_number{};
  for (auto& entry : by_number) entry = no_opcode;
  for (size_t i = 0; i < opcode_table.size(); ++i) {
    if (opcode_table[i].code >> 16 == prefix)
      by_number[opcode_table[i].code & 0xffff] = static_cast<uint16_t>(i);
  }
  return by_number;
}

inline constexpr auto plain_opcodes = opcodes_by_number<0, 256>();
// Those that need no look at features.
inline constexpr auto mvp_opcodes = [] {
  auto by_byte = plain_opcodes;
  for (auto& entry : by_byte) {
    if (entry != no_opcode && opcode_table[entry].feature != Feature::mvp) entry = no_opcode;
  }
  return by_byte;
}();
inline constexpr auto fb_opcodes = opcodes_by_number<0xfb, 32>();
inline constexpr auto fc_opcodes = opcodes_by_number<0xfc, 32>();
inline constexpr auto fd_opcodes = opcodes_by_number<0xfd, 512>();
inline constexpr auto fe_opcodes = opcodes_by_number<0xfe, 128>();

// The instructions behind a prefix, by their numbers.
constexpr std::span<const uint16_t> opcodes_of(uint8_t prefix) {
  switch (prefix) {
    case 0xfb: return fb_opcodes;
    case 0xfc: return fc_opcodes;
    case 0xfd: return fd_opcodes;
    case 0xfe: return fe_opcodes;
    default: return {};
  }
}

constexpr std::optional<Opcode> found(uint16_t entry) {
  if (entry == no_opcode) return std::nullopt;
  return static_cast<Opcode>(entry);
}

}  // namespace detail

constexpr bool is_prefix(uint8_t byte) {
  return byte >= 0xfb && byte <= 0xfe;
}
// The instruction of one byte.
constexpr std::optional<Opcode> find_opcode(uint8_t byte) {
  return detail::found(detail::plain_opcodes[byte]);
}
// The instruction of a prefix and the number behind it.
constexpr std::optional<Opcode> find_opcode(uint8_t prefix, uint32_t number) {
  auto known = detail::opcodes_of(prefix);
  return number < known.size() ? detail::found(known[number]) : std::nullopt;
}
// For codes that are not in the table but belong to a proposal: its name.
std::optional<Feature> feature_of_unknown(uint8_t byte);

}  // namespace tenon::wasm
