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
                                  std::span<const std::optional<ValType>> cases) {
  abi::Layout payload;
  for (const std::optional<ValType>& type : cases) {
    if (type) payload.widen(types.layout(*type));
  }
  return abi::variant_layout(cases.size(), payload);
}

}  // namespace tenon::component
