#include <fmt/format.h>

#include <algorithm>

#include "component/text/component_parser.h"

// References to definitions, with the aliases that they may stand for, and names of imports and
// exports.
namespace tenon::component::text {

// component: Explainer.md#index-spaces (core:sort, sort)
std::optional<Sort> ComponentParser::take_sort(bool is_core) {
  for (size_t i = 0; i < sort_count; ++i) {
    if (sort_table[i].is_core == is_core && in_.take_keyword(sort_table[i].word))
      return static_cast<Sort>(i);
  }
  unexpected(is_core ? "a sort of core definitions" : "a sort of definitions");
  return std::nullopt;
}

uint32_t ComponentParser::alias_export(Sort sort, uint32_t instance, std::string_view name,
                                       size_t source, const DefName& def) {
  ByteWriter out;
  write_sort(out, sort);
  out.byte(alias_target::export_);
  out.u32(instance);
  out.name(name);
  return define(sort, Section::alias, out, source, def);
}

uint32_t ComponentParser::alias_core_export(Sort sort, uint32_t instance, std::string_view name,
                                            size_t source, const DefName& def) {
  ByteWriter out;
  write_sort(out, sort);
  out.byte(alias_target::core_export);
  out.u32(instance);
  out.name(name);
  return define(sort, Section::alias, out, source, def);
}

// component: Explainer.md#alias-definitions ({X}sortidx). `idx "name"* )`; with names, the index is
// that of an instance.
SortIndex ComponentParser::reference(Sort sort) {
  size_t source = here();
  if (!in_.peek().is_index()) {
    unexpected("an index or identifier");
    return {sort, 0};
  }
  // What the index is of, only a name behind it tells.
  bool has_names = in_.peek_second().is(Token::Kind::string);
  uint32_t at = index(has_names ? Sort::instance : sort);
  while (in_.at(Token::Kind::string)) {
    std::string name = in_.name();
    at = alias_export(in_.at(Token::Kind::string) ? Sort::instance : sort, at, name, source);
  }
  in_.expect_close();
  return {sort, at};
}

// component: Explainer.md#index-spaces ({X}idx)
uint32_t ComponentParser::index_or_reference(Sort sort) {
  if (in_.peek().is_index()) return index(sort);
  if (!in_.take_open(info(sort).word)) {
    unexpected(fmt::format("an index, or `({}`", info(sort).word));
    return 0;
  }
  return reference(sort).index;
}

// Behind `(core SORT` or, where `core` goes without saying, `(SORT`.
uint32_t ComponentParser::core_reference_in_parens(Sort sort) {
  size_t source = here();
  if (!in_.peek().is_index()) {
    unexpected("an index or identifier");
    return 0;
  }
  bool has_name = in_.peek_second().is(Token::Kind::string);
  uint32_t at = index(has_name ? Sort::core_instance : sort);
  if (has_name) at = alias_core_export(sort, at, in_.name(), source);
  in_.expect_close();
  return at;
}

// component: Explainer.md#index-spaces (core-prefix(core:{X}idx))
uint32_t ComponentParser::core_reference(Sort sort) {
  if (in_.peek().is_index()) return index(sort);
  std::string_view word = info(sort).word;
  if (in_.take_open("core")) {
    in_.expect_keyword(word);
    return core_reference_in_parens(sort);
  }
  if (options_.lenient_indices && in_.take_open(word)) return core_reference_in_parens(sort);
  if (in_.at_open(word)) {
    in_.fail_at(in_.peek_second(), fmt::format("`core` is missing: `(core {} ...)`", word));
    return 0;
  }
  unexpected(fmt::format("an index, or `(core {}`", word));
  return 0;
}

// `(memory core-prefix(core:memoryidx))` and its like, behind the word. With its `)`.
uint32_t ComponentParser::core_option(Sort sort) {
  if (options_.lenient_indices && in_.peek().is_index()) return core_reference_in_parens(sort);
  if (in_.peek().is_index() && in_.peek_second().is(Token::Kind::string)) {
    in_.fail_at(in_.peek(),
                fmt::format("an export stands within its own parentheses: `(core {} ...)`",
                            info(sort).word));
    return 0;
  }
  uint32_t at = core_reference(sort);
  in_.expect_close();
  return at;
}

// component: Explainer.md#index-spaces (externidx), behind the `(`. Of core definitions only
// modules, and only where `allows_core`.
SortIndex ComponentParser::any_reference(bool allows_core) {
  if (allows_core && in_.take_keyword("core")) {
    in_.expect_keyword("module");
    return reference(Sort::core_module);
  }
  std::optional<Sort> sort = take_sort(false);
  return sort ? reference(*sort) : SortIndex{};
}

namespace {

struct AttributeWord {
  std::string_view word;
  uint8_t code;
};
constexpr AttributeWord attribute_words[] = {{"implements", name_attribute::implements},
                                             {"version-suffix", name_attribute::version_suffix},
                                             {"versionsuffix", name_attribute::version_suffix},
                                             {"external-id", name_attribute::external_id}};
constexpr uint8_t plain_name = 0x00;
constexpr uint8_t name_with_attributes = 0x02;

}  // namespace

// component: Explainer.md#import-and-export-definitions (externnamelit, attribute)
void ComponentParser::extern_name(ByteWriter& out) {
  // `(interface "...")` is an older form of the same.
  bool is_old_form = in_.take_open("interface");
  std::string name = in_.name();
  if (is_old_form) in_.expect_close();
  std::optional<std::string> attributes[3];  // by code
  auto known = [&] {
    return std::ranges::find_if(attribute_words,
                                [&](const auto& attribute) { return in_.at_open(attribute.word); });
  };
  uint32_t count = 0;
  for (auto found = known(); found != std::end(attribute_words) && in_.ok(); found = known()) {
    in_.take();
    Token word = in_.take();
    std::optional<std::string>& attribute = attributes[found->code];
    if (attribute) return in_.fail_at(word, fmt::format("duplicate attribute `{}`", word.text));
    attribute = in_.name();
    in_.expect_close();
    ++count;
  }
  out.byte(count == 0 ? plain_name : name_with_attributes);
  out.name(name);
  if (count == 0) return;
  out.u32(count);
  for (uint8_t code = 0; code < std::size(attributes); ++code) {
    if (!attributes[code]) continue;
    out.byte(code);
    out.name(*attributes[code]);
  }
}

// Whether `(WORD "...")` follows: an import or export within a definition. One that has more in it
// is a part of what is defined.
bool ComponentParser::at_short_form(std::string_view word) {
  if (!in_.at_open(word)) return false;
  Cursor ahead = look_ahead();
  ahead.take_open(word);
  bool is_old_form = ahead.take_open("interface");
  if (!ahead.at(Token::Kind::string)) return false;
  ahead.take();
  return ahead.take_close() && (!is_old_form || ahead.at_close());
}

std::vector<ByteWriter> ComponentParser::inline_exports() {
  std::vector<ByteWriter> names;
  while (at_short_form("export")) {
    in_.take_open("export");
    extern_name(names.emplace_back());
    in_.expect_close();
  }
  return names;
}

void ComponentParser::add_exports(std::vector<ByteWriter> names, Sort sort, uint32_t index,
                                  size_t source) {
  for (ByteWriter& name : names) scope().exports.push_back({sort, index, std::move(name), source});
}

// component: Binary.md#import-and-export-definitions
uint32_t ComponentParser::write_export(const ByteWriter& name, Sort sort, uint32_t index,
                                       const ByteWriter* ascribed, size_t source,
                                       const DefName& def) {
  ByteWriter out;
  out.bytes(name.view());
  write_sort(out, sort);
  out.u32(index);
  out.byte(ascribed != nullptr ? 0x01 : 0x00);
  if (ascribed != nullptr) out.bytes(ascribed->view());
  return define(sort, Section::export_, out, source, def);
}

// `(type idx)` or `(type idx "name"*)`, rather than a type declarator that starts alike.
bool ComponentParser::at_type_reference() {
  if (!in_.at_open("type")) return false;
  Cursor ahead = look_ahead();
  ahead.take_open("type");
  return ahead.peek().is_index() && (ahead.peek_second().is(Token::Kind::close) ||
                                     ahead.peek_second().is(Token::Kind::string));
}

}  // namespace tenon::component::text
