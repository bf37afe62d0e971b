#include "component/wave/writer.h"

#include <fmt/format.h>

#include "base/decimal.h"
#include "base/utf8.h"
#include "component/visit.h"
#include "component/wave/lexer.h"

namespace tenon::component {
namespace {

void write_char(std::string& out, char32_t c) {
  switch (c) {
    case '\t': out += "\\t"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\\':
    case '\'':
    case '"': out += '\\'; break;
    default:
      if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
        out += fmt::format("\\u{{{:x}}}", static_cast<uint32_t>(c));
        return;
      }
  }
  utf8_append(out, c);
}

std::string case_name(const std::string& name) {
  return is_wave_keyword(name) ? "%" + name : name;
}

// The depth of recursion is that of a value, which is that of its type.
class Writer {
 public:
  // What the value has that has no text form; null: nothing.
  const char* without_text() const { return without_text_; }
  std::string& out() { return out_; }

  void write(const Value& value) {
    std::visit(
        Overloaded{
            [&](bool it) { out_ += it ? "true" : "false"; },
            [&](float it) { out_ += decimal_text(it); },
            [&](double it) { out_ += decimal_text(it); },
            [&](char32_t it) {
              out_ += '\'';
              write_char(out_, it);
              out_ += '\'';
            },
            [&](const std::string& it) { write_string(it); },
            [&](const ListValue& it) { write_items('[', it.items, ']'); },
            [&](const TupleValue& it) { write_items('(', it.items, ')'); },
            [&](const RecordValue& it) { write_record(it); },
            [&](const VariantValue& it) { write_case(case_name(it.name), it.payload); },
            [&](const EnumValue& it) { out_ += case_name(it.name); },
            [&](const OptionValue& it) { write_case(it.some ? "some" : "none", it.some); },
            [&](const ResultValue& it) { write_case(it.is_error ? "err" : "ok", it.payload); },
            [&](const FlagsValue& it) { write_flags(it); },
            [&](const ResourceValue&) { without_text_ = "resource"; },
            [&](const StreamValue&) { without_text_ = "stream"; },
            [&](const FutureValue&) { without_text_ = "future"; },
            [&](auto integer) { out_ += fmt::format("{}", integer); },
        },
        value.data);
  }

 private:
  void write_string(const std::string& text) {
    out_ += '"';
    for (size_t i = 0; i < text.size();) write_char(out_, utf8_next(text, i));
    out_ += '"';
  }

  void write_items(char open, const std::vector<Value>& items, char close) {
    out_ += open;
    for (size_t i = 0; i < items.size(); i++) {
      if (i > 0) out_ += ", ";
      write(items[i]);
    }
    out_ += close;
  }

  void write_record(const RecordValue& record) {
    out_ += '{';
    bool is_empty = true;
    for (const FieldValue& field : record.fields) {
      const auto* option = field.value.get_if<OptionValue>();
      if (option && !option->some) continue;
      if (!is_empty) out_ += ", ";
      is_empty = false;
      out_ += field.name + ": ";
      write(field.value);
    }
    out_ += is_empty ? ":}" : "}";
  }

  void write_case(const std::string& name, const BoxedValue& payload) {
    out_ += name;
    if (!payload) return;
    out_ += '(';
    write(*payload);
    out_ += ')';
  }

  void write_flags(const FlagsValue& flags) {
    out_ += '{';
    for (size_t i = 0; i < flags.names.size(); i++) out_ += (i > 0 ? ", " : "") + flags.names[i];
    out_ += '}';
  }

  std::string out_;
  const char* without_text_ = nullptr;
};

}  // namespace

Result<std::string> to_wave(const Value& value) {
  Writer writer;
  writer.write(value);
  if (const char* kind = writer.without_text())
    return fail(ErrorCode::unsupported, fmt::format("a {} has no text form", kind));
  return std::move(writer.out());
}

}  // namespace tenon::component
