#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "component/types.h"

// component: Binary.md. The bytes of the binary format that several parts of the project write or
// read: preamble, sections, declarators and types.
namespace tenon::component {

inline constexpr std::array<uint8_t, 8> preamble = {0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00};

enum class Section : uint8_t {
  custom,
  core_module,
  core_instance,
  core_type,
  component,
  instance,
  alias,
  type,
  canon,
  start,
  import,
  export_,
  value,
};

// In instance and component types.
namespace declarator {
constexpr uint8_t core_type = 0x00;
constexpr uint8_t type = 0x01;
constexpr uint8_t alias = 0x02;
constexpr uint8_t import = 0x03;
constexpr uint8_t export_ = 0x04;
}  // namespace declarator

// In core module types.
namespace core_declarator {
constexpr uint8_t import = 0x00;
constexpr uint8_t type = 0x01;
constexpr uint8_t alias = 0x02;
constexpr uint8_t export_ = 0x03;
constexpr uint8_t outer_alias_target = 0x01;
}  // namespace core_declarator

namespace type_opcode {
constexpr uint8_t record = 0x72;
constexpr uint8_t variant = 0x71;
constexpr uint8_t list = 0x70;
constexpr uint8_t tuple = 0x6f;
constexpr uint8_t flags = 0x6e;
constexpr uint8_t enum_ = 0x6d;
constexpr uint8_t option = 0x6b;
constexpr uint8_t result = 0x6a;
constexpr uint8_t own = 0x69;
constexpr uint8_t borrow = 0x68;
constexpr uint8_t fixed_list = 0x67;
constexpr uint8_t stream = 0x66;
constexpr uint8_t future = 0x65;
constexpr uint8_t map = 0x63;
constexpr uint8_t resource = 0x3f;
constexpr uint8_t func = 0x40;
constexpr uint8_t component = 0x41;
constexpr uint8_t instance = 0x42;
constexpr uint8_t async_func = 0x43;
constexpr uint8_t core_module = 0x50;
constexpr uint8_t core_sub_prefix = 0x00;  // before a core type that begins as a module type does
}  // namespace type_opcode

namespace alias_target {
constexpr uint8_t export_ = 0x00;
constexpr uint8_t core_export = 0x01;
constexpr uint8_t outer = 0x02;
}  // namespace alias_target

namespace instance_expr {
constexpr uint8_t instantiate = 0x00;
constexpr uint8_t exports = 0x01;
}  // namespace instance_expr

// Attributes of import and export names.
namespace name_attribute {
constexpr uint8_t implements = 0x00;
constexpr uint8_t version_suffix = 0x01;
constexpr uint8_t external_id = 0x02;
}  // namespace name_attribute

// By Primitive; the names are those of `name_of`.
inline constexpr std::array<uint8_t, 14> primitive_opcodes = {
    0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x7a, 0x79, 0x78, 0x77, 0x76, 0x75, 0x74, 0x73, 0x64};
static_assert(primitive_opcodes.size() == static_cast<size_t>(Primitive::error_context) + 1);

constexpr uint8_t opcode_of(Primitive primitive) {
  return primitive_opcodes[static_cast<size_t>(primitive)];
}
constexpr std::optional<Primitive> primitive_of(uint8_t opcode) {
  for (size_t i = 0; i < primitive_opcodes.size(); i++) {
    if (primitive_opcodes[i] == opcode) return static_cast<Primitive>(i);
  }
  return std::nullopt;
}

inline constexpr std::string_view component_name_section = "component-name";

}  // namespace tenon::component
