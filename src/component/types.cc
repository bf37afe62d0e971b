#include "component/types.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "component/type_key.h"
#include "component/visit.h"

namespace tenon::component {
namespace {

// canon: MAX_LIST_BYTE_LENGTH bounds every element size too (Binary.md#type-definitions).
constexpr uint64_t max_elem_size = (uint64_t{1} << 28) - 1;

// The sizes of a value type, in 64 bits so that a sum cannot wrap before it meets its limit.
struct Sizes {
  uint64_t size = 0;
  uint64_t alignment = 1;

  void add_field(Layout field) {
    alignment = std::max<uint64_t>(alignment, field.alignment);
    size = (size + field.alignment - 1) / field.alignment * field.alignment + field.size;
  }
  Layout finish() const {
    uint64_t total = (size + alignment - 1) / alignment * alignment;
    // One above the limit stands for everything above it.
    return {static_cast<uint32_t>(std::min(total, max_elem_size + 1)),
            static_cast<uint32_t>(alignment)};
  }
};

Layout primitive_layout(Primitive primitive, uint32_t pointer) {
  switch (primitive) {
    case Primitive::bool_:
    case Primitive::s8:
    case Primitive::u8: return {1, 1};
    case Primitive::s16:
    case Primitive::u16: return {2, 2};
    case Primitive::s32:
    case Primitive::u32:
    case Primitive::f32:
    case Primitive::char_: return {4, 4};
    case Primitive::s64:
    case Primitive::u64:
    case Primitive::f64: return {8, 8};
    case Primitive::string: return {2 * pointer, pointer};
  }
  return {};
}

TypeInfo primitive_info(Primitive primitive) {
  TypeInfo info;
  info.layout = primitive_layout(primitive, 4);
  info.layout64 = primitive_layout(primitive, 8);
  info.has_pointer = primitive == Primitive::string;
  info.flat_count = info.has_pointer ? 2 : 1;
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
  void field(ValType type) {
    TypeInfo of = types_.info(type);
    part(of);
    sizes_.add_field(of.layout);
    sizes64_.add_field(of.layout64);
    add_flat(of.flat_count);
  }
  void add_flat(uint32_t count) {
    info_.flat_count = std::min(info_.flat_count + count, max_flat_count);
  }

  // canon: elem_size_variant
  void variant(const std::vector<std::optional<ValType>>& cases) {
    uint32_t discriminant = discriminant_size(cases.size());
    Layout payload, payload64;
    uint32_t flat = 0;
    for (const auto& type : cases) {
      if (!type) continue;
      TypeInfo of = types_.info(*type);
      part(of);
      widen(payload, of.layout);
      widen(payload64, of.layout64);
      flat = std::max(flat, of.flat_count);
    }
    sizes_.add_field({discriminant, discriminant});
    sizes64_.add_field({discriminant, discriminant});
    sizes_.add_field(payload);
    sizes64_.add_field(payload64);
    add_flat(1 + flat);
  }
  void fixed(Layout layout, Layout layout64, uint32_t flat) {
    sizes_.add_field(layout);
    sizes64_.add_field(layout64);
    add_flat(flat);
  }
  void handle(bool borrow) {
    info_.has_resource = true;
    info_.has_borrow = borrow;
    fixed({4, 4}, {4, 4}, 1);
  }
  void pointer() { info_.has_pointer = true; }
  void resource() { info_.has_resource = true; }

  TypeInfo finish() {
    info_.layout = sizes_.finish();
    info_.layout64 = sizes64_.finish();
    return info_;
  }

 private:
  static void widen(Layout& to, Layout from) {
    to.size = std::max(to.size, from.size);
    to.alignment = std::max(to.alignment, from.alignment);
  }

  const ComponentTypes& types_;
  TypeInfo info_;
  Sizes sizes_;
  Sizes sizes64_;
};

Layout flags_layout(size_t count) {
  uint32_t bytes = count <= 8 ? 1 : count <= 16 ? 2 : 4;
  return {bytes, bytes};
}

}  // namespace

const char* name_of(Primitive primitive) {
  static constexpr const char* names[] = {"bool", "s8",  "u8",  "s16", "u16",  "s32",   "u32",
                                          "s64",  "u64", "f32", "f64", "char", "string"};
  return names[static_cast<int>(primitive)];
}

const char* name_of(EntityKind kind) {
  static constexpr const char* names[] = {"module", "func", "type", "component", "instance"};
  return names[static_cast<int>(kind)];
}

const char* kind_name(const Type& type) {
  static constexpr const char* names[] = {
      "primitive", "record", "variant", "list", "tuple",    "flags",    "enum",      "option",
      "result",    "own",    "borrow",  "func", "resource", "instance", "component", "core module"};
  return names[type.index()];
}

uint32_t discriminant_size(size_t cases) {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

TypeInfo ComponentTypes::info(ValType type) const {
  return type.is_primitive() ? primitive_info(type.primitive()) : info_[type.type()];
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
  auto externs = [&](const std::vector<Extern>& list) {
    for (const Extern& item : list) it.part(info_[item.entity.type]);
  };
  std::visit(Overloaded{
                 [&](const PrimitiveType& t) { it.field(t.primitive); },
                 [&](const RecordType& t) {
                   for (const Field& field : t.fields) it.field(field.type);
                 },
                 [&](const TupleType& t) {
                   for (ValType element : t.types) it.field(element);
                 },
                 [&](const VariantType& t) {
                   std::vector<std::optional<ValType>> cases;
                   for (const Case& c : t.cases) cases.push_back(c.type);
                   it.variant(cases);
                 },
                 [&](const ListType& t) {
                   it.part(info(t.element));
                   it.pointer();
                   it.fixed({8, 4}, {16, 8}, 2);
                 },
                 [&](const FlagsType& t) {
                   it.fixed(flags_layout(t.names.size()), flags_layout(t.names.size()), 1);
                 },
                 [&](const EnumType& t) {
                   it.variant(std::vector<std::optional<ValType>>(t.names.size()));
                 },
                 [&](const OptionType& t) { it.variant({std::nullopt, t.some}); },
                 [&](const ResultType& t) { it.variant({t.ok, t.error}); },
                 [&](const OwnType&) { it.handle(false); },
                 [&](const BorrowType&) { it.handle(true); },
                 [&](const FuncType& t) {
                   for (const Field& param : t.params) it.part(info(param.type));
                   if (t.result) it.part(info(*t.result));
                 },
                 [&](const ResourceType&) { it.resource(); },
                 [&](const InstanceType& t) { externs(t.exports); },
                 [&](const ComponentType& t) {
                   externs(t.imports);
                   externs(t.exports);
                 },
                 [&](const ModuleType&) {},
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

Result<void> check_limits(const TypeInfo& info) {
  if (info.depth > limits::max_type_depth) {
    return fail(ErrorCode::limit,
                fmt::format("type nesting is deeper than {}", limits::max_type_depth));
  }
  if (info.size > limits::max_type_size) {
    return fail(ErrorCode::limit,
                fmt::format("effective type size exceeds the limit of {}", limits::max_type_size));
  }
  if (info.layout.size > max_elem_size || info.layout64.size > max_elem_size) {
    return fail(ErrorCode::invalid,
                fmt::format("value type is larger than {} bytes", max_elem_size));
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

Result<TypeId> ComponentTypes::intern(Type type) {
  Type parts = with_canonical_parts(type);
  std::string key = structural_key(parts);
  auto found = interned_.find(key);
  if (found != interned_.end()) return found->second;
  TypeInfo info = describe(parts);
  TRY_VOID(check_limits(info));
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
  TypeInfo info = describe(type);
  TRY_VOID(check_limits(info));
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
