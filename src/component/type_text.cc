#include "component/type_text.h"

#include <fmt/format.h>

#include "component/visit.h"

namespace tenon::component {
namespace {

// Types in messages stop here, so that a hostile type cannot fill a terminal.
constexpr size_t max_text = 2000;

// Depth is bounded by limits::max_type_depth, length by `max_text`.
class TypePrinter {
 public:
  TypePrinter(const ComponentTypes& types, const ResourceNames& resources)
      : types_(types), resources_(resources) {}

  void type(ValType value) {
    if (text_.size() > max_text) return;
    const Type* definition = types_.defined(value);
    if (!definition) {
      text_ +=
          name_of(value.is_primitive() ? value.primitive()
                                       : std::get<PrimitiveType>(types_[value.type()]).primitive);
      return;
    }
    definition_text(*definition);
  }

  void definition_text(const Type& type_definition) {
    std::visit(Overloaded{
                   [&](const RecordType& t) {
                     braced("record", t.fields, [&](const Field& f) { named(f.name, f.type); });
                   },
                   [&](const VariantType& t) {
                     braced("variant", t.cases, [&](const Case& c) { case_text(c); });
                   },
                   [&](const ListType& t) { angled("list", {t.element}); },
                   [&](const FixedListType& t) {
                     text_ += "list<";
                     type(t.element);
                     text_ += fmt::format(", {}>", t.length);
                   },
                   [&](const MapType& t) { angled("map", {t.key, t.value}); },
                   [&](const StreamType& t) { payload("stream", t.payload); },
                   [&](const FutureType& t) { payload("future", t.payload); },
                   [&](const TupleType& t) { angled("tuple", t.types); },
                   [&](const FlagsType& t) {
                     braced("flags", t.names, [&](const std::string& n) { text_ += n; });
                   },
                   [&](const EnumType& t) {
                     braced("enum", t.names, [&](const std::string& n) { text_ += n; });
                   },
                   [&](const OptionType& t) { angled("option", {t.some}); },
                   [&](const ResultType& t) { result_text(t); },
                   [&](const OwnType& t) { handle("own", t.resource); },
                   [&](const BorrowType& t) { handle("borrow", t.resource); },
                   [&](const FuncType& t) { func_text(t); },
                   [&](const auto&) { text_ += kind_name(type_definition); },
               },
               type_definition);
  }

  void func_text(const FuncType& func) {
    text_ += func.is_async ? "async func" : "func";
    listed(func.params, '(', ')', [&](const Field& p) { named(p.name, p.type); });
    if (func.result) {
      text_ += " -> ";
      type(*func.result);
    }
  }

  std::string take() { return std::move(text_); }

 private:
  template <typename Item, typename Print>
  void listed(const std::vector<Item>& items, char open, char close, Print&& print) {
    text_ += open;
    for (size_t i = 0; i < items.size(); i++) {
      if (i) text_ += ", ";
      if (text_.size() > max_text) {
        text_ += "...";
        break;
      }
      print(items[i]);
    }
    text_ += close;
  }
  template <typename Item, typename Print>
  void braced(const char* kind, const std::vector<Item>& items, Print&& print) {
    text_ += kind;
    text_ += ' ';
    listed(items, '{', '}', print);
  }
  void angled(const char* kind, const std::vector<ValType>& items) {
    text_ += kind;
    listed(items, '<', '>', [&](ValType item) { type(item); });
  }
  void handle(const char* kind, ResourceId resource) {
    auto found = resources_.find(resource.index);
    text_ += found == resources_.end() ? fmt::format("{}<{}>", kind, resource.index)
                                       : fmt::format("{}<{}>", kind, found->second);
  }
  void payload(const char* kind, const std::optional<ValType>& item) {
    text_ += kind;
    if (item) listed(std::vector<ValType>{*item}, '<', '>', [&](ValType part) { type(part); });
  }
  void named(const std::string& name, ValType value) {
    text_ += name;
    text_ += ": ";
    type(value);
  }
  void case_text(const Case& c) {
    text_ += c.name;
    if (!c.type) return;
    text_ += '(';
    type(*c.type);
    text_ += ')';
  }
  void result_text(const ResultType& result) {
    text_ += "result";
    if (!result.ok && !result.error) return;
    text_ += '<';
    if (result.ok) {
      type(*result.ok);
    } else {
      text_ += '_';
    }
    if (result.error) {
      text_ += ", ";
      type(*result.error);
    }
    text_ += '>';
  }

  const ComponentTypes& types_;
  const ResourceNames& resources_;
  std::string text_;
};

}  // namespace

std::string to_string(const ComponentTypes& types, ValType type, const ResourceNames& resources) {
  TypePrinter printer(types, resources);
  printer.type(type);
  return printer.take();
}

std::string to_string(const ComponentTypes& types, const FuncType& type,
                      const ResourceNames& resources) {
  TypePrinter printer(types, resources);
  printer.func_text(type);
  return printer.take();
}

std::string to_string(const ComponentTypes& types, ValType type) {
  return to_string(types, type, ResourceNames());
}

std::string to_string(const ComponentTypes& types, const FuncType& type) {
  return to_string(types, type, ResourceNames());
}

}  // namespace tenon::component
