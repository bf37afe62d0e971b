#include "canon/values.h"

#include <array>
#include <random>

#include "canon/fake_guest.h"
#include "component/flatten.h"

#include <doctest/doctest.h>

namespace tenon::canon {
namespace {

using component::Primitive;
using component::ValType;

// Random types, and random values of them.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  component::ComponentTypes types;

  ValType type(int depth) {
    if (depth == 0 || below(3) == 0) return static_cast<Primitive>(below(13));
    switch (below(8)) {
      case 0: return add(component::ListType{type(depth - 1)});
      case 1: return add(component::OptionType{type(depth - 1)});
      case 2: return add(component::ResultType{maybe(depth), maybe(depth)});
      case 3: return add(component::EnumType{names(1 + below(300))});
      case 4: return add(component::FlagsType{names(1 + below(32))});
      case 5: {
        component::TupleType tuple;
        for (uint32_t i = 1 + below(5); i > 0; i--) tuple.types.push_back(type(depth - 1));
        return add(std::move(tuple));
      }
      case 6: {
        component::RecordType record;
        for (std::string& name : names(1 + below(5)))
          record.fields.push_back({std::move(name), type(depth - 1)});
        return add(std::move(record));
      }
      default: {
        component::VariantType variant;
        for (std::string& name : names(1 + below(5)))
          variant.cases.push_back({std::move(name), maybe(depth)});
        return add(std::move(variant));
      }
    }
  }

  Value value(ValType type) {
    const component::Type* definition = types.defined(type);
    if (!definition) return primitive(types.canonical(type).primitive());
    return std::visit([this](const auto& t) { return value_of(t); }, *definition);
  }

 private:
  uint32_t below(uint32_t n) { return random_() % n; }
  ValType add(component::Type type) { return ValType(*types.add(std::move(type))); }
  std::optional<ValType> maybe(int depth) {
    if (below(3) == 0) return std::nullopt;
    return type(depth - 1);
  }
  static std::vector<std::string> names(uint32_t count) {
    std::vector<std::string> result;
    for (uint32_t i = 0; i < count; i++) result.push_back("n" + std::to_string(i));
    return result;
  }

  template <typename T>
  Value bits() {
    uint64_t bits = uint64_t{random_()} << 32 | random_();
    return static_cast<T>(bits >> below(64));
  }
  std::string text() {
    static const char* parts[] = {"a",          "plain text", "\u00e9", "\u65e5\u672c",
                                  "\U0001f600", "\u0100",     ""};
    std::string result;
    for (uint32_t i = below(6); i > 0; i--) result += parts[below(std::size(parts))];
    return result;
  }
  Value primitive(Primitive primitive) {
    switch (primitive) {
      case Primitive::bool_: return below(2) == 1;
      case Primitive::s8: return bits<int8_t>();
      case Primitive::u8: return bits<uint8_t>();
      case Primitive::s16: return bits<int16_t>();
      case Primitive::u16: return bits<uint16_t>();
      case Primitive::s32: return bits<int32_t>();
      case Primitive::u32: return bits<uint32_t>();
      case Primitive::s64: return bits<int64_t>();
      case Primitive::u64: return bits<uint64_t>();
      case Primitive::f32:
        return below(8) == 0 ? __builtin_nanf("") : static_cast<float>(below(1000)) / 8;
      case Primitive::f64:
        return below(8) == 0 ? __builtin_nan("") : -static_cast<double>(below(1000)) / 8;
      case Primitive::char_:
        return std::array{U'a', U'\u00e9', U'\ud7ff', U'\ue000', U'\U0010ffff'}[below(5)];
      case Primitive::string: return text();
      case Primitive::error_context: break;
    }
    return {};
  }

  BoxedValue payload(const std::optional<ValType>& type) {
    return type ? BoxedValue(value(*type)) : BoxedValue();
  }
  Value value_of(const component::ListType& t) {
    ListValue list;
    for (uint32_t i = below(4); i > 0; i--) list.items.push_back(value(t.element));
    return list;
  }
  Value value_of(const component::OptionType& t) {
    return below(2) ? OptionValue() : OptionValue{value(t.some)};
  }
  Value value_of(const component::ResultType& t) {
    bool is_error = below(2) == 1;
    return ResultValue{is_error, payload(is_error ? t.error : t.ok)};
  }
  Value value_of(const component::EnumType& t) {
    return EnumValue{t.names[below(static_cast<uint32_t>(t.names.size()))]};
  }
  Value value_of(const component::FlagsType& t) {
    FlagsValue flags;
    for (const std::string& name : t.names) {
      if (below(2) == 1) flags.names.push_back(name);
    }
    return flags;
  }
  Value value_of(const component::TupleType& t) {
    TupleValue tuple;
    for (ValType type : t.types) tuple.items.push_back(value(type));
    return tuple;
  }
  Value value_of(const component::RecordType& t) {
    RecordValue record;
    for (const component::Field& field : t.fields)
      record.fields.push_back({field.name, value(field.type)});
    return record;
  }
  Value value_of(const component::VariantType& t) {
    const component::Case& c = t.cases[below(static_cast<uint32_t>(t.cases.size()))];
    return VariantValue{c.name, payload(c.type)};
  }
  template <typename T>
  Value value_of(const T&) {
    return {};
  }

  std::mt19937 random_;
};

const abi::ResourceType* no_resource(component::ResourceId) {
  return nullptr;
}

TEST_CASE("values: what is lowered is what is lifted, in every encoding") {
  for (auto encoding :
       {abi::StringEncoding::utf8, abi::StringEncoding::utf16, abi::StringEncoding::latin1_utf16}) {
    for (uint32_t seed = 0; seed < 800; seed++) {
      Generator generator(seed);
      ValType type = generator.type(3);
      Value value = generator.value(type);
      CHECK(check_value(generator.types, type, value).has_value());
      FakeGuest guest(1 << 18, encoding);
      guest.options.pointer = seed % 2 == 0 ? abi::CoreType::i32 : abi::CoreType::i64;
      abi::Context cx(guest.options);
      ValueTypes types{generator.types, no_resource};

      abi::Layout layout = generator.types.layout(type, cx.pointer_type());
      uint64_t pointer = cx.allocate(layout.alignment, layout.size);
      store(cx, types, type, value, pointer);
      CHECK(load(cx, types, type, pointer) == value);

      uint32_t count = generator.types.info(type).flat.count;
      if (count <= abi::max_flat_params) {
        uint64_t flat[abi::max_flat_params];
        uint64_t* end = flat;
        lower_flat(cx, types, type, value, end);
        CHECK(end == flat + count);
        const uint64_t* next = flat;
        CHECK(lift_flat(cx, types, type, next) == value);
        CHECK(next == flat + count);
      }
      CHECK(!cx.failed());
    }
  }
}

TEST_CASE("values: random memory gives a value or a trap") {
  for (uint32_t seed = 0; seed < 4000; seed++) {
    Generator generator(seed);
    ValType type = generator.type(3);
    FakeGuest guest(1 << 12);
    guest.options.pointer = seed % 2 == 0 ? abi::CoreType::i32 : abi::CoreType::i64;
    std::mt19937 random(seed);
    for (uint8_t& byte : guest.bytes) byte = random() % 4 == 0 ? static_cast<uint8_t>(random()) : 0;
    guest.call_bytes = 1 << 20;
    abi::Context cx(guest.options);
    Value value = load(cx, {generator.types, no_resource}, type, 64);
    if (!cx.failed()) CHECK(check_value(generator.types, type, value).has_value());
  }
}

TEST_CASE("values: what is not of the type is refused with its place") {
  component::ComponentTypes types;
  auto add = [&](component::Type type) { return ValType(*types.add(std::move(type))); };
  ValType record = add(component::RecordType{
      {{"a", Primitive::u8}, {"b", add(component::ListType{Primitive::string})}}});
  auto message = [&](ValType type, const Value& value) {
    auto checked = check_value(types, type, value);
    return checked ? "" : checked.error().to_string();
  };
  ListValue list{{Value("x"), Value(uint8_t{1})}};
  RecordValue wrong{{{"a", uint8_t{1}}, {"b", list}}};
  CHECK(message(record, wrong) == "field `b`: item 1: expected string, found u8");
  CHECK(message(Primitive::u8, uint32_t{1}) == "expected u8, found u32");
  CHECK(message(Primitive::char_, char32_t{0xd800}) == "0xd800 is no character");
  CHECK(message(Primitive::string, std::string("\xff")) == "a string is not valid UTF-8");
  ValType flags = add(component::FlagsType{{"read"}});
  CHECK(message(flags, FlagsValue{{"write"}}) == "`write` is not in flags {read}");
  ValType result = add(component::ResultType{ValType(Primitive::u8), std::nullopt});
  CHECK(message(result, ResultValue{}) == "`ok` needs a value");
}

TEST_CASE("values: flags with bits that have no label") {
  component::ComponentTypes types;
  ValType flags = ValType(*types.add(component::FlagsType{{"a", "b", "c"}}));
  FakeGuest guest;
  guest.bytes.assign(guest.bytes.size(), 0xff);
  abi::Context cx(guest.options);
  CHECK(load(cx, {types, no_resource}, flags, 8) == Value(FlagsValue{{"a", "b", "c"}}));
}

}  // namespace
}  // namespace tenon::canon
