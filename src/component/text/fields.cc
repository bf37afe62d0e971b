#include <fmt/format.h>

#include "base/limits.h"
#include "component/text/component_parser.h"
#include "wasm/text/annotations.h"
#include "wasm/text/parse_module.h"

// Definitions of a component that hold others, or name them.
namespace tenon::component::text {

Result<std::vector<uint8_t>> ComponentParser::run() {
  open_scope(Scope::Kind::component);
  DefName name = def_name();
  scope().id = name.id;
  scope().name = name.name;
  fields();
  if (in_.ok() && !in_.at_end()) unexpected("a definition in parentheses");
  in_.refuse_annotations();
  if (in_.ok()) finish_component();
  if (module_error_) return std::unexpected(std::move(*module_error_));
  TRY_VOID(in_.status());
  std::vector<uint8_t> bytes = scope().writer.finish();
  if (bytes.size() > limits::max_module_bytes)
    return fail(ErrorCode::limit, "the component is larger than 1 GiB");
  if (options_.marks != nullptr) *options_.marks = scope().writer.take_marks();
  return bytes;
}

void ComponentParser::fields() {
  annotations();
  while (in_.ok() && in_.at(Token::Kind::open)) {
    field();
    annotations();
  }
}

// component: Binary.md#component-definitions (core:custom)
void ComponentParser::annotations() {
  wasm::text::ModuleParts found;
  while (in_.ok()) {
    in_.peek();
    if (auto custom = in_.take_annotation(wasm::text::custom_annotation)) {
      wasm::text::parse_custom(in_, *custom, found);
    } else if (auto producers = in_.take_annotation(wasm::text::producers_annotation)) {
      wasm::text::parse_producers(in_, *producers, found);
    } else {
      break;
    }
  }
  for (const wasm::text::CustomPart& part : found.customs)
    scope().writer.custom(part.name, part.bytes);
}

void ComponentParser::field() {
  size_t source = here();
  in_.take();
  if (in_.take_keyword("core")) return core_field(source);
  if (in_.take_keyword("component")) return component(source);
  if (in_.take_keyword("instance")) return instance(source);
  if (in_.take_keyword("alias")) return alias(source);
  if (in_.take_keyword("type")) return type(source);
  if (in_.take_keyword("func")) return func(source);
  if (in_.take_keyword("canon")) return canon(source);
  if (in_.take_keyword("import")) return import(source);
  if (in_.take_keyword("export")) return export_(source);
  if (in_.take_keyword("start")) return start(source);
  if (in_.take_keyword("value")) return value(source);
  unexpected("the word of a definition");
}

void ComponentParser::core_field(size_t source) {
  if (in_.take_keyword("module")) return core_module(source);
  if (in_.take_keyword("instance")) return core_instance(source);
  if (in_.take_keyword("type")) return core_type(source);
  if (in_.take_keyword("rec")) return core_rec(source);
  if (in_.take_keyword("func")) return core_func(source);
  unexpected("`module`, `instance`, `type`, `rec` or `func`");
}

void ComponentParser::finish_component() {
  // Writing one makes no others.
  std::vector<InlineExport> exports = std::move(scope().exports);
  for (const InlineExport& made : exports)
    write_export(made.name, made.sort, made.index, nullptr, made.source);
  if (options_.with_names) write_names(scope(), scope().writer);
}

// component: Binary.md#name-section
void ComponentParser::write_names(const Scope& done, ComponentWriter& writer) {
  constexpr uint8_t component_name = 0;
  constexpr uint8_t sort_names = 1;
  ByteWriter section;
  auto subsection = [&](uint8_t id, const ByteWriter& content) {
    section.byte(id);
    section.sized(content);
  };
  if (done.name) {
    ByteWriter content;
    content.name(*done.name);
    subsection(component_name, content);
  }
  for (size_t i = 0; i < sort_count; ++i) {
    auto sort = static_cast<Sort>(i);
    const wasm::text::NameList& names = done.space(sort).names;
    if (names.empty()) continue;
    ByteWriter content;
    write_sort(content, sort);
    content.size(names.size());
    for (const wasm::text::NamedIndex& entry : names) {
      content.u32(entry.index);
      content.name(entry.name);
    }
    subsection(sort_names, content);
  }
  if (!section.empty()) writer.custom(component_name_section, section.view());
}

// component: Explainer.md#component-definitions (core:module)
void ComponentParser::core_module(size_t source) {
  DefName name = def_name();
  std::vector<ByteWriter> exports = inline_exports();
  if (!at_short_form("import")) return core_module_text(source, name, std::move(exports));
  in_.take_open("import");
  ByteWriter out;
  extern_name(out);
  in_.expect_close();
  uint32_t used = module_type_use();
  in_.expect_close();
  extern_bytes(out, Sort::core_module);
  out.u32(used);
  uint32_t made = define(Sort::core_module, Section::import, out, source, name);
  add_exports(std::move(exports), Sort::core_module, made, source);
}

void ComponentParser::core_module_text(size_t source, const DefName& name,
                                       std::vector<ByteWriter> exports) {
  size_t begin = in_.taken_end();
  in_.skip_form();
  if (!in_.ok()) return;
  std::vector<SourceMark> marks;
  wasm::text::ParseOptions options;
  options.with_names = options_.with_names;
  options.name = name.name;
  options.debug_info = options_.debug_info;
  if (options_.marks != nullptr) options.marks = &marks;
  auto bytes = wasm::text::parse_module_fields(in_.source(), begin, in_.offset() - 1, options);
  if (!bytes) {
    module_error_ = std::move(bytes).error();
    return in_.fail_at(source, "core module");
  }
  scope().writer.whole(Section::core_module, *bytes, source, marks);
  add_exports(std::move(exports), Sort::core_module, add(Sort::core_module, name), source);
}

void ComponentParser::component(size_t source) {
  DefName name = def_name();
  std::vector<ByteWriter> exports = inline_exports();
  if (!at_short_form("import")) return nested_component(source, name, std::move(exports));
  in_.take_open("import");
  ByteWriter out;
  extern_name(out);
  in_.expect_close();
  uint32_t used = type_use(Sort::component);
  in_.expect_close();
  extern_bytes(out, Sort::component);
  out.u32(used);
  uint32_t made = define(Sort::component, Section::import, out, source, name);
  add_exports(std::move(exports), Sort::component, made, source);
}

void ComponentParser::nested_component(size_t source, const DefName& name,
                                       std::vector<ByteWriter> exports) {
  if (too_deep(component_depth_, limits::max_component_depth, "components")) return;
  ++component_depth_;
  open_scope(Scope::Kind::component);
  scope().id = name.id;
  scope().name = name.name;
  fields();
  in_.expect_close();
  if (in_.ok()) finish_component();
  auto nested = close_scope();
  --component_depth_;
  if (!in_.ok()) return;
  std::vector<uint8_t> bytes = nested->writer.finish();
  scope().writer.whole(Section::component, bytes, source, nested->writer.take_marks());
  add_exports(std::move(exports), Sort::component, add(Sort::component, name), source);
}

// How many scopes out the component or type is that `outer` names.
uint32_t ComponentParser::outer_count(const Token& outer) {
  if (!outer.is(Token::Kind::id)) return in_.u32();
  std::string_view id = id_text(in_.take());
  for (uint32_t count = 0; count < scopes_.size(); ++count) {
    if (scopes_[scopes_.size() - 1 - count]->id == id) return count;
  }
  in_.fail_at(outer, fmt::format("unknown outer component {}", outer.text));
  return 0;
}

// Behind `alias outer`. In the type of a core module (`is_core`), `(type $id?)` means core types.
void ComponentParser::outer_alias_definition(size_t source, bool is_core) {
  Token outer = in_.peek();
  uint32_t count = outer_count(outer);
  Token item = in_.peek();
  uint32_t index = 0;
  if (item.is(Token::Kind::id)) {
    in_.take();
  } else {
    index = in_.u32();
  }
  in_.expect_open();
  std::optional<Sort> sort = take_sort(is_core || in_.take_keyword("core"));
  DefName name = def_name();
  in_.expect_close();
  in_.expect_close();
  if (!in_.ok() || !sort) return;
  if (is_core && sort != Sort::core_type)
    return in_.fail_at(item, "only types are aliased in the type of a core module");
  if (item.is(Token::Kind::id)) {
    if (count >= scopes_.size())
      return in_.fail_at(outer, fmt::format("there are fewer than {} components around", count));
    uint32_t* found = scopes_[scopes_.size() - 1 - count]->space(*sort).ids.find(id_text(item));
    if (found == nullptr)
      return in_.fail_at(item, fmt::format("unknown {} {}", name_of(*sort), item.text));
    index = *found;
  }
  write_outer_alias(*sort, count, index, source, name);
}

// component: Explainer.md#alias-definitions
void ComponentParser::alias(size_t source) {
  if (in_.take_keyword("outer")) return outer_alias_definition(source, false);
  bool is_core = in_.take_keyword("core");
  in_.expect_keyword("export");
  uint32_t instance = index(is_core ? Sort::core_instance : Sort::instance);
  std::string export_name = in_.name();
  in_.expect_open();
  std::optional<Sort> sort;
  if (is_core) {
    in_.expect_keyword("core");
    sort = take_sort(true);
  } else if (in_.take_keyword("core")) {
    in_.expect_keyword("module");
    sort = Sort::core_module;
  } else {
    sort = take_sort(false);
  }
  if (!sort) return;
  DefName name = def_name();
  in_.expect_close();
  in_.expect_close();
  if (is_core) {
    alias_core_export(*sort, instance, export_name, source, name);
  } else {
    alias_export(*sort, instance, export_name, source, name);
  }
}

// component: Explainer.md#import-and-export-definitions
void ComponentParser::import(size_t source) {
  ByteWriter out;
  extern_name(out);
  in_.expect_open();
  ExternType type = extern_type(true);
  in_.expect_close();
  out.bytes(type.bytes.view());
  uint32_t made = define(type.sort, Section::import, out, source, type.name);
  if (type.sort == Sort::type) KnownTypes::define(scope().value_types, made, type.bound);
}

void ComponentParser::export_(size_t source) {
  DefName name = def_name();
  ByteWriter extern_bytes;
  extern_name(extern_bytes);
  in_.expect_open();
  SortIndex item = any_reference(true);
  std::optional<ExternType> ascribed;
  if (in_.at(Token::Kind::open)) {
    in_.take();
    ascribed = extern_type(false);
  }
  in_.expect_close();
  std::optional<ValType> known;
  if (item.sort == Sort::type) known = known_types_.find(scope().value_types, item.index);
  uint32_t made = write_export(extern_bytes, item.sort, item.index,
                               ascribed ? &ascribed->bytes : nullptr, source, name);
  KnownTypes::define(scope().value_types, made, known);
}

}  // namespace tenon::component::text
