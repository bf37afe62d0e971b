#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/sections.h"
#include "wasm/canonical.h"

// The type section: recursion groups of defined types.
namespace tenon::wasm {

namespace {

// wasm: binary-comptype
void decode_composite(Reader& in, SubType& type) {
  uint64_t start = in.offset();
  switch (in.byte()) {
    case type_code::func:
      type.kind = SubType::Kind::func;
      type.func = in.func_type();
      return;
    case type_code::struct_: {
      in.require(Feature::gc, "a struct type", start);
      type.kind = SubType::Kind::struct_;
      uint32_t n = in.count_to(limits::max_struct_fields, "fields");
      for (uint32_t i = 0; i < n && in.ok(); ++i) type.fields.push_back(in.field_type());
      return;
    }
    case type_code::array:
      in.require(Feature::gc, "an array type", start);
      type.kind = SubType::Kind::array;
      type.fields.push_back(in.field_type());
      return;
    default: in.fail_at("malformed definition type", start);
  }
}

bool refers_beyond(const SubType& type, TypeIndex self, size_t end) {
  auto beyond = [&](ValType val) {
    return val.is_ref() && val.heap().is_concrete() && val.heap().type().index >= end;
  };
  return std::ranges::any_of(type.func.params, beyond) ||
         std::ranges::any_of(type.func.results, beyond) ||
         std::ranges::any_of(type.fields,
                             [&](const FieldType& field) { return beyond(field.type); }) ||
         std::ranges::any_of(type.supertypes, [&](TypeIndex super) { return super >= self; });
}

// How many types there are in a group, whose head is taken.
uint32_t group_size(Reader& in) {
  uint64_t start = in.offset();
  if (in.peek() != type_code::rec) return 1;
  in.require(Feature::gc, "a recursion group", start);
  in.byte();
  return in.count_to(limits::max_types, "types in a group");
}

}  // namespace

// wasm: binary-subtype
SubType decode_sub_type(Reader& in) {
  SubType type;
  uint64_t start = in.offset();
  uint8_t first = in.peek();
  if (first == type_code::sub || first == type_code::sub_final) {
    in.require(Feature::gc, "a subtype declaration", start);
    type.is_final = in.byte() == type_code::sub_final;
    uint32_t n = in.count_to(1, "supertypes");
    for (uint32_t i = 0; i < n; ++i) type.supertypes.push_back(TypeIndex(in.u32()));
  }
  decode_composite(in, type);
  return type;
}

std::vector<SubType> decode_rec_type(Reader& in) {
  std::vector<SubType> types;
  uint32_t size = group_size(in);
  for (uint32_t i = 0; i < size && in.ok(); ++i) types.push_back(decode_sub_type(in));
  return types;
}

// wasm: binary-typesec
void decode_type_section(Reader& in, Module& module) {
  uint32_t groups = in.count_to(limits::max_types, "types");
  // The shortest type has three bytes.
  size_t expected = std::min<size_t>(groups, in.left() / 3);
  module.types.reserve(expected);
  module.rec_groups.reserve(expected);
  for (uint32_t i = 0; i < groups && in.ok(); ++i) {
    uint64_t start = in.offset();
    RecGroup group{module.types.next_id(), group_size(in)};
    for (uint32_t k = 0; k < group.size && in.ok(); ++k)
      module.types.push_back(decode_sub_type(in));
    if (!in.ok()) return;
    if (module.types.size() > limits::max_types)
      return in.refuse(ErrorCode::limit, "too many types", start);
    for (uint32_t k = 0; k < group.size; ++k) {
      TypeIndex index(group.first.index + k);
      if (!refers_beyond(module.types[index], index, module.types.size())) continue;
      return in.refuse(ErrorCode::invalid,
                       fmt::format("unknown type, used by type {}", index.index), start);
    }
    module.rec_groups.push_back(group);
  }
  if (in.ok()) module.canonical_types = canonical_types(module);
}

}  // namespace tenon::wasm
