#include "component/wave/reader.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "base/limits.h"
#include "base/utf8.h"
#include "component/names.h"
#include "component/semver.h"
#include "component/visit.h"
#include "component/wave/lexer.h"

namespace tenon::component {
namespace {

using Kind = WaveToken::Kind;

class Reader {
 public:
  Reader(const ComponentTypes& types, std::string_view text, std::string_view context)
      : types_(types), lexer_(text, context) {}

  Result<void> start() { return advance(); }

  // Recursion follows the type, whose depth validation bounds.
  Result<Value> value(ValType type) {
    const Type* definition = types_.defined(type);
    if (!definition) return primitive(types_.canonical(type).primitive());
    return std::visit(Overloaded{
                          [&](const RecordType& t) { return record(t); },
                          [&](const VariantType& t) { return variant(t, type); },
                          [&](const ListType& t) { return list(t.element); },
                          [&](const MapType& t) { return list(ValType(t.entry)); },
                          [&](const FixedListType& t) { return fixed_list(t); },
                          [&](const TupleType& t) { return tuple(t); },
                          [&](const FlagsType& t) { return flags(t, type); },
                          [&](const EnumType& t) { return enumeration(t, type); },
                          [&](const OptionType& t) { return option(t); },
                          [&](const ResultType& t) { return result(t); },
                          [&](const auto&) -> Result<Value> {
                            return fail(ErrorCode::unsupported, "a resource has no text form");
                          },
                      },
                      *definition);
  }

  Result<void> end() {
    if (token_.kind == Kind::end) return {};
    return expected("the end");
  }

  Result<std::vector<Value>> arguments(const FuncType& function) {
    TRY_VOID(eat('('));
    std::vector<Value> values;
    std::string_view close;
    while (!token_.is(')')) {
      if (values.size() == function.params.size()) {
        return lexer_.fail_at(token_.source,
                              fmt::format("the function takes {} arguments", values.size()));
      }
      const Field& param = function.params[values.size()];
      auto parsed = value(param.type);
      if (!parsed)
        return std::unexpected(
            std::move(parsed).error().in(fmt::format("argument `{}`", param.name)));
      values.push_back(std::move(*parsed));
      if (!token_.is(',')) break;
      TRY_VOID(advance());
    }
    close = token_.source;
    TRY_VOID(eat(')'));
    while (values.size() < function.params.size()) {
      const Field& param = function.params[values.size()];
      const Type* definition = types_.defined(param.type);
      if (!definition || !std::holds_alternative<OptionType>(*definition)) {
        return lexer_.fail_at(close, fmt::format("argument `{}` is missing, of type {}", param.name,
                                                 to_string(types_, param.type)));
      }
      values.emplace_back(OptionValue());
    }
    TRY_VOID(end());
    return values;
  }

 private:
  Result<void> advance() {
    token_ = TRY(lexer_.next());
    return {};
  }
  std::unexpected<Error> expected(const std::string& what) const {
    std::string found = token_.kind == Kind::end ? "the end" : fmt::format("`{}`", token_.source);
    return lexer_.fail_at(token_.source, fmt::format("expected {}, found {}", what, found));
  }
  Result<void> eat(char c) {
    if (!token_.is(c)) return expected(fmt::format("`{}`", c));
    return advance();
  }

  template <typename T>
  Result<Value> integer(const char* name) {
    T number{};
    std::string_view text = token_.source;
    const char* last = text.data() + text.size();
    auto [end, error] = std::from_chars(text.data(), last, number);
    if (token_.kind != Kind::number || (end != last && error == std::errc()))
      return expected(fmt::format("a whole number ({})", name));
    if (error != std::errc()) return expected(fmt::format("a number that a {} can hold", name));
    TRY_VOID(advance());
    return number;
  }

  template <typename T>
  Result<Value> floating(const char* name) {
    T number = 0;
    if (token_.is_label("nan")) {
      number = std::numeric_limits<T>::quiet_NaN();
    } else if (token_.is_label("inf")) {
      number = std::numeric_limits<T>::infinity();
    } else if (token_.kind == Kind::number && token_.source == "-inf") {
      number = -std::numeric_limits<T>::infinity();
    } else {
      if (token_.kind != Kind::number) return expected(fmt::format("a number ({})", name));
      const char* last = token_.source.data() + token_.source.size();
      auto [end, error] = std::from_chars(token_.source.data(), last, number);
      if (error != std::errc() || end != last)
        return expected(fmt::format("a number that a {} can hold", name));
    }
    TRY_VOID(advance());
    return number;
  }

  Result<Value> primitive(Primitive primitive) {
    switch (primitive) {
      case Primitive::bool_: return boolean();
      case Primitive::s8: return integer<int8_t>("s8");
      case Primitive::u8: return integer<uint8_t>("u8");
      case Primitive::s16: return integer<int16_t>("s16");
      case Primitive::u16: return integer<uint16_t>("u16");
      case Primitive::s32: return integer<int32_t>("s32");
      case Primitive::u32: return integer<uint32_t>("u32");
      case Primitive::s64: return integer<int64_t>("s64");
      case Primitive::u64: return integer<uint64_t>("u64");
      case Primitive::f32: return floating<float>("f32");
      case Primitive::f64: return floating<double>("f64");
      case Primitive::char_: return character();
      case Primitive::string: return string();
      case Primitive::error_context: return expected("a type that text can express");
    }
    return Value();
  }

  Result<Value> boolean() {
    bool is_true = token_.is_label("true");
    if (!is_true && !token_.is_label("false")) return expected("true or false");
    TRY_VOID(advance());
    return is_true;
  }

  Result<Value> character() {
    if (token_.kind != Kind::character) return expected("a character, as in 'a'");
    size_t position = 0;
    char32_t scalar = utf8_next(token_.text, position);
    TRY_VOID(advance());
    return scalar;
  }

  Result<Value> string() {
    if (token_.kind != Kind::string) return expected("a string, as in \"text\"");
    std::string text = std::move(token_.text);
    TRY_VOID(advance());
    return text;
  }

  Result<Value> fixed_list(const FixedListType& type) {
    std::string_view start = token_.source;
    Value read = TRY(list(type.element));
    size_t found = read.get_if<ListValue>()->items.size();
    if (found == type.length) return read;
    return lexer_.fail_at(start, fmt::format("expected {} items, found {}", type.length, found));
  }

  Result<Value> list(ValType element) {
    TRY_VOID(eat('['));
    ListValue list;
    while (!token_.is(']')) {
      list.items.push_back(TRY(value(element)));
      if (!token_.is(',')) break;
      TRY_VOID(advance());
    }
    TRY_VOID(eat(']'));
    return list;
  }

  Result<Value> tuple(const TupleType& type) {
    TRY_VOID(eat('('));
    TupleValue tuple;
    for (size_t i = 0; i < type.types.size(); i++) {
      if (i > 0) TRY_VOID(eat(','));
      tuple.items.push_back(TRY(value(type.types[i])));
    }
    if (token_.is(',')) TRY_VOID(advance());
    TRY_VOID(eat(')'));
    return tuple;
  }

  // canon: fields that are not there are none, where that is possible.
  Result<Value> record(const RecordType& type) {
    std::vector<std::optional<Value>> found(type.fields.size());
    std::string_view open = token_.source;
    TRY_VOID(eat('{'));
    if (token_.is('}')) return expected("a field, or `:` for a record without any");
    if (token_.is(':')) {
      TRY_VOID(advance());
    } else {
      while (!token_.is('}')) {
        TRY_VOID(field(type, found));
        if (!token_.is(',')) break;
        TRY_VOID(advance());
      }
    }
    TRY_VOID(eat('}'));
    RecordValue record;
    for (size_t i = 0; i < type.fields.size(); i++) {
      const Type* definition = types_.defined(type.fields[i].type);
      bool is_option = definition && std::holds_alternative<OptionType>(*definition);
      if (!found[i] && !is_option)
        return lexer_.fail_at(open, fmt::format("field `{}` is missing", type.fields[i].name));
      record.fields.push_back(
          {type.fields[i].name, found[i] ? std::move(*found[i]) : Value(OptionValue())});
    }
    return record;
  }

  Result<void> field(const RecordType& type, std::vector<std::optional<Value>>& found) {
    if (token_.kind != Kind::label) return expected("the name of a field");
    WaveToken name = token_;
    TRY_VOID(advance());
    TRY_VOID(eat(':'));
    for (size_t i = 0; i < type.fields.size(); i++) {
      if (type.fields[i].name != name.text) continue;
      if (found[i])
        return lexer_.fail_at(name.source, fmt::format("field `{}` is given twice", name.text));
      auto parsed = value(type.fields[i].type);
      if (!parsed) return std::unexpected(std::move(parsed).error());
      found[i] = std::move(*parsed);
      return {};
    }
    return skip_value();
  }

  // The value of a field that the type does not have: balanced brackets up to a comma or the end of
  // the record.
  Result<void> skip_value() {
    size_t depth = 0;
    bool is_empty = true;
    while (depth > 0 || !(token_.is(',') || token_.is('}'))) {
      if (token_.kind == Kind::end) return expected("a value");
      if (token_.is('(') || token_.is('[') || token_.is('{')) depth++;
      if (token_.is(')') || token_.is(']') || token_.is('}')) {
        if (depth == 0) return expected("a value");
        depth--;
      }
      is_empty = false;
      TRY_VOID(advance());
    }
    if (is_empty) return expected("a value");
    return {};
  }

  Result<Value> flags(const FlagsType& type, ValType whole) {
    TRY_VOID(eat('{'));
    std::vector<bool> set(type.names.size());
    while (!token_.is('}')) {
      if (token_.kind != Kind::label) return expected("the name of a flag");
      size_t i = 0;
      while (i < type.names.size() && type.names[i] != token_.text) i++;
      if (i == type.names.size())
        return expected(fmt::format("a flag of {}", to_string(types_, whole)));
      if (set[i]) return lexer_.fail_at(token_.source, "the flag is given twice");
      set[i] = true;
      TRY_VOID(advance());
      if (!token_.is(',')) break;
      TRY_VOID(advance());
    }
    TRY_VOID(eat('}'));
    FlagsValue value;
    for (size_t i = 0; i < type.names.size(); i++) {
      if (set[i]) value.names.push_back(type.names[i]);
    }
    return value;
  }

  // A label that is no keyword of WAVE's.
  bool at_case() const {
    return token_.kind == Kind::label && (token_.is_escaped || !is_wave_keyword(token_.text));
  }

  Result<Value> enumeration(const EnumType& type, ValType whole) {
    if (at_case()) {
      for (const std::string& name : type.names) {
        if (name != token_.text) continue;
        TRY_VOID(advance());
        return EnumValue{name};
      }
    }
    return expected(fmt::format("a case of {}", to_string(types_, whole)));
  }

  Result<Value> variant(const VariantType& type, ValType whole) {
    if (at_case()) {
      for (const Case& c : type.cases) {
        if (c.name != token_.text) continue;
        TRY_VOID(advance());
        return VariantValue{c.name, TRY(payload(c.type))};
      }
    }
    return expected(fmt::format("a case of {}", to_string(types_, whole)));
  }

  // What follows the name of a case.
  Result<BoxedValue> payload(const std::optional<ValType>& type) {
    if (!type) return BoxedValue();
    TRY_VOID(eat('('));
    BoxedValue boxed = TRY(value(*type));
    if (token_.is(',')) TRY_VOID(advance());
    TRY_VOID(eat(')'));
    return boxed;
  }

  Result<Value> option(const OptionType& type) {
    if (token_.is_label("none")) {
      TRY_VOID(advance());
      return OptionValue();
    }
    if (!token_.is_label("some")) return OptionValue{TRY(value(type.some))};
    TRY_VOID(advance());
    return OptionValue{TRY(payload(type.some))};
  }

  Result<Value> result(const ResultType& type) {
    bool is_error = token_.is_label("err");
    if (!is_error && !token_.is_label("ok")) {
      if (!type.ok) return expected("ok or err");
      return ResultValue{false, TRY(value(*type.ok))};
    }
    TRY_VOID(advance());
    return ResultValue{is_error, TRY(payload(is_error ? type.error : type.ok))};
  }

  const ComponentTypes& types_;
  WaveLexer lexer_;
  WaveToken token_;
};

}  // namespace

Result<Value> parse_wave(const ComponentTypes& types, ValType type, std::string_view text) {
  Reader reader(types, text, text);
  TRY_VOID(reader.start());
  Value value = TRY(reader.value(type));
  TRY_VOID(reader.end());
  return value;
}

Result<WaveCall> parse_wave_call(std::string_view text) {
  WaveCall call;
  size_t open = text.find('(');
  WaveLexer lexer(text, text);
  if (open == text.npos) {
    return lexer.fail_at(
        text.substr(text.size()),
        "expected a call with its arguments in parentheses, as in `greet(\"world\")`");
  }
  call.name = text.substr(0, open);
  while (!call.name.empty() && call.name.back() == ' ') call.name.remove_suffix(1);
  call.arguments = text.substr(open);

  // The version stands behind the function, and belongs to the interface.
  std::string_view name = call.name;
  size_t slash = name.find('/');
  size_t at = name.find('@');
  std::string_view path = name.substr(0, at);
  size_t dot = slash == name.npos ? name.npos : path.find('.', slash);
  if (slash != name.npos && dot == name.npos) {
    return lexer.fail_at(name, "expected `package/interface.function@version`");
  }
  call.function = path.substr(dot == name.npos ? 0 : dot + 1);
  if (dot != name.npos) call.interface = path.substr(0, dot);
  if (at != name.npos) {
    if (call.interface.empty())
      return lexer.fail_at(name.substr(at), "only functions of an interface have a version");
    if (!parse_semver(name.substr(at + 1)))
      return lexer.fail_at(name.substr(at + 1), "expected a version, as in 1.2.3");
    call.interface += name.substr(at);
  }
  if (call.function.starts_with('%')) call.function.erase(0, 1);
  if (!is_label(call.function)) return lexer.fail_at(name, "expected the name of a function");
  return call;
}

Result<std::vector<Value>> parse_wave_arguments(const ComponentTypes& types,
                                                const FuncType& function, const WaveCall& call,
                                                std::string_view text) {
  Reader reader(types, call.arguments, text);
  TRY_VOID(reader.start());
  return reader.arguments(function);
}

}  // namespace tenon::component
