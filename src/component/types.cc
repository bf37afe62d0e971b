#include "component/types.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "component/despecialize.h"
#include "component/type_key.h"
#include "component/visit.h"

namespace tenon::component {
namespace {

// canon: MAX_LIST_BYTE_LENGTH bounds every element size too (Binary.md#type-definitions).
constexpr uint64_t max_elem_size = (uint64_t{1} << 28) - 1;

abi::Layout primitive_layout(Primitive primitive, abi::CoreType pointer) {
  switch (primitive) {
    case Primitive::bool_:
    case Primitive::s8:
    case Primitive::u8: return abi::scalar_layout(1);
    case Primitive::s16:
    case Primitive::u16: return abi::scalar_layout(2);
    case Primitive::s32:
    case Primitive::u32:
    case Primitive::f32:
    case Primitive::error_context:
    case Primitive::char_: return abi::scalar_layout(4);
    case Primitive::s64:
    case Primitive::u64:
    case Primitive::f64: return abi::scalar_layout(8);
    case Primitive::string: return abi::pointer_pair_layout(pointer);
  }
  return {};
}

abi::FlatTypes flatten_primitive(Primitive primitive, abi::CoreType pointer) {
  switch (primitive) {
    case Primitive::s64:
    case Primitive::u64: return abi::flat(abi::CoreType::i64);
    case Primitive::f32: return abi::flat(abi::CoreType::f32);
    case Primitive::f64: return abi::flat(abi::CoreType::f64);
    case Primitive::string: return abi::flat_pointer_pair(pointer);
    default: return abi::flat(abi::CoreType::i32);
  }
}

TypeInfo primitive_info(Primitive primitive) {
  TypeInfo info;
  info.layouts = {primitive_layout(primitive, abi::CoreType::i32),
                  primitive_layout(primitive, abi::CoreType::i64)};
  info.flat = flatten_primitive(primitive, abi::CoreType::i32);
  info.flat64 = flatten_primitive(primitive, abi::CoreType::i64);
  info.has_pointer = primitive == Primitive::string;
  return info;
}

// Collects the facts of a type from those of its parts.
class Describer {
 public:
  explicit Describer(const ComponentTypes& types) : types_(types) {}

  void part(const TypeInfo& part) {
    info_.depth = std::max(info_.depth, part.depth + 1);
    info_.size = static_cast<uint32_t>(
        std::min<uint64_t>(uint64_t{info_.size} + part.size, uint64_t{limits::max_type_size} + 1));
    info_.has_borrow |= part.has_borrow;
    info_.has_resource |= part.has_resource;
    info_.has_pointer |= part.has_pointer;
  }
  void externs(const std::vector<Extern>& list) {
    for (const Extern& item : list) part(types_.info(item.entity.type));
  }

  // canon: elem_size_record, flatten_record
  void record(std::span<const ValType> fields) {
    abi::Layouts layouts;
    for (ValType type : fields) {
      TypeInfo of = types_.info(type);
      part(of);
      layouts.add_field(of.layouts);
      info_.flat.append(of.flat);
      info_.flat64.append(of.flat64);
    }
    info_.layouts = layouts.finished();
  }
  // canon: elem_size_variant, flatten_variant
  void variant(std::span<const std::optional<ValType>> cases) {
    abi::Layouts payload;
    abi::FlatTypes joined, joined64;
    for (const auto& type : cases) {
      if (!type) continue;
      TypeInfo of = types_.info(*type);
      part(of);
      payload.widen(of.layouts);
      joined.join_case(of.flat);
      joined64.join_case(of.flat64);
    }
    info_.layouts = {abi::variant_layout(cases.size(), payload.with_32).layout,
                     abi::variant_layout(cases.size(), payload.with_64).layout};
    info_.flat = info_.flat64 = abi::flat(abi::CoreType::i32);
    info_.flat.append(joined);
    info_.flat64.append(joined64);
  }
  void list(ValType element) {
    part(types_.info(element));
    info_.has_pointer = true;
    info_.layouts = abi::pointer_pair_layouts();
    info_.flat = abi::flat_pointer_pair();
    info_.flat64 = abi::flat_pointer_pair(abi::CoreType::i64);
  }
  // canon: elem_size_list, flatten_list with a length
  void fixed_list(ValType element, uint32_t length) {
    TypeInfo of = types_.info(element);
    part(of);
    auto repeat = [&](Layout element) { return Layout{element.size * length, element.alignment}; };
    info_.layouts = {repeat(of.layouts.with_32), repeat(of.layouts.with_64)};
    uint32_t copies = std::min(length, abi::max_flat_values);
    for (uint32_t i = 0; i < copies; i++) {
      info_.flat.append(of.flat);
      info_.flat64.append(of.flat64);
    }
  }
  // A stream or future.
  void end_of(const std::optional<ValType>& payload) {
    if (payload) part(types_.info(*payload));
    info_.has_pointer = false;
    scalar(abi::scalar_layout(4));
  }
  // Of the same size whatever pointers are, and one core value.
  void scalar(Layout layout) {
    info_.layouts = layout;
    info_.flat = info_.flat64 = abi::flat(abi::CoreType::i32);
  }
  void handle(bool borrow) {
    info_.has_resource = true;
    info_.has_borrow = borrow;
    scalar(abi::scalar_layout(4));
  }
  void resource() { info_.has_resource = true; }

  TypeInfo finish() { return info_; }

 private:
  const ComponentTypes& types_;
  TypeInfo info_;
};

}  // namespace

const char* name_of(Primitive primitive) {
  static constexpr const char* names[] = {"bool", "s8",   "u8",     "s16",          "u16",
                                          "s32",  "u32",  "s64",    "u64",          "f32",
                                          "f64",  "char", "string", "error-context"};
  return names[static_cast<int>(primitive)];
}

const char* name_of(EntityKind kind) {
  static constexpr const char* names[] = {"module", "func",      "value",
                                          "type",   "component", "instance"};
  return names[static_cast<int>(kind)];
}

const char* kind_name(const Type& type) {
  static constexpr const char* names[] = {
      "primitive", "record", "variant",  "list",     "list",      "map",        "tuple",
      "flags",     "enum",   "option",   "result",   "stream",    "future",     "own",
      "borrow",    "func",   "resource", "instance", "component", "core module"};
  return names[type.index()];
}

TypeInfo ComponentTypes::info(ValType type) const {
  return type.is_primitive() ? primitive_info(type.primitive()) : info_[type.type()];
}

Layout ComponentTypes::layout(ValType type, abi::CoreType pointer) const {
  if (type.is_primitive()) return primitive_layout(type.primitive(), pointer);
  return info_[type.type()].layouts.of(pointer);
}

ValType ComponentTypes::canonical(ValType type) const {
  if (type.is_primitive()) return type;
  if (auto* primitive = std::get_if<PrimitiveType>(&types_[type.type()]))
    return primitive->primitive;
  return ValType(canonical(type.type()));
}

const Type* ComponentTypes::defined(ValType type) const {
  if (type.is_primitive()) return nullptr;
  const Type& definition = types_[type.type()];
  return std::holds_alternative<PrimitiveType>(definition) ? nullptr : &definition;
}

TypeInfo ComponentTypes::describe(const Type& type) const {
  Describer it(*this);
  std::visit(Overloaded{
                 [&](const PrimitiveType& t) { it.record(std::vector<ValType>{t.primitive}); },
                 [&](const ListType& t) { it.list(t.element); },
                 [&](const FixedListType& t) { it.fixed_list(t.element, t.length); },
                 [&](const MapType& t) { it.list(ValType(t.entry)); },
                 [&](const StreamType& t) { it.end_of(t.payload); },
                 [&](const FutureType& t) { it.end_of(t.payload); },
                 [&](const FlagsType& t) { it.scalar(abi::flags_layout(t.names.size())); },
                 [&](const OwnType&) { it.handle(false); },
                 [&](const BorrowType&) { it.handle(true); },
                 [&](const FuncType& t) {
                   for (const Field& param : t.params) it.part(info(param.type));
                   if (t.result) it.part(info(*t.result));
                 },
                 [&](const ResourceType&) { it.resource(); },
                 [&](const InstanceType& t) { it.externs(t.exports); },
                 [&](const ComponentType& t) {
                   it.externs(t.imports);
                   it.externs(t.exports);
                 },
                 [](const ModuleType&) {},
                 [&](const auto&) {
                   Parts parts = parts_of(type);
                   parts.cases.empty() ? it.record(parts.fields) : it.variant(parts.cases);
                 },
             },
             type);
  return it.finish();
}

size_t byte_size(const std::vector<std::string>& path) {
  size_t bytes = 0;
  for (const std::string& name : path) bytes += sizeof(std::string) + name.size();
  return bytes;
}

namespace {

// What a type takes beside its id, about.
size_t bytes_of(const Type& type) {
  size_t bytes = sizeof(Type) + sizeof(TypeInfo);
  auto add_named = [&](const auto& items) {
    for (const auto& item : items) bytes += sizeof item + item.name.size();
  };
  auto add_resources = [&](const std::vector<BoundResource>& resources) {
    for (const BoundResource& bound : resources) bytes += sizeof bound + byte_size(bound.path);
  };
  std::visit(Overloaded{
                 [&](const RecordType& t) { add_named(t.fields); },
                 [&](const VariantType& t) { add_named(t.cases); },
                 [&](const TupleType& t) { bytes += t.types.size() * sizeof(ValType); },
                 [&](const FlagsType& t) { bytes += byte_size(t.names); },
                 [&](const EnumType& t) { bytes += byte_size(t.names); },
                 [&](const FuncType& t) { add_named(t.params); },
                 [&](const InstanceType& t) {
                   add_named(t.exports);
                   add_resources(t.resources);
                 },
                 [&](const ComponentType& t) {
                   add_named(t.imports);
                   add_named(t.exports);
                   add_resources(t.imported);
                   add_resources(t.exported);
                 },
                 [](const auto&) {},
             },
             type);
  return bytes;
}

Result<void> check_limits(const TypeInfo& info, uint64_t max_size) {
  if (info.depth > limits::max_type_depth) {
    return fail(ErrorCode::limit,
                fmt::format("type nesting is deeper than {}", limits::max_type_depth));
  }
  if (info.size > limits::max_type_size) {
    return fail(ErrorCode::limit,
                fmt::format("effective type size exceeds the limit of {}", limits::max_type_size));
  }
  if (info.layouts.with_32.size > max_size || info.layouts.with_64.size > max_size) {
    return fail(ErrorCode::invalid,
                fmt::format("value type exceeds maximum byte size of {}", max_size));
  }
  return {};
}

}  // namespace

Result<void> ComponentTypes::charge(size_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= limits::max_component_type_bytes) return {};
  return fail(ErrorCode::limit, fmt::format("the component's types take more than {} bytes",
                                            limits::max_component_type_bytes));
}

Type ComponentTypes::with_canonical_parts(const Type& type) const {
  Type result = type;
  for_each_val_type(result, [&](ValType& part) { part = canonical(part); });
  if (auto* own = std::get_if<OwnType>(&result)) own->via = TypeId();
  if (auto* borrow = std::get_if<BorrowType>(&result)) borrow->via = TypeId();
  return result;
}

// The tuple that a map's entries are is no definition of the component: limits on sizes do not
// concern it, only the lists that have it for an element.
Result<void> ComponentTypes::complete(Type& type) {
  auto* map = std::get_if<MapType>(&type);
  if (!map) return {};
  map->entry =
      TRY(intern_parts(TupleType{{canonical(map->key), canonical(map->value)}}, 4 * max_elem_size));
  return {};
}

Result<TypeId> ComponentTypes::intern(Type type) {
  TRY_VOID(complete(type));
  return intern_parts(with_canonical_parts(type), max_elem_size);
}

Result<TypeId> ComponentTypes::intern_parts(Type parts, uint64_t max_size) {
  std::string key = structural_key(parts);
  auto found = interned_.find(key);
  if (found != interned_.end()) return found->second;
  TypeInfo info = describe(parts);
  TRY_VOID(check_limits(info, max_size));
  TRY_VOID(charge(bytes_of(parts)));
  info.canonical = types_.next_id();
  interned_.emplace(std::move(key), info.canonical);
  types_.push_back(std::move(parts));
  return info_.push_back(info);
}

Result<TypeId> ComponentTypes::add(Type type) {
  if (types_.size() >= limits::max_component_types) {
    return fail(ErrorCode::limit, fmt::format("more than {} types", limits::max_component_types));
  }
  TRY_VOID(complete(type));
  TypeInfo info = describe(type);
  TRY_VOID(check_limits(info, max_elem_size));
  TRY_VOID(charge(bytes_of(type)));
  bool is_structural = !std::holds_alternative<InstanceType>(type) &&
                       !std::holds_alternative<ComponentType>(type) &&
                       !std::holds_alternative<ModuleType>(type);
  if (is_structural) {
    info.canonical = TRY(intern(type));
  } else {
    info.canonical = types_.next_id();
  }
  types_.push_back(std::move(type));
  return info_.push_back(info);
}

}  // namespace tenon::component
