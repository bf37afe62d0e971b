#include "canon/values.h"
#include "component/visit.h"

namespace tenon::canon {

using component::Overloaded;
using component::ValType;

Parts parts_of(const component::Type& definition) {
  Parts parts;
  std::visit(Overloaded{
                 [&](const component::RecordType& t) {
                   for (const component::Field& field : t.fields)
                     parts.fields.push_back(field.type);
                 },
                 [&](const component::TupleType& t) { parts.fields = t.types; },
                 [&](const component::VariantType& t) {
                   for (const component::Case& c : t.cases) parts.cases.push_back(c.type);
                 },
                 [&](const component::EnumType& t) { parts.cases.resize(t.names.size()); },
                 [&](const component::OptionType& t) { parts.cases = {std::nullopt, t.some}; },
                 [&](const component::ResultType& t) { parts.cases = {t.ok, t.error}; },
                 [](const auto&) {},
             },
             definition);
  return parts;
}

abi::Layout layout_of(const component::ComponentTypes& types, ValType type) {
  component::Layout layout = types.layout(type);
  return {layout.size, layout.alignment};
}

abi::VariantLayout variant_layout_of(const component::ComponentTypes& types, const Parts& parts) {
  abi::Layout payload;
  for (const std::optional<ValType>& type : parts.cases) {
    if (type) payload.widen(layout_of(types, *type));
  }
  return abi::variant_layout(parts.cases.size(), payload);
}

}  // namespace tenon::canon
