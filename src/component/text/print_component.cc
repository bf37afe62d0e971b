#include "component/text/print_component.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "component/binary/codes.h"
#include "component/binary/component_names.h"
#include "component/binary/decode.h"
#include "component/binary/sorts.h"
#include "component/text/component_printer.h"
#include "component/validate/index_spaces.h"
#include "wasm/text/section_printer.h"

namespace tenon::component::text {

using wasm::text::PrintedName;

PrintScope::PrintScope() {
  // What identifiers are made up of.
  static constexpr const char* kinds[sort_count] = {
      "core-func", "core-table",  "core-memory",   "core-global", "core-tag",
      "core-type", "core-module", "core-instance", "func",        "value",
      "type",      "component",   "instance"};
  for (const char* kind : kinds) spaces.emplace_back(kind, true);
}

// With names where `component` is not null.
void ComponentPrinter::open_scope(const Component* component,
                                  const std::vector<Definition>& definitions) {
  scopes_.push_back(std::make_unique<PrintScope>());
  if (component == nullptr && !options_.names_all) return;
  std::array<size_t, sort_count> sizes{};
  for (const Definition& definition : definitions) {
    sizes[static_cast<size_t>(introduced_sort(definition))] += introduced_count(definition);
  }
  if (component != nullptr) {
    ComponentNames names(*component);
    for (const auto& [sort, named] : names.sorts()) {
      wasm::text::NameList list;
      for (const auto& [index, name] : named) list.push_back({index, name});
      scope().spaces[static_cast<size_t>(sort)].assign(list, sizes[static_cast<size_t>(sort)]);
    }
    if (names.component()) {
      wasm::text::NameSpace single("component", true);
      wasm::text::NamedIndex entry{0, *names.component()};
      single.assign(std::span(&entry, 1), 1);
      if (const PrintedName* printed = single.find(0)) scope().name = *printed;
    }
  }
  if (!options_.names_all) return;
  for (size_t i = 0; i < sort_count; ++i) scope().spaces[i].name_all(0, sizes[i]);
}

Result<std::string> ComponentPrinter::run() {
  const Component& root = component_.components[component_.root];
  to_.put("(component");
  open_scope(&root, root.definitions);
  if (!scope().name.id.empty()) {
    to_.put(" ");
    to_.put(scope().name.id);
    to_.put(scope().name.annotation);
  }
  TRY_VOID(contents(root));
  to_.put(")");
  return std::move(to_.out());
}

// Definitions and custom sections in the order of the binary, and the line of the `)`.
Result<void> ComponentPrinter::contents(const Component& component) {
  to_.indent();
  auto next_custom = component.customs.begin();
  auto customs_before = [&](uint64_t offset) {
    for (; next_custom != component.customs.end() && next_custom->offset < offset; ++next_custom)
      custom(*next_custom);
  };
  size_t before = to_.out().size();
  for (const Definition& def : component.definitions) {
    customs_before(def.offset);
    to_.line(def.offset);
    TRY_VOID(definition(def));
  }
  customs_before(UINT64_MAX);
  to_.outdent();
  bool is_empty = to_.out().size() == before;
  if (!is_empty || options_.offsets) to_.line(component.offset + component.size);
  scopes_.pop_back();
  return {};
}

Result<void> ComponentPrinter::definition(const Definition& definition) {
  offset_ = definition.offset;
  TRY_VOID(std::visit([&](const auto& def) { return item(def); }, definition.kind));
  if (to_.out().size() < wasm::text::max_printed_bytes) return {};
  return fail(ErrorCode::limit,
              fmt::format("the text is longer than {} bytes", wasm::text::max_printed_bytes));
}

namespace {

// Where the contents of the section begin: with its name.
uint64_t start_of(const wasm::CustomSection& section) {
  wasm::ByteWriter name;
  name.size(section.name.size());
  return section.offset - section.name.size() - name.written();
}

}  // namespace

void ComponentPrinter::custom(const wasm::CustomSection& section) {
  if (section.name == component_name_section) return;
  to_.line(start_of(section));
  if (section.name == "producers" &&
      wasm::text::print_producers(to_, section.bytes, section.offset))
    return;
  to_.put("(@custom ");
  quoted(section.name);
  to_.put(" ");
  if (options_.skeleton) {
    to_.put("...");
  } else {
    wasm::text::append_quoted_bytes(to_.out(), section.bytes);
  }
  to_.put(")");
}

void ComponentPrinter::define(Sort sort) {
  uint32_t index = scope().next[static_cast<size_t>(sort)]++;
  if (const PrintedName* name = scope().names(sort).find(index)) {
    to_.put(" ");
    to_.put(name->id);
    to_.put(name->annotation);
  }
  to_.put(" (;");
  to_.number(index);
  to_.put(";)");
}

// What is not defined yet has no identifier that could stand for it.
void ComponentPrinter::index_in(const PrintScope& scope, Sort sort, uint32_t index) {
  // One identifier may be named often: the definition at hand ends the text.
  if (to_.out().size() >= wasm::text::max_printed_bytes) return;
  const PrintedName* name = scope.names(sort).find(index);
  if (name != nullptr && index < scope.next[static_cast<size_t>(sort)]) return to_.put(name->id);
  to_.number(index);
}

void ComponentPrinter::index(Sort sort, uint32_t index) {
  index_in(scope(), sort, index);
}

void ComponentPrinter::reference(SortIndex item, bool with_core) {
  to_.put(with_core && info(item.sort).is_core ? "(core " : "(");
  to_.put(info(item.sort).word);
  to_.put(" ");
  index(item.sort, item.index);
  to_.put(")");
}

void ComponentPrinter::extern_name(const ExternName& name) {
  auto attribute = [&](std::string_view word, const std::optional<std::string_view>& value) {
    if (!value) return;
    to_.put(" (");
    to_.put(word);
    to_.put(" ");
    quoted(*value);
    to_.put(")");
  };
  quoted(name.name);
  attribute("implements", name.implements);
  attribute("external-id", name.external_id);
}

void ComponentPrinter::extern_desc(const ExternDesc& desc, bool binds) {
  using Kind = ExternDesc::Kind;
  auto open = [&](Sort sort) {
    to_.put(info(sort).is_core ? "(core " : "(");
    to_.put(info(sort).word);
    if (binds) define(sort);
  };
  auto of_type = [&](Sort sort, Sort type_sort) {
    open(sort);
    to_.put(" (type ");
    index(type_sort, desc.index);
    to_.put("))");
  };
  switch (desc.kind) {
    case Kind::module: return of_type(Sort::core_module, Sort::core_type);
    case Kind::func: return of_type(Sort::func, Sort::type);
    case Kind::component: return of_type(Sort::component, Sort::type);
    case Kind::instance: return of_type(Sort::instance, Sort::type);
    case Kind::value:
      open(Sort::value);
      to_.put(" ");
      val_type(desc.value);
      return to_.put(")");
    case Kind::type_eq: {
      // The bound is that of a type before this one.
      open(Sort::type);
      to_.put(" (eq ");
      index(Sort::type, desc.index);
      return to_.put("))");
    }
    case Kind::type_sub_resource: open(Sort::type); return to_.put(" (sub resource))");
  }
}

Result<void> ComponentPrinter::item(const CoreModuleDef& def) {
  const wasm::Module& module = component_.modules[def.module];
  size_t before = to_.out().size();
  to_.put("(core module");
  define(Sort::core_module);
  std::string opening = to_.out().substr(before);
  to_.out().resize(before);
  to_.put(TRY(wasm::text::print_module(bytes_.subspan(module.offset, module.size), options_,
                                       {module.offset, to_.depth(), opening})));
  return {};
}

Result<void> ComponentPrinter::item(const ComponentDef& def) {
  const Component& nested = component_.components[def.component];
  to_.put("(component");
  define(Sort::component);
  open_scope(&nested, nested.definitions);
  TRY_VOID(contents(nested));
  to_.put(")");
  return {};
}

Result<void> ComponentPrinter::item(const AliasDef& def) {
  auto name_and_sort = [&](std::string_view name, bool with_core) {
    to_.put(" ");
    quoted(name);
    to_.put(with_core || info(def.sort).is_core ? " (core " : " (");
    to_.put(info(def.sort).word);
    define(def.sort);
    to_.put("))");
  };
  if (const auto* item = std::get_if<ExportAlias>(&def.target)) {
    to_.put("(alias export ");
    index(Sort::instance, item->instance);
    name_and_sort(item->name, false);
  } else if (const auto* core = std::get_if<CoreExportAlias>(&def.target)) {
    to_.put("(alias core export ");
    index(Sort::core_instance, core->instance);
    name_and_sort(core->name, true);
  } else {
    const auto& outer = std::get<OuterAlias>(def.target);
    if (def.sort == Sort::type && outer.count < scopes_.size()) {
      const PrintScope& from = *scopes_[scopes_.size() - 1 - outer.count];
      know_next_type(known_types_.find(from.value_types, outer.index));
    }
    outer_alias(def.sort, outer.count, outer.index);
    to_.put(info(def.sort).is_core ? " (core " : " (");
    to_.put(info(def.sort).word);
    define(def.sort);
    to_.put("))");
  }
  return {};
}

// `(alias outer COUNT INDEX`; by name where the component around has one that nothing closer has.
void ComponentPrinter::outer_alias(Sort sort, uint32_t count, uint32_t index) {
  to_.put("(alias outer ");
  if (count >= scopes_.size()) {
    to_.number(count);
    to_.put(" ");
    return to_.number(index);
  }
  const PrintScope& outer = *scopes_[scopes_.size() - 1 - count];
  bool is_known = !outer.name.id.empty() &&
                  std::none_of(scopes_.end() - count, scopes_.end(), [&](const auto& closer) {
                    return closer->name.id == outer.name.id;
                  });
  if (is_known) {
    to_.put(outer.name.id);
  } else {
    to_.number(count);
  }
  to_.put(" ");
  index_in(outer, sort, index);
}

Result<void> ComponentPrinter::item(const ImportDef& def) {
  if (def.desc.kind == ExternDesc::Kind::type_eq) {
    know_next_type(known_types_.find(scope().value_types, def.desc.index));
  }
  to_.put("(import ");
  extern_name(def.name);
  to_.put(" ");
  extern_desc(def.desc, true);
  to_.put(")");
  return {};
}

Result<void> ComponentPrinter::item(const ExportDef& def) {
  to_.put("(export");
  if (def.item.sort == Sort::type) {
    know_next_type(known_types_.find(scope().value_types, def.item.index));
  }
  size_t start = to_.out().size();
  define(def.item.sort);
  std::string definition = to_.out().substr(start);
  // What is exported comes before what the export defines.
  --scope().next[static_cast<size_t>(def.item.sort)];
  to_.put(" ");
  extern_name(def.name);
  to_.put(" ");
  reference(def.item);
  if (def.ascribed) {
    to_.put(" ");
    extern_desc(*def.ascribed, false);
  }
  ++scope().next[static_cast<size_t>(def.item.sort)];
  to_.put(")");
  return {};
}

// The index stands in front, where it is found most easily; an identifier where the grammar has it.
Result<void> ComponentPrinter::item(const ExportDecl& def) {
  Sort sort = sort_of(def.desc.kind);
  to_.put("(export ");
  uint32_t index = scope().next[static_cast<size_t>(sort)];
  bool has_id = scope().names(sort).find(index) != nullptr;
  if (!has_id) {
    to_.put("(;");
    to_.number(index);
    to_.put(";) ");
  }
  extern_name(def.name);
  to_.put(" ");
  extern_desc(def.desc, has_id);
  if (!has_id) ++scope().next[static_cast<size_t>(sort)];
  to_.put(")");
  return {};
}

Result<std::string> print_component(std::span<const uint8_t> bytes,
                                    const wasm::text::PrintOptions& options) {
  DecodedComponent component = TRY(decode(bytes, options.features));
  return ComponentPrinter(component, bytes, options).run();
}

}  // namespace tenon::component::text
