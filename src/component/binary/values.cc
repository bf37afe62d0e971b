#include "component/binary/values.h"

#include <fmt/format.h>

#include <bit>
#include <limits>

#include "base/limits.h"
#include "base/utf8.h"
#include "component/visit.h"
#include "wasm/binary/reader.h"

namespace tenon::component {

ValueRoom::ValueRoom() : bytes(limits::max_component_value_bytes) {}

namespace {

// Failures stay in the wasm::Reader; after one, values mean nothing.
class ValueReader : public wasm::Reader {
 public:
  ValueReader(std::span<const uint8_t> bytes, uint64_t offset, const TypeOf& type_of,
              ValueRoom& room)
      : Reader(bytes, offset, {}), type_of_(type_of), room_(room) {}

  Value value(ValType type) {
    if (!charge(sizeof(Value))) return {};
    if (type.is_primitive()) return primitive(type.primitive());
    if (depth_ == limits::max_type_depth) {
      refuse(ErrorCode::limit, fmt::format("a value is nested deeper than {}", depth_), offset());
      return {};
    }
    ++depth_;
    const Type& definition = type_of_(type.type());
    Value made = std::visit([&](const auto& t) { return value_of(t); }, definition);
    --depth_;
    return made;
  }

 private:
  bool charge(size_t bytes) {
    if (!ok()) return false;
    if (bytes > room_.bytes) {
      refuse(ErrorCode::limit,
             fmt::format("the component's values take more than {} bytes",
                         limits::max_component_value_bytes),
             offset());
      return false;
    }
    room_.bytes -= bytes;
    return true;
  }

  std::string named(const std::string& name) {
    return charge(sizeof name + name.size()) ? name : std::string();
  }

  // wasm: binary-int. An integer of 16 bits is no longer than it needs to be.
  template <typename Integer>
  Integer integer_16() {
    constexpr uint64_t most_bytes = 3;
    uint64_t start = offset();
    int64_t read = std::is_signed_v<Integer> ? int64_t{s32()} : int64_t{u32()};
    if (offset() - start > most_bytes) fail_at("integer representation too long", start);
    if (read < std::numeric_limits<Integer>::min() || read > std::numeric_limits<Integer>::max())
      fail_at("integer too large", start);
    return static_cast<Integer>(read);
  }

  template <typename Float, typename Bits>
  Float floating_point(Bits bits, uint64_t start) {
    auto read = std::bit_cast<Float>(bits);
    constexpr Bits canonical_nan = sizeof(Bits) == 4 ? static_cast<Bits>(0x7fc0'0000)
                                                     : static_cast<Bits>(uint64_t{0x7ff8} << 48);
    if (read != read && bits != canonical_nan) fail_at("a NaN that is not canonical", start);
    return read;
  }

  char32_t character() {
    uint64_t start = offset();
    std::string encoded(1, static_cast<char>(byte()));
    auto first = static_cast<uint8_t>(encoded[0]);
    int more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    for (int i = 0; i < more; ++i) encoded.push_back(static_cast<char>(byte()));
    size_t position = 0;
    if (ok() && !is_utf8(encoded)) fail_at("malformed UTF-8 encoding", start);
    return ok() ? utf8_next(encoded, position) : 0;
  }

  // A byte below `cases`.
  uint8_t tag(uint8_t cases, const char* message) {
    uint64_t start = offset();
    uint8_t read = byte();
    if (read >= cases) fail_at(message, start);
    return read;
  }

  Value primitive(Primitive type) {
    uint64_t start = offset();
    switch (type) {
      case Primitive::bool_: return tag(2, "invalid `bool`") == 1;
      case Primitive::s8: return static_cast<int8_t>(byte());
      case Primitive::u8: return byte();
      case Primitive::s16: return integer_16<int16_t>();
      case Primitive::u16: return integer_16<uint16_t>();
      case Primitive::s32: return s32();
      case Primitive::u32: return u32();
      case Primitive::s64: return s64();
      case Primitive::u64: return u64();
      case Primitive::f32: return floating_point<float>(fixed_u32(), start);
      case Primitive::f64: return floating_point<double>(fixed_u64(), start);
      case Primitive::char_: return character();
      case Primitive::string: {
        std::string_view text = name();
        return charge(text.size()) ? std::string(text) : std::string();
      }
      case Primitive::error_context: return without_expression(name_of(type));
    }
    return {};
  }

  Value without_expression(std::string_view type) {
    refuse(ErrorCode::invalid, fmt::format("there are no value definitions of type {}", type),
           offset());
    return {};
  }

  BoxedValue payload(const std::optional<ValType>& type) {
    return type ? BoxedValue(value(*type)) : BoxedValue();
  }

  // An index of `names`.
  template <typename Named>
  const Named* choice(const std::vector<Named>& names) {
    uint64_t start = offset();
    uint32_t index = u32();
    if (index >= names.size()) fail_at("invalid index of a case", start);
    return ok() ? &names[index] : nullptr;
  }

  Value value_of(const PrimitiveType& type) { return primitive(type.primitive); }
  Value value_of(const RecordType& type) {
    RecordValue made;
    for (const Field& field : type.fields) {
      if (!ok()) break;
      std::string name = named(field.name);
      made.fields.push_back({std::move(name), value(field.type)});
    }
    return made;
  }
  Value value_of(const VariantType& type) {
    const Case* chosen = choice(type.cases);
    if (!chosen) return {};
    std::string name = named(chosen->name);
    return VariantValue{std::move(name), payload(chosen->type)};
  }
  Value value_of(const ListType& type) {
    ListValue made;
    uint32_t n = count();
    for (uint32_t i = 0; i < n && ok(); ++i) made.items.push_back(value(type.element));
    return made;
  }
  Value value_of(const TupleType& type) {
    TupleValue made;
    for (ValType part : type.types) {
      if (!ok()) break;
      made.items.push_back(value(part));
    }
    return made;
  }
  Value value_of(const FlagsType& type) {
    FlagsValue made;
    std::span<const uint8_t> set = bytes((type.names.size() + 7) / 8);
    for (size_t i = 0; i < type.names.size() && ok(); ++i) {
      if ((set[i / 8] >> (i % 8) & 1) != 0) made.names.push_back(named(type.names[i]));
    }
    return made;
  }
  Value value_of(const EnumType& type) {
    const std::string* chosen = choice(type.names);
    return chosen ? Value(EnumValue{named(*chosen)}) : Value();
  }
  Value value_of(const OptionType& type) {
    return tag(2, "invalid `option`") == 1 ? OptionValue{value(type.some)} : OptionValue{};
  }
  Value value_of(const ResultType& type) {
    bool is_error = tag(2, "invalid `result`") == 1;
    return ResultValue{is_error, payload(is_error ? type.error : type.ok)};
  }
  template <typename Other>
  Value value_of(const Other& type) {
    bool has_length = std::is_same_v<Other, FixedListType>;
    return without_expression(has_length ? "list with a length" : kind_name(type));
  }

  const TypeOf& type_of_;
  ValueRoom& room_;
  uint32_t depth_ = 0;
};

}  // namespace

Result<Value> decode_value(std::span<const uint8_t> bytes, uint64_t offset, ValType type,
                           const TypeOf& type_of, ValueRoom& room) {
  ValueReader in(bytes, offset, type_of, room);
  Value read = in.value(type);
  if (in.ok() && !in.at_end()) in.fail("bytes behind the end of a value");
  TRY_VOID(in.status());
  return read;
}

}  // namespace tenon::component
