#pragma once

#include <memory>
#include <vector>

#include "component/binary/values.h"
#include "component/component.h"
#include "component/text/known_types.h"
#include "component/text/words.h"
#include "wasm/text/printer.h"

// The printer behind print_component(): one walk over the decoded component. Recursion (components
// and types within each other) is as deep as the decoder lets it be.
namespace tenon::component::text {

// The index spaces of a component or type, with the names for what is in them.
struct PrintScope {
  PrintScope();
  const wasm::text::NameSpace& names(Sort sort) const { return spaces[static_cast<size_t>(sort)]; }

  std::vector<wasm::text::NameSpace> spaces;  // by sort
  KnownTypes::Space value_types;
  std::array<uint32_t, sort_count> next{};  // how many there are so far
  wasm::text::PrintedName name;             // of the component; as its `id` is empty, none
};

class ComponentPrinter {
 public:
  ComponentPrinter(const DecodedComponent& component, std::span<const uint8_t> bytes,
                   const wasm::text::PrintOptions& options)
      : component_(component), bytes_(bytes), options_(options), to_(none_, options) {}

  Result<std::string> run();

 private:
  Result<void> contents(const Component& component);
  Result<void> definition(const Definition& definition);
  void custom(const wasm::CustomSection& section);

  // The text of a definition behind the beginning of its line.
  Result<void> item(const CoreModuleDef& def);
  Result<void> item(const CoreTypeDef& def);
  Result<void> item(const CoreInstanceDef& def);
  Result<void> item(const ComponentDef& def);
  Result<void> item(const InstanceDef& def);
  Result<void> item(const AliasDef& def);
  Result<void> item(const TypeDef& def);
  Result<void> item(const CanonDef& def);
  Result<void> item(const StartDef& def);
  Result<void> item(const ValueDef& def);
  Result<void> item(const ImportDef& def);
  Result<void> item(const ExportDef& def);
  Result<void> item(const ExportDecl& def);

  // ` $id (@name "...") (;N;)` for the next of a sort.
  void define(Sort sort);
  void index(Sort sort, uint32_t index);
  void index_in(const PrintScope& scope, Sort sort, uint32_t index);
  // `(SORT idx)`
  void reference(SortIndex item, bool with_core = true);
  void quoted(std::string_view text) { wasm::text::append_quoted_name(to_.out(), text); }
  void extern_name(const ExternName& name);
  // `(SORT TYPE)`; `binds`: with the name and index of what is imported.
  void extern_desc(const ExternDesc& desc, bool binds);
  void outer_alias(Sort sort, uint32_t count, uint32_t index);
  void know_next_type(std::optional<ValType> known);

  template <typename Item, typename Put>
  void on_lines(std::string_view word, const std::vector<Item>& items, Put&& put);
  template <typename Arg, typename Put>
  void instantiation(Sort sort, uint32_t target, const std::vector<Arg>& args, Put&& put);

  // Canonical definitions are read again: the model does not keep the order of options.
  void canon_options(wasm::Reader& in);
  void immediate(wasm::Reader& in, char kind);
  void val_type(wasm::Reader& in);

  // print_types.cc
  void val_type(ValType type);
  void optional_val_type(const std::optional<ValType>& type);
  void labels(std::string_view word, const std::vector<std::string>& names);
  void type(const RecordType& type);
  void type(const VariantType& type);
  void type(const ListType& type);
  void type(const FixedListType& type);
  void type(const MapType& type);
  void type(const TupleType& type);
  void type(const FlagsType& type) { labels("flags", type.names); }
  void type(const EnumType& type) { labels("enum", type.names); }
  void type(const OptionType& type);
  void type(const ResultType& type);
  void type(const StreamType& type);
  void type(const FutureType& type);
  void type(const OwnType& type);
  void type(const BorrowType& type);
  void type(const PrimitiveType& type);
  void type(const FuncType& type);
  // Those that only the validator makes.
  void type(const ResourceType&) { CHECK(false); }
  void type(const InstanceType&) { CHECK(false); }
  void type(const ComponentType&) { CHECK(false); }
  void type(const ModuleType&) { CHECK(false); }
  void resource(const ResourceDecl& type);
  Result<void> declarators(std::string_view word, const std::vector<Definition>& decls);
  void core_type(const wasm::SubType& type);
  void core_types(const CoreRecType& group, std::string_view prefix);
  void module_type(const CoreModuleTypeDecl& type);
  void core_extern(const CoreExternDesc& desc, std::span<const wasm::FuncType* const> types);

  PrintScope& scope() { return *scopes_.back(); }
  void open_scope(const Component* component, const std::vector<Definition>& definitions);

  const DecodedComponent& component_;
  const std::span<const uint8_t> bytes_;
  const wasm::text::PrintOptions& options_;
  const wasm::Module none_;
  wasm::text::Printer to_;
  std::vector<std::unique_ptr<PrintScope>> scopes_;
  KnownTypes known_types_;
  ValueRoom value_room_;
  uint64_t offset_ = 0;  // of the definition at hand
};

}  // namespace tenon::component::text
