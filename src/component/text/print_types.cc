#include "component/binary/codes.h"
#include "component/text/component_printer.h"

// Types as text.
namespace tenon::component::text {

void ComponentPrinter::val_type(ValType type) {
  if (type.is_primitive()) return to_.put(name_of(type.primitive()));
  index(Sort::type, type.type().index);
}

void ComponentPrinter::optional_val_type(const std::optional<ValType>& type) {
  if (!type) return;
  to_.put(" ");
  val_type(*type);
}

void ComponentPrinter::labels(std::string_view word, const std::vector<std::string>& names) {
  to_.put("(");
  to_.put(word);
  for (const std::string& name : names) {
    to_.put(" ");
    quoted(name);
  }
  to_.put(")");
}

void ComponentPrinter::type(const PrimitiveType& type) {
  to_.put(name_of(type.primitive));
}

void ComponentPrinter::type(const RecordType& type) {
  to_.put("(record");
  for (const Field& field : type.fields) {
    to_.put(" (field ");
    quoted(field.name);
    to_.put(" ");
    val_type(field.type);
    to_.put(")");
  }
  to_.put(")");
}

void ComponentPrinter::type(const VariantType& type) {
  to_.put("(variant");
  for (const Case& c : type.cases) {
    to_.put(" (case ");
    quoted(c.name);
    optional_val_type(c.type);
    to_.put(")");
  }
  to_.put(")");
}

void ComponentPrinter::type(const ListType& type) {
  to_.put("(list ");
  val_type(type.element);
  to_.put(")");
}

void ComponentPrinter::type(const FixedListType& type) {
  to_.put("(list ");
  val_type(type.element);
  to_.put(" ");
  to_.number(type.length);
  to_.put(")");
}

void ComponentPrinter::type(const MapType& type) {
  to_.put("(map ");
  val_type(type.key);
  to_.put(" ");
  val_type(type.value);
  to_.put(")");
}

void ComponentPrinter::type(const TupleType& type) {
  to_.put("(tuple");
  for (ValType part : type.types) {
    to_.put(" ");
    val_type(part);
  }
  to_.put(")");
}

void ComponentPrinter::type(const OptionType& type) {
  to_.put("(option ");
  val_type(type.some);
  to_.put(")");
}

void ComponentPrinter::type(const ResultType& type) {
  to_.put("(result");
  optional_val_type(type.ok);
  if (type.error) {
    to_.put(" (error ");
    val_type(*type.error);
    to_.put(")");
  }
  to_.put(")");
}

void ComponentPrinter::type(const StreamType& type) {
  to_.put("(stream");
  optional_val_type(type.payload);
  to_.put(")");
}

void ComponentPrinter::type(const FutureType& type) {
  to_.put("(future");
  optional_val_type(type.payload);
  to_.put(")");
}

void ComponentPrinter::type(const OwnType& type) {
  to_.put("(own ");
  index(Sort::type, type.via.index);
  to_.put(")");
}

void ComponentPrinter::type(const BorrowType& type) {
  to_.put("(borrow ");
  index(Sort::type, type.via.index);
  to_.put(")");
}

void ComponentPrinter::type(const FuncType& type) {
  to_.put(type.is_async ? "(func async" : "(func");
  for (const Field& param : type.params) {
    to_.put(" (param ");
    quoted(param.name);
    to_.put(" ");
    val_type(param.type);
    to_.put(")");
  }
  if (type.result) {
    to_.put(" (result ");
    val_type(*type.result);
    to_.put(")");
  }
  to_.put(")");
}

void ComponentPrinter::resource(const ResourceDecl& type) {
  to_.put("(resource (rep ");
  to_.val_type(type.representation);
  to_.put(")");
  if (type.destructor) {
    to_.put(" (dtor ");
    index(Sort::core_func, *type.destructor);
    to_.put(")");
  }
  to_.put(")");
}

// On lines of their own, between the line of the definition and that of its end.
Result<void> ComponentPrinter::declarators(std::string_view word,
                                           const std::vector<Definition>& decls) {
  to_.indent();
  to_.line_without_offset();
  to_.put("(");
  to_.put(word);
  open_scope(nullptr, decls);
  to_.indent();
  for (const Definition& decl : decls) {
    to_.line_without_offset();
    TRY_VOID(definition(decl));
  }
  to_.outdent();
  scopes_.pop_back();
  if (!decls.empty()) to_.line_without_offset();
  to_.put(")");
  to_.outdent();
  to_.line_without_offset();
  return {};
}

Result<void> ComponentPrinter::item(const TypeDef& def) {
  to_.put("(type");
  define(Sort::type);
  // A type does not see itself.
  --scope().next[static_cast<size_t>(Sort::type)];
  if (const auto* value = std::get_if<Type>(&def.type)) {
    to_.put(" ");
    std::visit([&](const auto& it) { type(it); }, *value);
  } else if (const auto* declared = std::get_if<ResourceDecl>(&def.type)) {
    to_.put(" ");
    resource(*declared);
  } else if (const auto* instance = std::get_if<InstanceTypeDecl>(&def.type)) {
    TRY_VOID(declarators("instance", instance->decls));
  } else {
    TRY_VOID(declarators("component", std::get<ComponentTypeDecl>(def.type).decls));
  }
  uint32_t made = scope().next[static_cast<size_t>(Sort::type)]++;
  if (const auto* value = std::get_if<Type>(&def.type))
    known_types_.define(scope().value_types, made, *value);
  to_.put(")");
  return {};
}

// Behind the `(`, or behind that of the `core` in front.
void ComponentPrinter::core_type(const wasm::SubType& type) {
  to_.put("type");
  define(Sort::core_type);
  to_.put(" ");
  to_.sub_type(type, 0);
}

// Up to the last `)`.
void ComponentPrinter::core_types(const CoreRecType& group, std::string_view prefix) {
  to_.put("(");
  to_.put(prefix);
  if (!group.is_group) return core_type(group.types[0]);
  to_.put("rec");
  to_.indent();
  for (const wasm::SubType& type : group.types) {
    to_.line_without_offset();
    to_.put("(");
    core_type(type);
    to_.put(")");
  }
  to_.outdent();
  if (!group.types.empty()) to_.line_without_offset();
}

Result<void> ComponentPrinter::item(const CoreTypeDef& def) {
  if (const auto* group = std::get_if<CoreRecType>(&def.type)) {
    core_types(*group, "core ");
    to_.put(")");
    return {};
  }
  to_.put("(core type");
  define(Sort::core_type);
  --scope().next[static_cast<size_t>(Sort::core_type)];
  module_type(std::get<CoreModuleTypeDecl>(def.type));
  ++scope().next[static_cast<size_t>(Sort::core_type)];
  to_.put(")");
  return {};
}

void ComponentPrinter::module_type(const CoreModuleTypeDecl& type) {
  scopes_.push_back(std::make_unique<PrintScope>());
  std::vector<const wasm::FuncType*> types;  // null: an alias, or no function
  to_.indent();
  to_.line_without_offset();
  to_.put("(module");
  to_.indent();
  for (const auto& decl : type.decls) {
    to_.line_without_offset();
    if (const auto* group = std::get_if<CoreRecType>(&decl)) {
      core_types(*group, "");
      for (const wasm::SubType& it : group->types) {
        bool is_func = it.kind == wasm::SubType::Kind::func;
        types.push_back(is_func ? &it.func : nullptr);
      }
    } else if (const auto* alias = std::get_if<CoreOuterAlias>(&decl)) {
      outer_alias(Sort::core_type, alias->count, alias->index);
      to_.put(" (type");
      define(Sort::core_type);
      to_.put(")");
      types.push_back(nullptr);
    } else if (const auto* import = std::get_if<CoreImportDecl>(&decl)) {
      to_.put("(import ");
      quoted(import->module);
      to_.put(" ");
      quoted(import->name);
      to_.put(" ");
      core_extern(import->desc, types);
    } else {
      const auto& item = std::get<CoreExportDecl>(decl);
      to_.put("(export ");
      quoted(item.name);
      to_.put(" ");
      core_extern(item.desc, types);
    }
    to_.put(")");
  }
  to_.outdent();
  scopes_.pop_back();
  if (!type.decls.empty()) to_.line_without_offset();
  to_.put(")");
  to_.outdent();
  to_.line_without_offset();
}

// wasm: text-externtype. Of a function also the signature, where it is known.
void ComponentPrinter::core_extern(const CoreExternDesc& desc,
                                   std::span<const wasm::FuncType* const> types) {
  auto of_type = [&](std::string_view word) {
    to_.put(word);
    to_.put(" (type ");
    to_.number(desc.type);
    to_.put(")");
    if (desc.type < types.size() && types[desc.type] != nullptr)
      to_.signature(*types[desc.type], wasm::text::NameSpace("param", true));
  };
  to_.put("(");
  switch (desc.kind) {
    case wasm::ExternKind::func: of_type("func"); break;
    case wasm::ExternKind::tag: of_type("tag"); break;
    case wasm::ExternKind::table:
      to_.put("table");
      to_.table_type(desc.table);
      break;
    case wasm::ExternKind::memory:
      to_.put("memory");
      to_.memory_type(desc.memory, desc.memory.page_size_log2 != wasm::MemoryType{}.page_size_log2);
      break;
    case wasm::ExternKind::global:
      to_.put("global ");
      to_.global_type(desc.global);
      break;
  }
  to_.put(")");
}

}  // namespace tenon::component::text
