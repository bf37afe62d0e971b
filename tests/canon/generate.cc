#include "tests/canon/generate.h"

#include <bit>

#include "base/check.h"

namespace model {
namespace {

namespace component = tenon::component;

std::string name_of(size_t index) {
  return "n" + std::to_string(index);
}

std::vector<std::string> names(size_t count) {
  std::vector<std::string> result;
  for (size_t i = 0; i < count; i++) result.push_back(name_of(i));
  return result;
}

TypeRef make(Type type) {
  return std::make_shared<const Type>(std::move(type));
}

TypeRef random_primitive(Random& random) {
  return make({static_cast<Kind>(random.below(static_cast<uint32_t>(Kind::string) + 1)),
               Form::plain,
               {},
               0,
               {}});
}

std::vector<TypeRef> random_parts(Random& random, int depth, uint32_t most) {
  std::vector<TypeRef> parts;
  for (uint32_t i = 1 + random.below(most); i > 0; i--)
    parts.push_back(random_type(random, depth - 1));
  return parts;
}

TypeRef random_case(Random& random, int depth) {
  return random.one_in(3) ? nullptr : random_type(random, depth - 1);
}

// A key may not be a float.
TypeRef random_key(Random& random) {
  while (true) {
    TypeRef key = random_primitive(random);
    if (key->kind != Kind::f32 && key->kind != Kind::f64) return key;
  }
}

char32_t random_char(Random& random) {
  switch (random.below(8)) {
    case 0: return 0x80 + random.below(0x80);
    case 1: return 0x100 + random.below(0x700);
    case 2: return random.one_in(2) ? U'\ud7ff' : U'\ue000';
    case 3: return 0x10000 + random.below(0x100000);
    default: return random.below(0x80);
  }
}

uint64_t random_scalar(Random& random, Kind kind) {
  uint64_t bits = random.bits();
  switch (kind) {
    case Kind::bool_: return bits & 1;
    case Kind::s8: return static_cast<uint64_t>(static_cast<int8_t>(bits));
    case Kind::u8: return static_cast<uint8_t>(bits);
    case Kind::s16: return static_cast<uint64_t>(static_cast<int16_t>(bits));
    case Kind::u16: return static_cast<uint16_t>(bits);
    case Kind::s32: return static_cast<uint64_t>(static_cast<int32_t>(bits));
    case Kind::f32: {
      float f = random.one_in(8) ? __builtin_nanf("") : std::bit_cast<float>(uint32_t(bits));
      return std::bit_cast<uint32_t>(f == f ? f : __builtin_nanf(""));
    }
    case Kind::f64: {
      double f = random.one_in(8) ? __builtin_nan("") : std::bit_cast<double>(random.bits());
      return std::bit_cast<uint64_t>(f == f ? f : __builtin_nan(""));
    }
    case Kind::char_: return random_char(random);
    case Kind::u32: return static_cast<uint32_t>(bits);
    default: return bits;
  }
}

}  // namespace

TypeRef random_type(Random& random, int depth) {
  if (depth == 0 || random.one_in(3)) return random_primitive(random);
  switch (random.below(11)) {
    case 0: return make({Kind::list, Form::plain, {random_type(random, depth - 1)}, 0, {}});
    case 1: {
      uint32_t length = 1 + random.below(random.one_in(4) ? 20 : 4);
      return make({Kind::list, Form::plain, {random_type(random, depth - 1)}, 0, length});
    }
    case 2: {
      TypeRef entry = make(
          {Kind::record, Form::tuple, {random_key(random), random_type(random, depth - 1)}, 0, {}});
      return make({Kind::list, Form::map, {entry}, 0, {}});
    }
    case 3:
      return make({Kind::variant, Form::option, {nullptr, random_type(random, depth - 1)}, 0, {}});
    case 4:
      return make({Kind::variant,
                   Form::result,
                   {random_case(random, depth), random_case(random, depth)},
                   0,
                   {}});
    case 5: {
      uint32_t cases = 1 + random.below(random.one_in(4) ? 300 : 5);
      return make({Kind::variant, Form::enum_, std::vector<TypeRef>(cases), 0, {}});
    }
    case 6: return make({Kind::flags, Form::plain, {}, 1 + random.below(32), {}});
    case 7: return make({Kind::record, Form::tuple, random_parts(random, depth, 5), 0, {}});
    case 8: return make({Kind::record, Form::plain, random_parts(random, depth, 5), 0, {}});
    default: {
      std::vector<TypeRef> cases;
      for (uint32_t i = 1 + random.below(5); i > 0; i--)
        cases.push_back(random_case(random, depth));
      return make({Kind::variant, Form::plain, std::move(cases), 0, {}});
    }
  }
}

Value random_value(Random& random, const Type& type) {
  Value value;
  switch (type.kind) {
    case Kind::string:
      for (uint32_t i = random.below(8); i > 0; i--) {
        // Runs of plain characters, so that what is narrow is met too.
        char32_t c = random_char(random);
        value.text += random.one_in(2) ? c : c % 0x100;
      }
      return value;
    case Kind::list:
      for (uint32_t i = type.length ? *type.length : random.below(4); i > 0; i--)
        value.parts.push_back(random_value(random, *type.parts[0]));
      return value;
    case Kind::record:
      for (const TypeRef& part : type.parts) value.parts.push_back(random_value(random, *part));
      return value;
    case Kind::variant:
      value.bits = random.below(static_cast<uint32_t>(type.parts.size()));
      if (const TypeRef& part = type.parts[value.bits])
        value.parts.push_back(random_value(random, *part));
      return value;
    case Kind::flags: value.bits = random.bits() & ((uint64_t{1} << type.labels) - 1); return value;
    default: value.bits = random_scalar(random, type.kind); return value;
  }
}

component::ValType add_type(component::ComponentTypes& types, const Type& type) {
  if (type.kind <= Kind::string) {
    // The library has its primitive types in the same order.
    return static_cast<component::Primitive>(type.kind);
  }
  std::vector<std::optional<component::ValType>> parts;
  for (const TypeRef& part : type.parts)
    parts.push_back(part ? std::optional(add_type(types, *part)) : std::nullopt);
  auto add = [&](component::Type made) {
    auto id = types.intern(std::move(made));
    CHECK(id.has_value());
    return component::ValType(*id);
  };
  switch (type.form) {
    case Form::tuple: {
      component::TupleType tuple;
      for (const auto& part : parts) tuple.types.push_back(*part);
      return add(std::move(tuple));
    }
    case Form::enum_: return add(component::EnumType{names(parts.size())});
    case Form::option: return add(component::OptionType{*parts[1]});
    case Form::result: return add(component::ResultType{parts[0], parts[1]});
    case Form::map: {
      const Type& entry = *type.parts[0];
      return add(component::MapType{
          add_type(types, *entry.parts[0]), add_type(types, *entry.parts[1]), {}});
    }
    case Form::plain: break;
  }
  if (type.kind == Kind::flags) return add(component::FlagsType{names(type.labels)});
  if (type.kind == Kind::list) {
    if (type.length) return add(component::FixedListType{*parts[0], *type.length});
    return add(component::ListType{*parts[0]});
  }
  if (type.kind == Kind::record) {
    component::RecordType record;
    for (size_t i = 0; i < parts.size(); i++) record.fields.push_back({name_of(i), *parts[i]});
    return add(std::move(record));
  }
  component::VariantType variant;
  for (size_t i = 0; i < parts.size(); i++) variant.cases.push_back({name_of(i), parts[i]});
  return add(std::move(variant));
}

namespace {

tenon::Value scalar_to_library(Kind kind, const Value& value) {
  uint64_t bits = value.bits;
  switch (kind) {
    case Kind::bool_: return bits != 0;
    case Kind::s8: return static_cast<int8_t>(bits);
    case Kind::u8: return static_cast<uint8_t>(bits);
    case Kind::s16: return static_cast<int16_t>(bits);
    case Kind::u16: return static_cast<uint16_t>(bits);
    case Kind::s32: return static_cast<int32_t>(bits);
    case Kind::u32: return static_cast<uint32_t>(bits);
    case Kind::s64: return static_cast<int64_t>(bits);
    case Kind::u64: return bits;
    case Kind::f32: return std::bit_cast<float>(static_cast<uint32_t>(bits));
    case Kind::f64: return std::bit_cast<double>(bits);
    default: return static_cast<char32_t>(bits);
  }
}

tenon::Value variant_to_library(const Type& type, const Value& value) {
  tenon::BoxedValue payload;
  if (!value.parts.empty()) payload = to_library(*type.parts[value.bits], value.parts[0]);
  switch (type.form) {
    case Form::enum_: return tenon::EnumValue{name_of(value.bits)};
    case Form::option: return tenon::OptionValue{std::move(payload)};
    case Form::result: return tenon::ResultValue{value.bits == 1, std::move(payload)};
    default: return tenon::VariantValue{name_of(value.bits), std::move(payload)};
  }
}

}  // namespace

tenon::Value to_library(const Type& type, const Value& value) {
  switch (type.kind) {
    case Kind::string: {
      std::vector<uint8_t> bytes = encode_utf8(value.text);
      return std::string(bytes.begin(), bytes.end());
    }
    case Kind::list: {
      tenon::ListValue list;
      for (const Value& part : value.parts) list.items.push_back(to_library(*type.parts[0], part));
      return list;
    }
    case Kind::record: {
      tenon::TupleValue tuple;
      for (size_t i = 0; i < value.parts.size(); i++)
        tuple.items.push_back(to_library(*type.parts[i], value.parts[i]));
      if (type.form == Form::tuple) return tuple;
      tenon::RecordValue record;
      for (size_t i = 0; i < tuple.items.size(); i++)
        record.fields.push_back({name_of(i), std::move(tuple.items[i])});
      return record;
    }
    case Kind::variant: return variant_to_library(type, value);
    case Kind::flags: {
      tenon::FlagsValue flags;
      for (uint32_t i = 0; i < type.labels; i++) {
        if (value.bits >> i & 1) flags.names.push_back(name_of(i));
      }
      return flags;
    }
    default: return scalar_to_library(type.kind, value);
  }
}

}  // namespace model
