#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "tenon/abi/flatten.h"
#include "tenon/abi/layout.h"

// The types of the Component Model as plain values that refer to each other by id. A ComponentTypes
// owns them; an id means nothing without its table. Not thread-safe while types are added.
//
// Two ids may stand for equal types: validation has to tell a type from its re-export under another
// name. `canonical` maps both to the same id, so that equality costs one comparison. The table of a
// Plan holds canonical types only.
namespace tenon::component {

using TypeId = Id<struct TypeTag>;
// In validation: an abstract, generative type. In a Plan: an index of Plan::resources.
using ResourceId = Id<struct ResourceTag>;

enum class Primitive : uint8_t {
  bool_,
  s8,
  u8,
  s16,
  u16,
  s32,
  u32,
  s64,
  u64,
  f32,
  f64,
  char_,
  string,
  error_context,
};

const char* name_of(Primitive primitive);

// component: Binary.md#type-definitions (valtype). A primitive, or the id of a defined value type.
class ValType {
 public:
  constexpr ValType() : ValType(Primitive::bool_) {}
  constexpr ValType(Primitive primitive)
      : bits_(static_cast<uint32_t>(primitive)) {}  // NOLINT(google-explicit-constructor)
  // The index is below limits::max_component_types.
  constexpr explicit ValType(TypeId type) : bits_(type.index + first_type) {}

  constexpr bool is_primitive() const { return bits_ < first_type; }
  constexpr Primitive primitive() const { return static_cast<Primitive>(bits_); }
  constexpr TypeId type() const { return TypeId(bits_ - first_type); }
  constexpr uint32_t bits() const { return bits_; }
  static constexpr ValType from_bits(uint32_t bits) {
    ValType type;
    type.bits_ = bits;
    return type;
  }
  friend constexpr bool operator==(ValType, ValType) = default;

 private:
  static constexpr uint32_t first_type = 16;
  uint32_t bits_;
};

struct Field {
  std::string name;
  ValType type;
  friend bool operator==(const Field&, const Field&) = default;
};

struct Case {
  std::string name;
  std::optional<ValType> type;
  friend bool operator==(const Case&, const Case&) = default;
};

// A type definition that is just another name for a primitive type; never canonical.
struct PrimitiveType {
  Primitive primitive = Primitive::bool_;
};
struct RecordType {
  std::vector<Field> fields;
};
struct VariantType {
  std::vector<Case> cases;
};
struct ListType {
  ValType element;
};
struct FixedListType {
  ValType element;
  uint32_t length = 0;
};
// canon: despecialized to a list of tuples. ComponentTypes sets `entry`, the tuple's type.
struct MapType {
  ValType key;
  ValType value;
  TypeId entry;
};
struct TupleType {
  std::vector<ValType> types;
};
struct FlagsType {
  std::vector<std::string> names;
};
struct EnumType {
  std::vector<std::string> names;
};
struct OptionType {
  ValType some;
};
struct ResultType {
  std::optional<ValType> ok;
  std::optional<ValType> error;
};
struct StreamType {
  std::optional<ValType> payload;
};
struct FutureType {
  std::optional<ValType> payload;
};
// `via` is the type definition that the handle type was written with. Only the rules of external
// visibility look at it; it is zero in a canonical type.
struct OwnType {
  ResourceId resource;
  TypeId via;
};
struct BorrowType {
  ResourceId resource;
  TypeId via;
};
struct FuncType {
  std::vector<Field> params;
  std::optional<ValType> result;
  bool is_async = false;
};
// A type definition that names a resource.
struct ResourceType {
  ResourceId resource;
};

// Which kinds of definitions a component imports and exports.
enum class EntityKind : uint8_t { module, func, value, type, component, instance };
const char* name_of(EntityKind kind);

struct Entity {
  EntityKind kind = EntityKind::func;
  // module: ModuleType; value: a value type, or PrimitiveType; type: any type; else the type of the
  // kind's name
  TypeId type;
  friend bool operator==(const Entity&, const Entity&) = default;
};

struct Extern {
  std::string name;
  Entity entity;
};

// The resources that a type binds, with the place where they come into being: a path of export (or
// import) names whose end is a `type` entity.
struct BoundResource {
  ResourceId resource;
  std::vector<std::string> path;
};

struct InstanceType {
  std::vector<Extern> exports;
  std::vector<BoundResource> resources;  // made anew by each use of the type
};

struct ComponentType {
  std::vector<Extern> imports;
  std::vector<Extern> exports;
  std::vector<BoundResource> imported;  // replaced by what an instantiation supplies
  std::vector<BoundResource> exported;  // made anew by each instantiation
};

// The type of a core module: an index of the validator's table of core module types.
struct ModuleType {
  uint32_t index = 0;
};

using Type = std::variant<PrimitiveType, RecordType, VariantType, ListType, FixedListType, MapType,
                          TupleType, FlagsType, EnumType, OptionType, ResultType, StreamType,
                          FutureType, OwnType, BorrowType, FuncType, ResourceType, InstanceType,
                          ComponentType, ModuleType>;

// PrimitiveType to BorrowType.
inline bool is_value_type(const Type& type) {
  return type.index() <= Type(BorrowType()).index();
}

// "record", "func", ...: for messages.
const char* kind_name(const Type& type);

using abi::Layout;  // of value types: sizes are below 2^28

// What is known of a type once it is made, so that no later question walks it again.
struct TypeInfo {
  TypeId canonical;
  // Of value types only, with 32-bit and with 64-bit pointers. canon: elem_size, flatten_type
  abi::Layouts layouts;
  abi::FlatTypes flat;
  abi::FlatTypes flat64;
  uint32_t depth = 1;
  uint32_t size = 1;  // nodes of the type written out as a tree
  bool has_borrow = false;
  bool has_resource = false;  // an own, a borrow or a resource anywhere inside
  bool has_pointer = false;   // a string, a list or a map anywhere inside

  // `pointer` is i32 or i64.
  const abi::FlatTypes& flat_for(abi::CoreType pointer) const {
    return pointer == abi::CoreType::i64 ? flat64 : flat;
  }
};

class ComponentTypes {
 public:
  // A new id for `type`, whose parts are in this table. Fails when the type is nested too deep or
  // too large.
  Result<TypeId> add(Type type);
  // The canonical id of `type`, whose parts are in this table.
  Result<TypeId> intern(Type type);
  // Accounts for memory that grows with a hostile component: fails above
  // limits::max_component_type_bytes.
  Result<void> charge(size_t bytes);
  ResourceId new_resource() { return ResourceId(next_resource_++); }

  const Type& operator[](TypeId id) const { return types_[id]; }
  const TypeInfo& info(TypeId id) const { return info_[id]; }
  TypeInfo info(ValType type) const;
  bool contains(TypeId id) const { return types_.contains(id); }
  size_t size() const { return types_.size(); }

  TypeId canonical(TypeId id) const { return info_[id].canonical; }
  ValType canonical(ValType type) const;
  bool equal(ValType a, ValType b) const { return canonical(a) == canonical(b); }
  Layout layout(ValType type, abi::CoreType pointer) const;

  // The definition behind a value type, or null for a primitive.
  const Type* defined(ValType type) const;
  const FuncType& func(TypeId id) const { return std::get<FuncType>(types_[id]); }

  template <typename Archive>
  void serialize(Archive& ar) {
    ar(types_, info_);
  }

 private:
  Result<void> complete(Type& type);
  Result<TypeId> intern_parts(Type parts, uint64_t max_size);
  TypeInfo describe(const Type& type) const;
  Type with_canonical_parts(const Type& type) const;

  IdVector<TypeId, Type> types_;
  IdVector<TypeId, TypeInfo> info_;
  std::unordered_map<std::string, TypeId> interned_;  // by structural key
  uint32_t next_resource_ = 0;
  uint64_t bytes_ = 0;  // what `charge` has counted
};

// The bytes that a path of names takes, about.
size_t byte_size(const std::vector<std::string>& path);

// The type as text in the style of WIT: `result<list<u8>, own<3>>`. For messages and dumps.
std::string to_string(const ComponentTypes& types, ValType type);
std::string to_string(const ComponentTypes& types, const FuncType& type);

#define TENON_SERIALIZE(Struct, ...)        \
  template <typename Archive>               \
  void serialize(Archive& ar, Struct& it) { \
    (void)it;                               \
    ar(__VA_ARGS__);                        \
  }

TENON_SERIALIZE(Field, it.name, it.type)
TENON_SERIALIZE(Case, it.name, it.type)
TENON_SERIALIZE(PrimitiveType, it.primitive)
TENON_SERIALIZE(RecordType, it.fields)
TENON_SERIALIZE(VariantType, it.cases)
TENON_SERIALIZE(ListType, it.element)
TENON_SERIALIZE(FixedListType, it.element, it.length)
TENON_SERIALIZE(MapType, it.key, it.value, it.entry)
TENON_SERIALIZE(TupleType, it.types)
TENON_SERIALIZE(FlagsType, it.names)
TENON_SERIALIZE(EnumType, it.names)
TENON_SERIALIZE(OptionType, it.some)
TENON_SERIALIZE(ResultType, it.ok, it.error)
TENON_SERIALIZE(StreamType, it.payload)
TENON_SERIALIZE(FutureType, it.payload)
TENON_SERIALIZE(OwnType, it.resource, it.via)
TENON_SERIALIZE(BorrowType, it.resource, it.via)
TENON_SERIALIZE(FuncType, it.params, it.result, it.is_async)
TENON_SERIALIZE(ResourceType, it.resource)
TENON_SERIALIZE(Entity, it.kind, it.type)
TENON_SERIALIZE(Extern, it.name, it.entity)
TENON_SERIALIZE(BoundResource, it.resource, it.path)
TENON_SERIALIZE(InstanceType, it.exports, it.resources)
TENON_SERIALIZE(ComponentType, it.imports, it.exports, it.imported, it.exported)
TENON_SERIALIZE(ModuleType, it.index)
TENON_SERIALIZE(TypeInfo, it.canonical, it.layouts, it.flat, it.flat64, it.depth, it.size,
                it.has_borrow, it.has_resource, it.has_pointer)

}  // namespace tenon::component

namespace tenon::abi {

TENON_SERIALIZE(Layout, it.size, it.alignment)
TENON_SERIALIZE(Layouts, it.with_32, it.with_64)

template <typename Archive>
void serialize(Archive& ar, FlatTypes& it) {
  ar(it.count);
  if constexpr (Archive::reading) {
    if (it.count > max_flat_values) it.count = max_flat_values;
  }
  for (uint32_t i = 0; i < it.count; i++) ar(it.types[i]);
}

}  // namespace tenon::abi
