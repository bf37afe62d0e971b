#include "wast/component_values.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/utf8.h"
#include "component/wave/writer.h"
#include "wasm/text/cursor.h"

namespace tenon::wast {
namespace {

using wasm::text::Cursor;
using wasm::text::ScriptValue;
using wasm::text::Token;

constexpr int max_depth = 100;  // of values within values

// Failures stay in the cursor.
class ValueParser {
 public:
  explicit ValueParser(Cursor& in) : in_(in) {}

  // `(WORD ...)`
  Value value() {
    in_.expect_open();
    Value made = contents();
    in_.expect_close();
    return made;
  }

 private:
  // Behind the `(`, up to the `)`.
  Value contents() {
    Token word = in_.peek();
    if (depth_ == max_depth) {
      in_.fail_at(word, "the value is nested too deep");
      return {};
    }
    in_.take();
    ++depth_;
    Value made = scalar(word);
    --depth_;
    return made;
  }

  Value scalar(const Token& word) {
    if (word.is_keyword("bool.const")) return boolean();
    if (word.is_keyword("u8.const")) return number<uint8_t>();
    if (word.is_keyword("s8.const")) return number<int8_t>();
    if (word.is_keyword("u16.const")) return number<uint16_t>();
    if (word.is_keyword("s16.const")) return number<int16_t>();
    if (word.is_keyword("u32.const")) return number<uint32_t>();
    if (word.is_keyword("s32.const")) return number<int32_t>();
    if (word.is_keyword("u64.const")) return number<uint64_t>();
    if (word.is_keyword("s64.const")) return number<int64_t>();
    if (word.is_keyword("f32.const")) return std::bit_cast<float>(in_.f32());
    if (word.is_keyword("f64.const")) return std::bit_cast<double>(in_.f64());
    if (word.is_keyword("char.const")) return character();
    if (word.is_keyword("str.const")) return in_.name();
    return compound(word);
  }

  Value compound(const Token& word) {
    if (word.is_keyword("list.const")) return ListValue{values()};
    if (word.is_keyword("map.const")) return map();
    if (word.is_keyword("tuple.const")) return TupleValue{values()};
    if (word.is_keyword("record.const")) return record();
    if (word.is_keyword("enum.const")) return EnumValue{in_.name()};
    if (word.is_keyword("option.none")) return OptionValue{};
    if (word.is_keyword("option.some")) return OptionValue{value()};
    if (word.is_keyword("result.ok")) return ResultValue{false, payload()};
    if (word.is_keyword("result.err")) return ResultValue{true, payload()};
    if (word.is_keyword("variant.const")) {
      std::string name = in_.name();
      return VariantValue{std::move(name), payload()};
    }
    if (word.is_keyword("flags.const")) {
      FlagsValue flags;
      while (in_.at(Token::Kind::string)) flags.names.push_back(in_.name());
      return flags;
    }
    in_.fail_at(word, "unexpected token " + describe(word) + ", expected a component value");
    return {};
  }

  Value boolean() {
    if (in_.take_keyword("true")) return true;
    in_.expect_keyword("false");
    return false;
  }

  template <typename T>
  Value number() {
    Token token = in_.peek();
    constexpr int bits = std::numeric_limits<std::make_unsigned_t<T>>::digits;
    auto value = static_cast<T>(in_.integer(bits));
    // `integer` takes both ranges.
    bool is_negative = token.text.starts_with('-');
    if (is_negative != (value < 0) && value != 0) in_.fail_at(token, "constant out of range");
    return value;
  }

  Value character() {
    Token token = in_.peek();
    std::string text = in_.name();
    size_t at = 0;
    char32_t made = text.empty() ? 0 : utf8_next(text, at);
    if (text.empty() || at != text.size()) in_.fail_at(token, "expected one character");
    return made;
  }

  std::vector<Value> values() {
    std::vector<Value> items;
    while (in_.at(Token::Kind::open)) items.push_back(value());
    return items;
  }

  BoxedValue payload() {
    if (in_.at_close()) return {};
    return value();
  }

  // `(entry KEY VALUE)*`
  Value map() {
    ListValue made;
    while (in_.take_open("entry")) {
      Value key = value();
      made.items.push_back(TupleValue{{std::move(key), value()}});
      in_.expect_close();
    }
    return made;
  }

  // `(field "name" WORD ...)*`; the value may have parentheses of its own.
  Value record() {
    RecordValue made;
    while (in_.take_open("field")) {
      std::string name = in_.name();
      Value field = in_.at(Token::Kind::open) ? value() : contents();
      made.fields.push_back({std::move(name), std::move(field)});
      in_.expect_close();
    }
    return made;
  }

  Cursor& in_;
  int depth_ = 0;
};

bool all_match(const std::vector<Value>& expected, const std::vector<Value>& found) {
  return std::ranges::equal(
      expected, found, [](const Value& left, const Value& right) { return matches(left, right); });
}

bool payload_matches(const BoxedValue& expected, const BoxedValue& found) {
  if (!expected || !found) return !expected && !found;
  return matches(*expected, *found);
}

struct Match {
  template <typename T>
  bool operator()(const T& expected, const T& found) const {
    return Value(expected) == Value(found);
  }
  template <typename T, typename U>
  bool operator()(const T&, const U&) const {
    return false;
  }
  bool operator()(const ListValue& expected, const ListValue& found) const {
    return all_match(expected.items, found.items);
  }
  bool operator()(const TupleValue& expected, const TupleValue& found) const {
    return all_match(expected.items, found.items);
  }
  bool operator()(const RecordValue& expected, const RecordValue& found) const {
    return std::ranges::equal(expected.fields, found.fields,
                              [](const auto& left, const auto& right) {
                                return left.name == right.name && matches(left.value, right.value);
                              });
  }
  bool operator()(const VariantValue& expected, const VariantValue& found) const {
    return expected.name == found.name && payload_matches(expected.payload, found.payload);
  }
  bool operator()(const OptionValue& expected, const OptionValue& found) const {
    return payload_matches(expected.some, found.some);
  }
  bool operator()(const ResultValue& expected, const ResultValue& found) const {
    return expected.is_error == found.is_error && payload_matches(expected.payload, found.payload);
  }
  bool operator()(const FlagsValue& expected, const FlagsValue& found) const {
    return std::ranges::is_permutation(expected.names, found.names);
  }
};

}  // namespace

Result<Value> component_value(const wasm::text::Source& source, const ScriptValue& value) {
  switch (value.kind) {
    case ScriptValue::Kind::component: break;
    case ScriptValue::Kind::f32: {
      bool is_nan = value.nans[0] != wasm::text::NanPattern::none;
      return Value(is_nan ? std::numeric_limits<float>::quiet_NaN()
                          : std::bit_cast<float>(static_cast<uint32_t>(value.bits)));
    }
    case ScriptValue::Kind::f64: {
      bool is_nan = value.nans[0] != wasm::text::NanPattern::none;
      return Value(is_nan ? std::numeric_limits<double>::quiet_NaN()
                          : std::bit_cast<double>(value.bits));
    }
    default: return fail(ErrorCode::invalid, "a value of core WebAssembly is no component value");
  }
  auto begin = static_cast<size_t>(value.text.data() - source.text.data());
  Cursor in(source, begin, begin + value.text.size());
  Value made = ValueParser(in).value();
  TRY_VOID(in.status());
  return made;
}

bool matches(const Value& expected, const Value& found) {
  return std::visit(Match(), expected.data, found.data);
}

std::string text_of(const Value& value) {
  auto text = component::to_wave(value);
  return text ? *text : value.kind_name();
}

}  // namespace tenon::wast
