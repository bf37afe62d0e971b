#include "component/text/scope.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "component/text/component_parser.h"

// Scopes, and what definitions do to them.
namespace tenon::component::text {

void ComponentParser::open_scope(Scope::Kind kind) {
  scopes_.push_back(std::make_unique<Scope>(kind, options_.marks != nullptr));
}

std::unique_ptr<Scope> ComponentParser::close_scope() {
  std::unique_ptr<Scope> closed = std::move(scopes_.back());
  scopes_.pop_back();
  return closed;
}

void ComponentParser::unexpected(std::string_view expected) {
  const Token& token = in_.peek();
  in_.fail_at(token, fmt::format("unexpected token {}, expected {}", describe(token), expected));
}

bool ComponentParser::too_deep(uint32_t depth, uint32_t limit, const char* what) {
  if (depth < limit) return false;
  in_.fail_at(here(), fmt::format("{} are nested deeper than {}", what, limit));
  return true;
}

// For an identifier that stays.
std::string_view ComponentParser::id_text(const Token& id) {
  if (id.text[1] != '"') return id.text.substr(1);
  std::string decoded;
  wasm::text::append_string(id.text.substr(1), decoded);
  return keep(std::move(decoded));
}

ComponentParser::DefName ComponentParser::def_name() {
  DefName name;
  if (in_.at(Token::Kind::id)) {
    name.token = in_.take();
    name.id = id_text(name.token);
    name.name = name.id;
  }
  if (auto annotation = in_.take_annotation("name")) {
    if (auto annotated = wasm::text::annotated_name(in_, *annotation))
      name.name = keep(std::move(*annotated));
  }
  return name;
}

uint32_t ComponentParser::add(Sort sort, const DefName& name) {
  Scope::Space& space = scope().space(sort);
  uint32_t index = space.size++;
  if (name.token.is(Token::Kind::id) && !space.ids.add(name.id, index))
    in_.fail_at(name.token, fmt::format("duplicate {} {}", name_of(sort), name.token.text));
  if (name.name) space.names.push_back({index, *name.name});
  return index;
}

namespace {

uint8_t declarator_of(Section section) {
  switch (section) {
    case Section::core_type: return declarator::core_type;
    case Section::type: return declarator::type;
    case Section::alias: return declarator::alias;
    case Section::import: return declarator::import;
    case Section::export_: return declarator::export_;
    default: CHECK(false);
  }
}

uint8_t core_declarator_of(Section section) {
  switch (section) {
    case Section::core_type: return core_declarator::type;
    case Section::alias: return core_declarator::alias;
    case Section::import: return core_declarator::import;
    case Section::export_: return core_declarator::export_;
    default: CHECK(false);
  }
}

}  // namespace

void ComponentParser::write(Section section, const ByteWriter& bytes, size_t source) {
  Scope& to = scope();
  if (to.kind == Scope::Kind::component) return to.writer.entry(section, bytes.view(), source);
  ++to.declarator_count;
  to.declarators.byte(to.kind == Scope::Kind::module_type ? core_declarator_of(section)
                                                          : declarator_of(section));
  to.declarators.bytes(bytes.view());
}

uint32_t ComponentParser::define(Sort sort, Section section, const ByteWriter& bytes, size_t source,
                                 const DefName& name) {
  write(section, bytes, source);
  return add(sort, name);
}

uint32_t ComponentParser::index(Sort sort) {
  if (in_.at(Token::Kind::id)) return resolve(sort, in_.take());
  if (!in_.at(Token::Kind::number)) {
    unexpected("an index or identifier");
    return 0;
  }
  return in_.u32();
}

namespace {

// component: Explainer.md#alias-definitions (outeraliassort)
bool has_outer_aliases(Sort sort) {
  return sort == Sort::core_module || sort == Sort::core_type || sort == Sort::type ||
         sort == Sort::component;
}

}  // namespace

// An identifier of an enclosing component or type gets an alias here, once.
uint32_t ComponentParser::resolve(Sort sort, const Token& id) {
  std::string_view name = id.text.substr(1);
  if (name[0] == '"') {
    scratch_.clear();
    wasm::text::append_string(name, scratch_);
    name = scratch_;
  }
  for (size_t count = 0; count < scopes_.size(); ++count) {
    Scope& from = *scopes_[scopes_.size() - 1 - count];
    uint32_t* found = from.space(sort).ids.find(name);
    if (found == nullptr) continue;
    if (count == 0) return *found;
    if (has_outer_aliases(sort)) return outer_alias(sort, count, *found, id);
    in_.fail_at(id, fmt::format("outer item {} is not a module, type, or component", id.text));
    return 0;
  }
  in_.fail_at(id, fmt::format("unknown {} {}", name_of(sort), id.text));
  return 0;
}

uint32_t ComponentParser::outer_alias(Sort sort, size_t count, uint32_t index, const Token& id) {
  DefName name{id, id_text(id), {}};
  name.name = name.id;
  write_outer_alias(sort, static_cast<uint32_t>(count), index, in_.offset_of(id), name);
  return scope().space(sort).size - 1;
}

// component: Binary.md#alias-definitions. In a core module type there are those of types only.
void ComponentParser::write_outer_alias(Sort sort, uint32_t count, uint32_t index, size_t source,
                                        const DefName& name) {
  bool is_core = scope().kind == Scope::Kind::module_type;
  ByteWriter out;
  if (is_core) {
    write_core_sort(out, sort);
    out.byte(core_declarator::outer_alias_target);
  } else {
    write_sort(out, sort);
    out.byte(alias_target::outer);
  }
  out.u32(count);
  out.u32(index);
  write(Section::alias, out, source);
  if (sort == Sort::core_type) {
    add_core_type(name);
    return;
  }
  uint32_t made = add(sort, name);
  if (sort != Sort::type || count >= scopes_.size()) return;
  const Scope& from = *scopes_[scopes_.size() - 1 - count];
  KnownTypes::define(scope().value_types, made, known_types_.find(from.value_types, index));
}

}  // namespace tenon::component::text
