#include "tests/components/generate.h"

#include "component/testing/builder.h"
#include "tests/components/core_types.h"

namespace components {
namespace {

using namespace tenon::component::testing;
using model::Core;
using model::Form;
using model::Guest;
using model::Kind;
using model::Random;
using model::Type;
using model::TypeRef;
namespace wasm = tenon::wasm;

constexpr size_t max_flat_params = 16, max_flat_async_params = 4, max_flat_results = 1;

struct Function {
  std::vector<TypeRef> params;
  TypeRef result;                  // null: none
  std::vector<Bytes> param_types;  // as they are written
  Bytes result_type;
  bool is_async = false;
  uint32_t type = 0;  // its index in the component
};

// Whether a string or list is anywhere in a type, so that its values need memory.
bool has_pointer(const TypeRef& type) {
  if (!type) return false;
  if (type->kind == Kind::string || (type->kind == Kind::list && !type->length)) return true;
  for (const TypeRef& part : type->parts) {
    if (has_pointer(part)) return true;
  }
  return false;
}
bool has_pointer(const std::vector<TypeRef>& types) {
  for (const TypeRef& type : types) {
    if (has_pointer(type)) return true;
  }
  return false;
}

// Records, variants, enums and flags need a name that leaves the component.
bool needs_name(const Type& type) {
  if (type.kind == Kind::flags) return true;
  bool is_nominal = type.kind == Kind::record || type.kind == Kind::variant;
  return is_nominal && (type.form == Form::plain || type.form == Form::enum_);
}

wasm::ValType to_wasm(Core core) {
  static constexpr wasm::ValType::Kind kinds[] = {wasm::ValType::i32, wasm::ValType::i64,
                                                  wasm::ValType::f32, wasm::ValType::f64};
  return kinds[static_cast<int>(core)];
}

class Maker {
 public:
  Maker(uint64_t seed, std::optional<Flaw> flaw) : random_(seed), flaw_(flaw) {
    abi_.pointer_size = random_.one_in(4) ? 8 : 4;
    pointer_ = to_wasm(abi_.pointer_size == 8 ? Core::i64 : Core::i32);
  }

  std::optional<Bytes> component() {
    import_functions();
    if (random_.one_in(3)) {
      nest();
    } else {
      define_guest();
    }
    if (!imported_.empty() && random_.one_in(2)) start_functions();
    if (takes(Flaw::borrow_result)) return_borrow();
    if (random_.one_in(2))
      builder_.component(make_core_types(random_, [this](Flaw flaw) { return takes(flaw); }));
    Bytes bytes = builder_.finish();
    if (takes(Flaw::truncated)) bytes.resize(bytes.size() - 1 - random_.below(3));
    if (flaw_) return std::nullopt;
    return bytes;
  }

 private:
  // Whether the flaw is to be put in here; it is, once.
  bool takes(Flaw flaw) {
    if (flaw_ != flaw) return false;
    flaw_.reset();
    return true;
  }

  // Types.

  uint32_t add_type(const Bytes& definition) {
    builder_.type(definition);
    return types_++;
  }
  std::string fresh_name(const char* prefix) { return prefix + std::to_string(names_++); }

  Bytes labels_of(size_t count, uint8_t opcode, const std::vector<Bytes>& behind) {
    std::vector<Bytes> items;
    bool repeats = count > 1 && takes(Flaw::label_twice);
    bool is_bad = count > 0 && takes(Flaw::bad_label);
    for (size_t i = 0; i < count; i++) {
      std::string label = "n" + std::to_string(repeats && i == 1 ? 0 : i);
      if (is_bad && i == 0) label = random_.one_in(2) ? "n_" : "";
      items.push_back(cat({name(label), behind.empty() ? Bytes() : behind[i]}));
    }
    return cat({{opcode}, vec(items)});
  }

  // The value type as it is written where it is used: a primitive, or the index of a definition.
  // `exporting`: where a name is needed it is exported, else it is imported.
  Bytes define(const Type& type, bool exporting) {
    static const uint8_t primitives[] = {0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x7a, 0x79,
                                         0x78, 0x77, 0x76, 0x75, 0x74, 0x73};
    if (type.kind <= Kind::string) return {primitives[static_cast<int>(type.kind)]};
    std::vector<Bytes> parts;
    if (type.form == Form::map) {
      for (const TypeRef& part : type.parts[0]->parts) parts.push_back(define(*part, exporting));
    } else {
      for (const TypeRef& part : type.parts)
        parts.push_back(part ? define(*part, exporting) : Bytes());
    }
    uint32_t index = add_type(definition(type, parts));
    if (needs_name(type) && !takes(Flaw::unnamed_type)) {
      std::string text = fresh_name("t");
      if (exporting) {
        builder_.export_(text, type_sort, index);
      } else {
        builder_.import(text, type_eq(index));
        imports_.push_back({text, type_sort, types_});
      }
      index = types_++;
    }
    return index_type(index);
  }
  // A type index as a value type is a signed number.
  static Bytes index_type(uint32_t index) {
    wasm::ByteWriter out;
    out.s64(index);
    return out.take();
  }

  Bytes definition(const Type& type, const std::vector<Bytes>& parts) {
    auto optional = [](const Bytes& part) {
      return part.empty() ? Bytes{0x00} : cat({{0x01}, part});
    };
    switch (type.form) {
      case Form::tuple: return tuple(parts);
      case Form::enum_: return labels_of(parts.size(), 0x6d, {});
      case Form::option: return option(parts[1]);
      case Form::result: return cat({{0x6a}, optional(parts[0]), optional(parts[1])});
      case Form::map: return cat({{0x63}, parts[0], parts[1]});
      case Form::plain: break;
    }
    if (type.kind == Kind::flags) return labels_of(type.labels, 0x6e, {});
    if (type.kind == Kind::list)
      return type.length ? cat({{0x67}, parts[0], u32(*type.length)}) : list(parts[0]);
    if (type.kind == Kind::record) return labels_of(parts.size(), 0x72, parts);
    std::vector<Bytes> cases;
    for (const Bytes& part : parts) cases.push_back(cat({optional(part), {0x00}}));
    return labels_of(parts.size(), 0x71, cases);
  }

  Function function(bool exporting) {
    Function made;
    made.is_async = random_.one_in(3);
    std::vector<Bytes> params;
    for (uint32_t i = random_.below(5); i > 0; i--) {
      made.params.push_back(random_type(random_, 2));
      params.push_back(define(*made.params.back(), exporting));
    }
    made.param_types = params;
    Bytes& result = made.result_type;
    if (random_.one_in(2)) {
      made.result = random_type(random_, 2);
      result = define(*made.result, exporting);
    }
    Bytes type = labels_of(params.size(), made.is_async ? 0x43 : 0x40, params);
    type = cat({type, made.result ? cat({{0x00}, result}) : Bytes{0x01, 0x00}});
    made.type = add_type(type);
    return made;
  }

  // Core signatures and options.

  std::vector<wasm::ValType> flat(const std::vector<TypeRef>& types) const {
    std::vector<wasm::ValType> result;
    for (const TypeRef& type : types) {
      for (Core core : abi_.flatten(*type)) result.push_back(to_wasm(core));
    }
    return result;
  }
  std::vector<wasm::ValType> flat_result(const Function& function) const {
    return function.result ? flat({function.result}) : std::vector<wasm::ValType>();
  }

  struct Lowered {
    wasm::FuncType core;
    bool needs_memory = false;
    bool needs_realloc = false;
  };
  // canon: flatten_functype
  Lowered lowered(const Function& function, bool is_async) const {
    Lowered made;
    made.core.params = flat(function.params);
    made.needs_memory = has_pointer(function.params) || has_pointer(function.result);
    made.needs_realloc = has_pointer(function.result);
    if (made.core.params.size() > (is_async ? max_flat_async_params : max_flat_params)) {
      made.core.params = {pointer_};
      made.needs_memory = true;
    }
    made.core.results = flat_result(function);
    if (made.core.results.size() > (is_async ? 0 : max_flat_results)) {
      made.core.results.clear();
      made.core.params.push_back(pointer_);
      made.needs_memory = true;
    }
    if (is_async) made.core.results = {wasm::ValType::i32};
    return made;
  }
  Lowered lifted(const Function& function, bool is_async, bool has_callback) const {
    Lowered made;
    made.core.params = flat(function.params);
    made.needs_realloc = has_pointer(function.params);
    if (made.core.params.size() > max_flat_params) {
      made.core.params = {pointer_};
      made.needs_realloc = true;
    }
    made.core.results = flat_result(function);
    made.needs_memory = made.needs_realloc || has_pointer(function.result);
    if (made.core.results.size() > (is_async ? max_flat_params : max_flat_results)) {
      made.core.results = {pointer_};
      made.needs_memory = true;
    }
    if (is_async) made.core.results.clear();
    if (has_callback) made.core.results = {wasm::ValType::i32};
    return made;
  }

  // Options that are needed, and sometimes those that are not. Core memory 0; core function 0 is
  // realloc, 1 has the signature of none of the options.
  std::vector<Bytes> options(const Lowered& needs, bool is_async, bool async_type) {
    std::vector<Bytes> list;
    bool realloc = needs.needs_realloc || random_.one_in(4);
    bool memory = needs.needs_memory || realloc || random_.one_in(4);
    if (needs.needs_realloc && takes(Flaw::no_realloc)) realloc = false;
    if (needs.needs_memory && takes(Flaw::no_memory)) memory = realloc = false;
    if (memory) list.push_back(memory_option(0));
    if (realloc) list.push_back(realloc_option(takes(Flaw::realloc_signature) ? 1 : 0));
    if (random_.one_in(3)) list.push_back({static_cast<uint8_t>(random_.below(3))});
    if (is_async || (!async_type && takes(Flaw::async_option))) list.push_back({0x06});
    return list;
  }

  // Definitions.

  void import_functions() {
    for (uint32_t i = random_.below(4); i > 0; i--) {
      Function made = function(false);
      std::string text = fresh_name("f");
      builder_.import(text, func_desc(made.type));
      imports_.push_back({text, func_sort, static_cast<uint32_t>(imported_.size())});
      imported_.push_back(std::move(made));
    }
  }

  // A memory, realloc, and a function of an odd type.
  Bytes memory_module() const {
    wasm::ModuleBuilder module;
    std::vector<wasm::ValType> four(4, pointer_);
    auto add = [&](const char* text, const wasm::FuncType& type) {
      wasm::FuncIndex index = module.function(module.type(type));
      module.body(index).unreachable();
      module.export_(text, index);
    };
    add("realloc", {four, {pointer_}});
    add("odd", {{wasm::ValType::f32, wasm::ValType::f32}, {}});
    wasm::Limits limits{1, 0, false, pointer_ == wasm::ValType::i64};
    module.export_("mem", module.memory({limits}));
    return module.finish();
  }

  uint32_t alias_core_func(uint32_t instance, const std::string& text) {
    builder_.alias_core(core_func, instance, text);
    return core_funcs_++;
  }

  void define_guest() {
    builder_.core_module(memory_module()).core_instantiate(0).alias_core(core_memory, 0, "mem");
    alias_core_func(0, "realloc");
    alias_core_func(0, "odd");
    std::vector<std::tuple<std::string, uint32_t, wasm::FuncType>> arguments;
    for (uint32_t i = 0; i < imported_.size(); i++) {
      bool is_async = imported_[i].is_async && random_.one_in(2);
      Lowered made = lowered(imported_[i], is_async);
      builder_.lower(i, options(made, is_async, imported_[i].is_async));
      arguments.push_back({"i" + std::to_string(i), core_funcs_++, made.core});
    }
    lift_functions(instantiate_main(arguments));
  }

  struct Exported {
    Function function;
    Lowered lowered;
    bool is_async = false;
    bool has_callback = false;
    bool has_post_return = false;
  };

  // Chooses what to export, and makes the core module that has it.
  std::vector<Exported> instantiate_main(
      const std::vector<std::tuple<std::string, uint32_t, wasm::FuncType>>& arguments) {
    std::vector<Exported> exports;
    for (uint32_t i = random_.below(4); i > 0; i--) {
      Exported made{function(true), {}};
      made.is_async = made.function.is_async && random_.one_in(2);
      made.has_callback = made.is_async && random_.one_in(2);
      made.has_post_return = !made.is_async && random_.one_in(3);
      made.lowered = lifted(made.function, made.is_async, made.has_callback);
      exports.push_back(std::move(made));
    }
    wasm::ModuleBuilder module;
    std::vector<std::tuple<std::string_view, CoreSort, uint32_t>> items;
    for (const auto& [text, index, type] : arguments) {
      module.import_function("host", text, module.type(type));
      items.push_back({text, core_func, index});
    }
    auto add = [&](const std::string& text, const wasm::FuncType& type) {
      wasm::FuncIndex index = module.function(module.type(type));
      module.body(index).unreachable();
      module.export_(text, index);
    };
    for (size_t i = 0; i < exports.size(); i++) {
      wasm::FuncType core = exports[i].lowered.core;
      wasm::FuncType post_return{core.results, {}};
      if (takes(Flaw::core_param)) core.params.push_back(wasm::ValType::f32);
      if (takes(Flaw::core_result)) core.results.push_back(wasm::ValType::f32);
      add("e" + std::to_string(i), core);
      if (exports[i].has_post_return && takes(Flaw::post_return_signature))
        post_return.params.push_back(wasm::ValType::i32);
      add("p" + std::to_string(i), post_return);
    }
    add("callback", {std::vector<wasm::ValType>(3, wasm::ValType::i32), {wasm::ValType::i32}});
    builder_.core_exports(items).core_module(module.finish()).core_instantiate(1, {{"host", 1}});
    return exports;
  }

  void lift_functions(const std::vector<Exported>& exports) {
    constexpr uint32_t main_instance = 2;
    uint32_t callback = alias_core_func(main_instance, "callback");
    for (size_t i = 0; i < exports.size(); i++) {
      const Exported& made = exports[i];
      uint32_t core = alias_core_func(main_instance, "e" + std::to_string(i));
      uint32_t post_return = alias_core_func(main_instance, "p" + std::to_string(i));
      std::vector<Bytes> list = options(made.lowered, made.is_async, made.function.is_async);
      if (made.has_post_return) list.push_back(post_return_option(post_return));
      if (made.has_callback) list.push_back(cat({{0x07}, u32(callback)}));
      bool is_unknown = takes(Flaw::unknown_type);
      builder_.lift(core, is_unknown ? types_ + random_.below(9) : made.function.type, list);
      std::string text = fresh_name("e");
      auto lifted_index = static_cast<uint32_t>(imported_.size() + 2 * i);
      builder_.export_(text, func_sort, lifted_index);
      if (takes(Flaw::export_twice)) builder_.export_(text, func_sort, lifted_index);
    }
  }

  // Calls imported functions with imported values, and exports what they give.
  void start_functions() {
    uint32_t values = 0;
    auto import_value = [&](const Bytes& type) {
      builder_.import(fresh_name("v"), value_desc(type));
      return values++;
    };
    for (uint32_t i = 0; i < imported_.size(); i++) {
      std::vector<uint32_t> args;
      for (const Bytes& type : imported_[i].param_types) {
        bool is_other = takes(Flaw::start_argument);
        Bytes given = !is_other ? type : type == u8 ? u64 : u8;
        args.push_back(args.empty() || !takes(Flaw::value_twice) ? import_value(given) : args[0]);
      }
      bool has_result = imported_[i].result != nullptr;
      builder_.start(i, args, has_result);
      if (has_result) {
        if (!takes(Flaw::value_unused)) {
          builder_.export_(fresh_name("r"), value_sort, values);
          values++;
        }
        values++;
      }
    }
    if (takes(Flaw::value_unused)) import_value(u32_);
    builder_.item(12, {0x7f, 0x01, 0x01});
    builder_.export_(fresh_name("r"), value_sort, values);
  }

  // Puts a component with the same imports inside, and gives it those of this one.
  void nest() {
    Maker inner(0, std::nullopt);
    inner.random_ = random_;
    inner.abi_ = abi_;
    inner.pointer_ = pointer_;
    inner.builder_ = builder_;
    inner.types_ = types_;
    inner.names_ = names_;
    inner.imported_ = imported_;
    inner.flaw_ = flaw_;
    inner.define_guest();
    random_ = inner.random_;
    flaw_ = inner.flaw_;
    builder_.component(inner.builder_.finish());
    std::vector<std::tuple<std::string_view, ComponentSort, uint32_t>> arguments;
    for (const Import& import : imports_) {
      if (takes(Flaw::missing_argument)) continue;
      if (takes(Flaw::argument_type)) {
        arguments.push_back({import.name, component_sort, 0});
      } else {
        arguments.push_back({import.name, import.sort, import.index});
      }
    }
    builder_.instantiate(0, arguments).export_("inside", instance_sort, 0);
    if (takes(Flaw::export_twice)) builder_.export_("INSIDE", instance_sort, 0);
  }

  void return_borrow() {
    builder_.type(resource).type(borrow(types_)).type(func({}, index_type(types_ + 1)));
    types_ += 3;
  }

  struct Import {
    std::string name;
    ComponentSort sort;
    uint32_t index;
  };

  Random random_;
  std::optional<Flaw> flaw_;
  Guest abi_;
  wasm::ValType pointer_;
  ComponentBuilder builder_;
  uint32_t types_ = 0;
  uint32_t core_funcs_ = 0;
  uint32_t names_ = 0;
  std::vector<Import> imports_;
  std::vector<Function> imported_;
};

}  // namespace

const char* const flaw_names[flaw_count] = {
    "unknown type",     "core parameter",      "core result",     "no memory",
    "no realloc",       "realloc's signature", "post-return's",   "async option",
    "export twice",     "label twice",         "bad label",       "unnamed type",
    "missing argument", "argument of a sort",  "borrow returned", "core type index",
    "core supertype",   "module type alias",   "other core type", "core export",
    "value unused",     "value twice",         "start argument",  "truncated"};

std::optional<std::vector<uint8_t>> make(uint64_t seed, std::optional<Flaw> flaw) {
  return Maker(seed, flaw).component();
}

}  // namespace components
