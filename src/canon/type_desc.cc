#include "canon/type_desc.h"

#include <fmt/format.h>

#include "component/visit.h"

namespace tenon::canon {
namespace {

using abi::Member;
using abi::TypeDesc;
using abi::TypeKind;
using component::ComponentTypes;
using component::Overloaded;
using component::Primitive;
using component::ValType;

constexpr const char* kind_names[] = {
    "bool",  "s8",     "u8",     "s16",    "u16",    "s32",    "u32",   "s64",     "u64",
    "f32",   "f64",    "char",   "string", "list",   "record", "tuple", "variant", "enum",
    "flags", "option", "result", "own",    "borrow", "list",   "map",   "stream",  "future"};

// Types like WIT's, as far as a description knows them; `depth` ends what is too long to read
// anyway.
std::string text_to_depth(const TypeDesc* type, int depth) {
  if (!type) return "_";
  std::string name = kind_names[static_cast<int>(type->kind)];
  switch (type->kind) {
    case TypeKind::list:
    case TypeKind::fixed_list:
    case TypeKind::map:
    case TypeKind::option:
    case TypeKind::tuple:
    case TypeKind::result:
    case TypeKind::stream:
    case TypeKind::future: {
      if (type->members.size() == 1 && !type->members[0].type) return name;
      if (depth == 0) return name + "<..>";
      std::string parts;
      for (const Member& member : type->members) {
        if (!parts.empty()) parts += ", ";
        parts += text_to_depth(member.type, depth - 1);
      }
      if (type->length > 0) parts += fmt::format(", {}", type->length);
      return fmt::format("{}<{}>", name, parts);
    }
    case TypeKind::record:
    case TypeKind::variant:
    case TypeKind::enum_:
    case TypeKind::flags: {
      std::string parts;
      for (const Member& member : type->members) {
        if (!parts.empty()) parts += ", ";
        parts += member.name;
      }
      return fmt::format("{} {{ {} }}", name, parts);
    }
    default: return name;
  }
}

// A part of a component type, seen as a description sees it.
struct Part {
  std::string_view name;
  std::optional<ValType> type;
};

struct Shape {
  TypeKind kind = TypeKind::bool_;
  std::vector<Part> parts;
  std::optional<component::ResourceId> resource;
  uint64_t length = 0;
};

std::vector<Part> names_of(const std::vector<std::string>& names) {
  std::vector<Part> parts;
  for (const std::string& name : names) parts.push_back({name, std::nullopt});
  return parts;
}

std::optional<Shape> shape_of(const ComponentTypes& types, ValType type) {
  const component::Type* definition = types.defined(type);
  if (!definition) return Shape{static_cast<TypeKind>(types.canonical(type).primitive()), {}, {}};
  Shape shape;
  bool known = std::visit(Overloaded{
                              [&](const component::RecordType& t) {
                                shape.kind = TypeKind::record;
                                for (const component::Field& field : t.fields)
                                  shape.parts.push_back({field.name, field.type});
                                return true;
                              },
                              [&](const component::VariantType& t) {
                                shape.kind = TypeKind::variant;
                                for (const component::Case& c : t.cases)
                                  shape.parts.push_back({c.name, c.type});
                                return true;
                              },
                              [&](const component::ListType& t) {
                                shape = {TypeKind::list, {{{}, t.element}}, {}};
                                return true;
                              },
                              [&](const component::FixedListType& t) {
                                shape = {TypeKind::fixed_list, {{{}, t.element}}, {}, t.length};
                                return true;
                              },
                              [&](const component::MapType& t) {
                                shape = {TypeKind::map, {{{}, t.key}, {{}, t.value}}, {}};
                                return true;
                              },
                              [&](const component::TupleType& t) {
                                shape.kind = TypeKind::tuple;
                                for (ValType element : t.types)
                                  shape.parts.push_back({{}, element});
                                return true;
                              },
                              [&](const component::FlagsType& t) {
                                shape = {TypeKind::flags, names_of(t.names), {}};
                                return true;
                              },
                              [&](const component::EnumType& t) {
                                shape = {TypeKind::enum_, names_of(t.names), {}};
                                return true;
                              },
                              [&](const component::OptionType& t) {
                                shape = {TypeKind::option, {{{}, t.some}}, {}};
                                return true;
                              },
                              [&](const component::ResultType& t) {
                                shape = {TypeKind::result, {{"ok", t.ok}, {"err", t.error}}, {}};
                                return true;
                              },
                              [&](const component::OwnType& t) {
                                shape = {TypeKind::own, {}, t.resource};
                                return true;
                              },
                              [&](const component::BorrowType& t) {
                                shape = {TypeKind::borrow, {}, t.resource};
                                return true;
                              },
                              [&](const component::StreamType& t) {
                                shape = {TypeKind::stream, {{{}, t.payload}}, {}};
                                return true;
                              },
                              [&](const component::FutureType& t) {
                                shape = {TypeKind::future, {{{}, t.payload}}, {}};
                                return true;
                              },
                              [](const auto&) { return false; },
                          },
                          *definition);
  if (!known) return std::nullopt;
  return shape;
}

static_assert(static_cast<int>(TypeKind::string) == static_cast<int>(Primitive::string));
static_assert(static_cast<int>(TypeKind::f64) == static_cast<int>(Primitive::f64));

class Checker {
 public:
  Checker(const ComponentTypes& types, const ResourceOf& resources)
      : types_(types), resources_(resources) {}

  // Depth is bounded by that of the C++ type.
  Result<void> check(ValType wanted, const TypeDesc& given) const {
    std::optional<Shape> shape = shape_of(types_, wanted);
    if (!shape || shape->kind != given.kind) return differs(wanted, given);
    if (shape->resource) return check_resource(*shape->resource, wanted, given);
    if (shape->parts.size() != given.members.size() || shape->length != given.length)
      return differs(wanted, given);
    for (size_t i = 0; i < given.members.size(); i++) {
      TRY_VOID(check_part(shape->parts[i], given.members[i], i, given.kind));
    }
    return {};
  }

 private:
  Result<void> check_part(const Part& part, const Member& member, size_t index,
                          TypeKind kind) const {
    if (part.name != member.name) {
      return fail(ErrorCode::link, fmt::format("the component has `{}` where the host has `{}`",
                                               part.name, member.name));
    }
    if (!part.type && !member.type) return {};
    std::string place =
        member.name.empty() ? fmt::format("element {}", index) : fmt::format("`{}`", member.name);
    if (!part.type || !member.type) {
      return fail(ErrorCode::link,
                  fmt::format("{}: the component has {}, the host has {}", place,
                              part.type ? to_string(types_, *part.type) : "no value",
                              member.type ? text_of(member.type) : "no value"));
    }
    Result<void> checked = check(*part.type, *member.type);
    bool is_wrapper = kind == TypeKind::list || kind == TypeKind::option ||
                      kind == TypeKind::stream || kind == TypeKind::future;
    if (!checked && !is_wrapper) return std::unexpected(std::move(checked).error().in(place));
    return checked;
  }

  Result<void> check_resource(component::ResourceId wanted, ValType type,
                              const TypeDesc& given) const {
    if (!given.resource || resources_(wanted) == given.resource) return {};
    return fail(ErrorCode::link,
                fmt::format("{} is of another resource type than the host's handle",
                            to_string(types_, type)));
  }

  Result<void> differs(ValType wanted, const TypeDesc& given) const {
    return fail(ErrorCode::link, fmt::format("the component has {}, the host has {}",
                                             to_string(types_, wanted), text_of(&given)));
  }

  const ComponentTypes& types_;
  const ResourceOf& resources_;
};

bool is_same_part(const ValueTypes& a_types, const std::optional<ValType>& a,
                  const ValueTypes& b_types, const std::optional<ValType>& b) {
  if (!a || !b) return !a && !b;
  return is_same_type(a_types, *a, b_types, *b);
}

}  // namespace

std::string text_of(const TypeDesc* type) {
  return text_to_depth(type, 3);
}

Result<void> check_type(const ComponentTypes& types, ValType wanted, const TypeDesc& given,
                        const ResourceOf& resources) {
  return Checker(types, resources).check(wanted, given);
}

// Depth and size are those of types, which validation bounds.
bool is_same_type(const ValueTypes& a_types, ValType a, const ValueTypes& b_types, ValType b) {
  bool is_one_table = &a_types.types == &b_types.types;
  if (is_one_table && a_types.types.equal(a, b) && !a_types.types.info(a).has_resource) return true;
  std::optional<Shape> x = shape_of(a_types.types, a);
  std::optional<Shape> y = shape_of(b_types.types, b);
  if (!x || !y || x->kind != y->kind || x->length != y->length) return false;
  if (x->parts.size() != y->parts.size() || !x->resource != !y->resource) return false;
  if (x->resource) {
    const abi::ResourceType* resource = a_types.resource(*x->resource);
    if (!resource || resource != b_types.resource(*y->resource)) return false;
  }
  for (size_t i = 0; i < x->parts.size(); i++) {
    if (x->parts[i].name != y->parts[i].name ||
        !is_same_part(a_types, x->parts[i].type, b_types, y->parts[i].type))
      return false;
  }
  return true;
}

// Depth is that of a C++ type.
bool is_same_type(const TypeDesc& a, const TypeDesc& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.length != b.length || a.resource != b.resource) return false;
  if (a.members.size() != b.members.size()) return false;
  for (size_t i = 0; i < a.members.size(); i++) {
    const Member& x = a.members[i];
    const Member& y = b.members[i];
    if (x.name != y.name || !x.type != !y.type) return false;
    if (x.type && !is_same_type(*x.type, *y.type)) return false;
  }
  return true;
}

}  // namespace tenon::canon
