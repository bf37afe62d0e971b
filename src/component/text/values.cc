#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "component/binary/item_reader.h"
#include "component/text/component_parser.h"
#include "component/visit.h"

// Values that are written out, by their types, and start functions.
namespace tenon::component::text {

using Kind = Token::Kind;

// Remembers what has been defined as a type.
void ComponentParser::know_type(uint32_t index, const ByteWriter& definition) {
  if (scope().kind != Scope::Kind::component || definition.view().front() < type_opcode::map)
    return;
  ItemReader in(definition.view(), 0, wasm::Features::validated());
  TypeDef decoded = in.type_definition();
  if (!in.ok()) return;
  if (auto* type = std::get_if<Type>(&decoded.type))
    known_types_.define(scope().value_types, index, std::move(*type));
}

// component: Explainer.md#-value-definitions
void ComponentParser::value(size_t source) {
  DefName name = def_name();
  std::vector<ByteWriter> exports = inline_exports();
  ByteWriter out;
  val_type(out);
  if (!in_.ok()) return;
  ItemReader written(out.view(), 0, wasm::Features::validated());
  std::optional<ValType> type = known_types_.find(scope().value_types, written.val_type());
  ByteWriter content;
  if (in_.take_open("binary")) {
    while (in_.at(Kind::string)) {
      std::string bytes = in_.string();
      content.bytes({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    }
    in_.expect_close();
  } else if (type) {
    value_of(content, *type, 0);
  } else {
    in_.fail_at(here(),
                "the type of this value is not defined in this component: `(binary \"...\")` gives "
                "the bytes");
  }
  in_.expect_close();
  if (!in_.ok()) return;
  out.sized(content);
  uint32_t made = define(Sort::value, Section::value, out, source, name);
  add_exports(std::move(exports), Sort::value, made, source);
}

// Recursion is bounded by limits::max_type_depth.
void ComponentParser::value_of(ByteWriter& out, ValType type, uint32_t depth) {
  if (too_deep(depth, limits::max_type_depth, "values")) return;
  if (type.is_primitive()) return primitive_value(out, type.primitive());
  const Type& definition = known_types_[type.type()];
  std::visit(
      Overloaded{
          [&](const PrimitiveType& t) { primitive_value(out, t.primitive); },
          [&](const RecordType& t) {
            if (!expect_word("record")) return;
            for (const Field& field : t.fields) value_of(out, field.type, depth + 1);
            in_.expect_close();
          },
          [&](const TupleType& t) {
            if (!expect_word("tuple")) return;
            for (ValType part : t.types) value_of(out, part, depth + 1);
            in_.expect_close();
          },
          [&](const ListType& t) {
            if (!expect_word("list")) return;
            ByteWriter items;
            uint32_t count = 0;
            for (; in_.ok() && !in_.at_close(); ++count) value_of(items, t.element, depth + 1);
            in_.expect_close();
            out.u32(count);
            out.bytes(items.view());
          },
          [&](const VariantType& t) { variant_value(out, t, depth); },
          [&](const FlagsType& t) { flags_value(out, t); },
          [&](const EnumType& t) {
            if (!expect_word("enum")) return;
            out.size(label_index(t.names, [](const std::string& it) { return it; }));
            in_.expect_close();
          },
          [&](const OptionType& t) {
            std::optional<ValType> some = t.some;
            case_value(out, {"none", "some"}, {std::nullopt, some}, depth);
          },
          [&](const ResultType& t) { case_value(out, {"ok", "error"}, {t.ok, t.error}, depth); },
          [&](const auto& t) {
            in_.fail_at(here(),
                        fmt::format("there are no value definitions of type {}", kind_name(t)));
          },
      },
      definition);
}

bool ComponentParser::expect_word(std::string_view word) {
  if (!in_.ok() || in_.take_open(word)) return in_.ok();
  unexpected(fmt::format("`({}`", word));
  return false;
}

// `word` where the case has no payload, else `(word val)`.
void ComponentParser::case_value(ByteWriter& out, std::array<std::string_view, 2> words,
                                 std::array<std::optional<ValType>, 2> payloads, uint32_t depth) {
  for (uint8_t i = 0; i < words.size(); ++i) {
    bool is_chosen = payloads[i] ? in_.take_open(words[i]) : in_.take_keyword(words[i]);
    if (!is_chosen) continue;
    out.byte(i);
    if (!payloads[i]) return;
    value_of(out, *payloads[i], depth + 1);
    return in_.expect_close();
  }
  auto form = [&](size_t i) {
    return payloads[i] ? fmt::format("`({} ...)`", words[i]) : fmt::format("`{}`", words[i]);
  };
  unexpected(fmt::format("{} or {}", form(0), form(1)));
}

// The place of the label at hand among `items`.
template <typename Items, typename NameOf>
size_t ComponentParser::label_index(const Items& items, NameOf&& name_of) {
  Token token = in_.peek();
  std::string label = in_.name();
  auto found = std::ranges::find(items, label, name_of);
  if (in_.ok() && found == items.end())
    in_.fail_at(token, fmt::format("the type of the value has no `{}`", label));
  return static_cast<size_t>(found - items.begin());
}

void ComponentParser::variant_value(ByteWriter& out, const VariantType& type, uint32_t depth) {
  if (!expect_word("variant")) return;
  size_t chosen = label_index(type.cases, [](const Case& it) { return it.name; });
  if (!in_.ok()) return;
  out.size(chosen);
  if (const auto& payload = type.cases[chosen].type) value_of(out, *payload, depth + 1);
  in_.expect_close();
}

void ComponentParser::flags_value(ByteWriter& out, const FlagsType& type) {
  if (!expect_word("flags")) return;
  std::vector<uint8_t> bytes((type.names.size() + 7) / 8);
  while (in_.at(Kind::string)) {
    size_t flag = label_index(type.names, [](const std::string& it) { return it; });
    if (!in_.ok()) return;
    bytes[flag / 8] |= static_cast<uint8_t>(1u << (flag % 8));
  }
  in_.expect_close();
  out.bytes(bytes);
}

// Of so many bits, signed or not: what the text format takes either way, the type does not.
void ComponentParser::integer_value(ByteWriter& out, int bits, bool is_signed) {
  Token token = in_.peek();
  uint64_t read = in_.integer(bits);
  if (!in_.ok()) return;
  bool is_negative = token.text.front() == '-';
  int64_t extended = static_cast<int64_t>(read << (64 - bits)) >> (64 - bits);
  if (is_signed ? (extended < 0) != (is_negative && read != 0) : is_negative && read != 0) {
    return in_.fail_at(token,
                       fmt::format("constant out of range of {}{}", is_signed ? 's' : 'u', bits));
  }
  if (bits == 8) return out.byte(static_cast<uint8_t>(read));
  is_signed ? out.s64(extended) : out.u64(read);
}

// component: Explainer.md#-value-definitions (f64canon)
void ComponentParser::float_value(ByteWriter& out, bool is_double) {
  constexpr uint32_t nan_32 = 0x7fc0'0000;
  constexpr uint64_t nan_64 = uint64_t{0x7ff8} << 48;
  Token token = in_.peek();
  if (token.text.ends_with("nan") && !token.is_keyword("nan"))
    return in_.fail_at(token, "a NaN has no sign here");
  if (token.text.contains("nan:")) return in_.fail_at(token, "a NaN has no payload here");
  bool is_nan = in_.take_keyword("nan");
  if (is_double) {
    out.fixed_u64(is_nan ? nan_64 : in_.f64());
  } else {
    out.fixed_u32(is_nan ? nan_32 : in_.f32());
  }
}

void ComponentParser::primitive_value(ByteWriter& out, Primitive type) {
  if (!in_.ok()) return;
  switch (type) {
    case Primitive::bool_:
      if (in_.take_keyword("false")) return out.byte(0);
      if (in_.take_keyword("true")) return out.byte(1);
      return unexpected("`false` or `true`");
    case Primitive::s8: return integer_value(out, 8, true);
    case Primitive::u8: return integer_value(out, 8, false);
    case Primitive::s16: return integer_value(out, 16, true);
    case Primitive::u16: return integer_value(out, 16, false);
    case Primitive::s32: return integer_value(out, 32, true);
    case Primitive::u32: return integer_value(out, 32, false);
    case Primitive::s64: return integer_value(out, 64, true);
    case Primitive::u64: return integer_value(out, 64, false);
    case Primitive::f32: return float_value(out, false);
    case Primitive::f64: return float_value(out, true);
    case Primitive::char_: {
      if (!in_.at(Kind::character)) return unexpected("a character in single quotes");
      std::string encoded;
      wasm::text::append_string(in_.take().text, encoded);
      return out.bytes({reinterpret_cast<const uint8_t*>(encoded.data()), encoded.size()});
    }
    case Primitive::string: return out.name(in_.name());
    case Primitive::error_context:
      in_.fail_at(here(), "there are no value definitions of type error-context");
  }
}

// component: Explainer.md#-start-definitions
void ComponentParser::start(size_t source) {
  ByteWriter out;
  out.u32(index_or_reference(Sort::func));
  ByteWriter args;
  uint32_t count = 0;
  for (; in_.take_open("value"); ++count) args.u32(reference(Sort::value).index);
  out.u32(count);
  out.bytes(args.view());
  std::vector<DefName> results;
  while (in_.take_open("result")) {
    in_.expect_open();
    in_.expect_keyword("value");
    results.push_back(def_name());
    in_.expect_close();
    in_.expect_close();
  }
  in_.expect_close();
  out.size(results.size());
  scope().writer.whole(Section::start, out.view(), source);
  for (const DefName& result : results) add(Sort::value, result);
}

}  // namespace tenon::component::text
