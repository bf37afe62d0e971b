#include "component/flatten.h"

#include <algorithm>

#include "component/visit.h"

namespace tenon::component {
namespace {

FlatType flatten_primitive(Primitive primitive) {
  switch (primitive) {
    case Primitive::s64:
    case Primitive::u64: return FlatType::i64;
    case Primitive::f32: return FlatType::f32;
    case Primitive::f64: return FlatType::f64;
    default: return FlatType::i32;
  }
}

// Recursion is bounded by limits::max_type_depth, the output by the caller's check of flat_count.
void flatten_into(const ComponentTypes& types, ValType type, std::vector<FlatType>& out);

// canon: flatten_variant
void flatten_case(const ComponentTypes& types, const std::optional<ValType>& type,
                  std::vector<FlatType>& joined) {
  if (!type) return;
  std::vector<FlatType> payload;
  flatten_into(types, *type, payload);
  for (size_t i = 0; i < payload.size(); i++) {
    if (i < joined.size()) {
      joined[i] = join(joined[i], payload[i]);
    } else {
      joined.push_back(payload[i]);
    }
  }
}

void flatten_variant(const ComponentTypes& types, const std::vector<std::optional<ValType>>& cases,
                     std::vector<FlatType>& out) {
  out.push_back(FlatType::i32);
  std::vector<FlatType> joined;
  for (const auto& type : cases) flatten_case(types, type, joined);
  out.insert(out.end(), joined.begin(), joined.end());
}

void flatten_into(const ComponentTypes& types, ValType type, std::vector<FlatType>& out) {
  const Type* definition = types.defined(type);
  if (!definition) {
    Primitive primitive = types.canonical(type).primitive();
    out.push_back(flatten_primitive(primitive));
    if (primitive == Primitive::string) out.push_back(FlatType::i32);
    return;
  }
  std::visit(Overloaded{
                 [&](const RecordType& t) {
                   for (const Field& field : t.fields) flatten_into(types, field.type, out);
                 },
                 [&](const TupleType& t) {
                   for (ValType element : t.types) flatten_into(types, element, out);
                 },
                 [&](const VariantType& t) {
                   out.push_back(FlatType::i32);
                   std::vector<FlatType> joined;
                   for (const Case& c : t.cases) flatten_case(types, c.type, joined);
                   out.insert(out.end(), joined.begin(), joined.end());
                 },
                 [&](const OptionType& t) { flatten_variant(types, {std::nullopt, t.some}, out); },
                 [&](const ResultType& t) { flatten_variant(types, {t.ok, t.error}, out); },
                 [&](const ListType&) { out.insert(out.end(), 2, FlatType::i32); },
                 [&](const auto&) { out.push_back(FlatType::i32); },  // enum, flags, handles
             },
             *definition);
}

}  // namespace

FlatType join(FlatType a, FlatType b) {
  if (a == b) return a;
  bool both_32 =
      (a == FlatType::i32 || a == FlatType::f32) && (b == FlatType::i32 || b == FlatType::f32);
  return both_32 ? FlatType::i32 : FlatType::i64;
}

std::vector<FlatType> flatten_type(const ComponentTypes& types, ValType type) {
  CHECK(types.info(type).flat_count <= max_flat_params);
  std::vector<FlatType> out;
  flatten_into(types, type, out);
  return out;
}

uint32_t flat_param_count(const ComponentTypes& types, const FuncType& func) {
  uint32_t count = 0;
  for (const Field& param : func.params)
    count = std::min(count + types.info(param.type).flat_count, max_flat_count);
  return count;
}

uint32_t flat_result_count(const ComponentTypes& types, const FuncType& func) {
  return func.result ? types.info(*func.result).flat_count : 0;
}

CoreSignature flatten_functype(const ComponentTypes& types, const FuncType& func,
                               Direction direction) {
  CoreSignature signature;
  if (flat_param_count(types, func) > max_flat_params) {
    signature.params = {FlatType::i32};
  } else {
    for (const Field& param : func.params) flatten_into(types, param.type, signature.params);
  }
  if (!func.result) return signature;
  if (types.info(*func.result).flat_count <= max_flat_results) {
    flatten_into(types, *func.result, signature.results);
  } else if (direction == Direction::lift) {
    signature.results = {FlatType::i32};
  } else {
    signature.params.push_back(FlatType::i32);
  }
  return signature;
}

}  // namespace tenon::component
