#include "component/despecialize.h"

#include "component/visit.h"

namespace tenon::component {

Parts parts_of(const Type& definition) {
  Parts parts;
  std::visit(Overloaded{
                 [&](const RecordType& t) {
                   for (const Field& field : t.fields) parts.fields.push_back(field.type);
                 },
                 [&](const TupleType& t) { parts.fields = t.types; },
                 [&](const VariantType& t) {
                   for (const Case& c : t.cases) parts.cases.push_back(c.type);
                 },
                 [&](const EnumType& t) { parts.cases.resize(t.names.size()); },
                 [&](const OptionType& t) { parts.cases = {std::nullopt, t.some}; },
                 [&](const ResultType& t) { parts.cases = {t.ok, t.error}; },
                 [](const auto&) {},
             },
             definition);
  return parts;
}

abi::VariantLayout variant_layout(const ComponentTypes& types,
                                  std::span<const std::optional<ValType>> cases,
                                  abi::CoreType pointer) {
  abi::Layout payload;
  for (const std::optional<ValType>& type : cases) {
    if (type) payload.widen(types.layout(*type, pointer));
  }
  return abi::variant_layout(cases.size(), payload);
}

// Records with holes are not plain: what lies in the holes is not part of the value.
bool is_plain(const ComponentTypes& types, ValType type) {
  const Type* definition = types.defined(type);
  if (!definition) {
    Primitive primitive = types.canonical(type).primitive();
    return primitive != Primitive::bool_ && primitive != Primitive::char_ &&
           primitive != Primitive::string && primitive != Primitive::error_context;
  }
  // What has no pointers has one layout.
  auto size_of = [&](ValType part) { return types.layout(part, abi::CoreType::i32).size; };
  auto all_plain = [&](const auto& parts, auto&& type_of) {
    uint64_t size = 0;
    for (const auto& part : parts) {
      if (!is_plain(types, type_of(part))) return false;
      size += size_of(type_of(part));
    }
    return size == size_of(type);
  };
  return std::visit(Overloaded{
                        [&](const RecordType& t) {
                          return all_plain(t.fields, [](const Field& field) { return field.type; });
                        },
                        [&](const TupleType& t) {
                          return all_plain(t.types, [](ValType element) { return element; });
                        },
                        [](const FlagsType& t) {
                          return t.names.size() == 8 || t.names.size() == 16 ||
                                 t.names.size() == 32;
                        },
                        [&](const FixedListType& t) { return is_plain(types, t.element); },
                        [](const auto&) { return false; },
                    },
                    *definition);
}

}  // namespace tenon::component
