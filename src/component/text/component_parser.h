#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/text/known_types.h"
#include "component/text/parse_component.h"
#include "component/text/scope.h"
#include "wasm/text/context.h"
#include "wasm/text/cursor.h"

// The parser behind parse_component(): one walk over the text, in which every definition is written
// as soon as it has been read, since it can refer to earlier ones only. Failures stay in the
// cursor, but for those of core modules inside. Recursion (components within components, types
// within types) ends at named limits.
namespace tenon::component::text {

using wasm::text::Cursor;
using wasm::text::Token;

class ComponentParser {
 public:
  ComponentParser(Cursor& in, const ParseOptions& options) : in_(in), options_(options) {}

  // To the end of the cursor's text: the identifier, then definitions.
  Result<std::vector<uint8_t>> run();

 private:
  // What stands between the word of a definition and its contents.
  struct DefName {
    Token token;                           // the identifier, if it is one
    std::string_view id;                   // without its `$`
    std::optional<std::string_view> name;  // for the name section
  };

  // scope.cc
  Scope& scope() { return *scopes_.back(); }
  void open_scope(Scope::Kind kind);
  std::unique_ptr<Scope> close_scope();
  std::string_view keep(std::string text) { return interned_.emplace_back(std::move(text)); }
  std::string_view id_text(const Token& id);
  DefName def_name();
  // The next index of a sort, under a name.
  uint32_t add(Sort sort, const DefName& name);
  // Writes an entry of a section, or a declarator.
  void write(Section section, const ByteWriter& bytes, size_t source);
  uint32_t define(Sort sort, Section section, const ByteWriter& bytes, size_t source,
                  const DefName& name = {});
  uint32_t index(Sort sort);
  uint32_t resolve(Sort sort, const Token& id);
  uint32_t outer_alias(Sort sort, size_t count, uint32_t index, const Token& id);
  void write_outer_alias(Sort sort, uint32_t count, uint32_t index, size_t source,
                         const DefName& name);

  // references.cc
  // `(SORT idx "name"*)`; the `(` has been taken, and `core` too.
  SortIndex reference(Sort sort);
  uint32_t index_or_reference(Sort sort);
  uint32_t core_reference(Sort sort);            // `idx`, or `(core SORT idx "name"?)`
  uint32_t core_option(Sort sort);               // behind the word of a canonical option
  uint32_t core_reference_in_parens(Sort sort);  // behind the `(` and `core`
  SortIndex any_reference(bool allows_core);
  uint32_t alias_export(Sort sort, uint32_t instance, std::string_view name, size_t source,
                        const DefName& def = {});
  uint32_t alias_core_export(Sort sort, uint32_t instance, std::string_view name, size_t source,
                             const DefName& def = {});
  std::optional<Sort> take_sort(bool is_core);
  void extern_name(ByteWriter& out);
  bool at_short_form(std::string_view word);
  bool at_type_reference();
  std::vector<ByteWriter> inline_exports();
  void add_exports(std::vector<ByteWriter> names, Sort sort, uint32_t index, size_t source);
  uint32_t write_export(const ByteWriter& name, Sort sort, uint32_t index,
                        const ByteWriter* ascribed, size_t source, const DefName& def = {});

  // fields.cc
  void fields();
  void annotations();
  void field();
  void core_field(size_t source);
  void finish_component();
  void write_names(const Scope& done, ComponentWriter& writer);
  void core_module(size_t source);
  void core_module_text(size_t source, const DefName& name, std::vector<ByteWriter> exports);
  void component(size_t source);
  void nested_component(size_t source, const DefName& name, std::vector<ByteWriter> exports);
  void alias(size_t source);
  void outer_alias_definition(size_t source, bool is_core);
  uint32_t outer_count(const Token& outer);
  void import(size_t source);
  void export_(size_t source);

  // instances.cc
  void core_instance(size_t source);
  void core_instantiate(ByteWriter& out);
  void core_bundle(ByteWriter& out);
  void instance(size_t source);
  void instantiate(ByteWriter& out);
  void bundle(ByteWriter& out);

  // functions.cc
  void func(size_t source);
  void core_func(size_t source);
  void canon(size_t source);
  void lift_options(ByteWriter& out);
  void canon_options(ByteWriter& out);
  bool canon_option(ByteWriter& out);
  bool core_canon(ByteWriter& out);
  bool builtin(ByteWriter& out);
  void immediate(ByteWriter& out, char kind);

  // values.cc
  void value(size_t source);
  void start(size_t source);
  void know_type(uint32_t index, const ByteWriter& definition);
  void value_of(ByteWriter& out, ValType type, uint32_t depth);
  void primitive_value(ByteWriter& out, Primitive type);
  void integer_value(ByteWriter& out, int bits, bool is_signed);
  void float_value(ByteWriter& out, bool is_double);
  void variant_value(ByteWriter& out, const VariantType& type, uint32_t depth);
  void flags_value(ByteWriter& out, const FlagsType& type);
  void case_value(ByteWriter& out, std::array<std::string_view, 2> words,
                  std::array<std::optional<ValType>, 2> payloads, uint32_t depth);
  bool expect_word(std::string_view word);
  template <typename Items, typename NameOf>
  size_t label_index(const Items& items, NameOf&& name_of);

  // types.cc
  void type(size_t source);
  void type_definition(ByteWriter& out);
  void value_type(ByteWriter& out);  // behind the `(`
  void list_type(ByteWriter& out);
  void labeled_types(ByteWriter& out, std::string_view word);
  void cases(ByteWriter& out);
  void labels(ByteWriter& out);
  void result_type(ByteWriter& out);
  void optional_val_type(ByteWriter& out);
  std::optional<uint8_t> take_primitive();
  void val_type(ByteWriter& out);
  void func_type(ByteWriter& out);
  void result_list(ByteWriter& out);
  void resource_type(ByteWriter& out);
  // Of a type under the identifier `id`.
  void declarators(ByteWriter& out, Scope::Kind kind, std::string_view id);
  void declarator();
  uint32_t type_use(Sort sort);
  // `func $id? typeuse` and its like, behind the `(`: what it is of, and its bytes.
  struct ExternType {
    Sort sort = Sort::func;
    DefName name;
    ByteWriter bytes;
    std::optional<ValType> bound = {};  // what a type is equal to, where that is known
  };
  ExternType extern_type(bool may_have_id);
  void extern_bytes(ByteWriter& out, Sort sort);
  std::optional<ValType> type_bound(ByteWriter& out);
  void value_bound(ByteWriter& out);

  // core_types.cc
  wasm::text::ModuleParts& core_parts();
  wasm::text::Context core_context() { return {in_, core_parts()}; }
  uint32_t add_core_type(const DefName& name);
  uint32_t define_core_type(const ByteWriter& type, size_t source, const DefName& name = {});
  void core_type(size_t source);
  void core_rec(size_t source);
  void alias_outer_types(const std::vector<DefName>& own = {});
  void module_type(ByteWriter& out);
  void module_declarator();
  void module_type_alias(size_t source);
  void core_extern_type(ByteWriter& out);
  uint32_t core_type_use();
  uint32_t module_type_use();

  // Fails for the token at hand.
  void unexpected(std::string_view expected);
  bool too_deep(uint32_t depth, uint32_t limit, const char* what);
  size_t here() { return in_.offset_of(in_.peek()); }
  // For a look at tokens that stay where they are. Annotations are passed over.
  Cursor look_ahead() { return Cursor(in_.source(), here(), in_.source().text.size()); }

  Cursor& in_;
  const ParseOptions& options_;
  std::vector<std::unique_ptr<Scope>> scopes_;
  std::deque<std::string> interned_;
  KnownTypes known_types_;
  std::string scratch_;
  std::optional<Error> module_error_;  // of a core module inside
  std::string_view type_id_;           // of the type definition that is about to be read
  uint32_t type_depth_ = 0;
  uint32_t component_depth_ = 0;
};

}  // namespace tenon::component::text
