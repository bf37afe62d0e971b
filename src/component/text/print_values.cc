#include <fmt/format.h>

#include <bit>

#include "base/utf8.h"
#include "component/binary/values.h"
#include "component/text/component_printer.h"
#include "component/visit.h"

// Values that components define, and start functions.
namespace tenon::component::text {

namespace {

// component: Explainer.md#-value-definitions (val)
class ValueText {
 public:
  explicit ValueText(std::string& out) : out_(out) {}

  // Values are nested no deeper than limits::max_type_depth.
  void put(const Value& value) {
    std::visit([&](const auto& it) { put(it); }, value.data);
  }

 private:
  void put(bool value) { out_ += value ? "true" : "false"; }
  template <std::integral Integer>
  void put(Integer value) {
    wasm::text::append_number(out_, value);
  }
  void put(float value) { wasm::text::append_f32(out_, std::bit_cast<uint32_t>(value)); }
  void put(double value) { wasm::text::append_f64(out_, std::bit_cast<uint64_t>(value)); }
  void put(char32_t value) {
    bool is_special = value == '\'' || value == '"' || value == '\\';
    bool is_control = value < 0x20 || (value >= 0x7f && value < 0xa0);
    out_ += '\'';
    if (is_control) {
      out_ += fmt::format("\\u{{{:x}}}", static_cast<uint32_t>(value));
    } else {
      if (is_special) out_ += '\\';
      utf8_append(out_, value);
    }
    out_ += '\'';
  }
  void put(const std::string& value) { wasm::text::append_quoted_name(out_, value); }
  void put(const ListValue& value) { all("list", value.items); }
  void put(const TupleValue& value) { all("tuple", value.items); }
  void put(const RecordValue& value) {
    out_ += "(record";
    for (const FieldValue& field : value.fields) part(field.value);
    out_ += ')';
  }
  void put(const VariantValue& value) {
    out_ += "(variant ";
    put(value.name);
    if (value.payload) part(*value.payload);
    out_ += ')';
  }
  void put(const EnumValue& value) {
    out_ += "(enum ";
    put(value.name);
    out_ += ')';
  }
  void put(const FlagsValue& value) {
    out_ += "(flags";
    for (const std::string& name : value.names) {
      out_ += ' ';
      put(name);
    }
    out_ += ')';
  }
  void put(const OptionValue& value) { choice(value.some ? "some" : "none", value.some); }
  void put(const ResultValue& value) { choice(value.is_error ? "error" : "ok", value.payload); }
  void put(const ResourceValue&) { CHECK(false); }
  void put(const StreamValue&) { CHECK(false); }
  void put(const FutureValue&) { CHECK(false); }

  void part(const Value& value) {
    out_ += ' ';
    put(value);
  }
  void all(std::string_view word, const std::vector<Value>& items) {
    out_ += '(';
    out_ += word;
    for (const Value& item : items) part(item);
    out_ += ')';
  }
  void choice(std::string_view word, const BoxedValue& payload) {
    if (payload) out_ += '(';
    out_ += word;
    if (!payload) return;
    part(*payload);
    out_ += ')';
  }

  std::string& out_;
};

}  // namespace

// What cannot be read as its type says stands as bytes.
Result<void> ComponentPrinter::item(const ValueDef& def) {
  to_.put("(value");
  define(Sort::value);
  to_.put(" ");
  val_type(def.type);
  to_.put(" ");
  std::optional<ValType> type = known_types_.find(scope().value_types, def.type);
  std::optional<Value> value;
  if (type && !options_.skeleton) {
    TypeOf type_of = [&](TypeId id) -> const Type& { return known_types_[id]; };
    auto read = decode_value(def.bytes, def.bytes_offset, *type, type_of, value_room_);
    if (read) value = std::move(*read);
  }
  if (options_.skeleton) {
    to_.put("...");
  } else if (value) {
    ValueText(to_.out()).put(*value);
  } else {
    to_.put("(binary ");
    wasm::text::append_quoted_bytes(to_.out(), def.bytes);
    to_.put(")");
  }
  to_.put(")");
  return {};
}

Result<void> ComponentPrinter::item(const StartDef& def) {
  to_.put("(start ");
  index(Sort::func, def.func);
  for (uint32_t arg : def.args) {
    to_.put(" ");
    reference({Sort::value, arg});
  }
  for (uint32_t i = 0; i < def.results; ++i) {
    to_.put(" (result (value");
    define(Sort::value);
    to_.put("))");
  }
  to_.put(")");
  return {};
}

// What the definition at hand, which makes a type, is about to make.
void ComponentPrinter::know_next_type(std::optional<ValType> known) {
  KnownTypes::define(scope().value_types, scope().next[static_cast<size_t>(Sort::type)], known);
}

}  // namespace tenon::component::text
