#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "canon/values.h"
#include "component/visit.h"

namespace tenon::canon {
namespace {

using component::ComponentTypes;
using component::Overloaded;
using component::Primitive;
using component::ValType;

class Checker {
 public:
  Checker(const ComponentTypes& types, const CheckHandles& check_handles)
      : types_(types), check_handles_(check_handles) {}

  Result<void> check(ValType type, const Value& value) const {
    const component::Type* definition = types_.defined(type);
    if (!definition) return primitive(type, value);
    return std::visit(
        Overloaded{
            [&](const component::RecordType& t) { return record(t, type, value); },
            [&](const component::TupleType& t) { return tuple(t, type, value); },
            [&](const component::VariantType& t) { return variant(t, type, value); },
            [&](const component::EnumType& t) {
              const auto* v = value.get_if<EnumValue>();
              if (!v) return differs(type, value);
              return known(t.names, v->name, type);
            },
            [&](const component::FlagsType& t) { return flags(t, type, value); },
            [&](const component::OptionType& t) -> Result<void> {
              const auto* v = value.get_if<OptionValue>();
              if (!v) return differs(type, value);
              return v->some ? check(t.some, *v->some) : Result<void>();
            },
            [&](const component::ResultType& t) {
              const auto* v = value.get_if<ResultValue>();
              if (!v) return differs(type, value);
              return payload(v->is_error ? "err" : "ok", v->is_error ? t.error : t.ok, v->payload);
            },
            [&](const component::ListType& t) { return list(t.element, type, value); },
            [&](const component::MapType& t) { return list(ValType(t.entry), type, value); },
            [&](const component::FixedListType& t) -> Result<void> {
              const auto* v = value.get_if<ListValue>();
              if (v && v->items.size() != t.length) {
                return fail(ErrorCode::usage,
                            fmt::format("expected {} items, found {}", t.length, v->items.size()));
              }
              return list(t.element, type, value);
            },
            [&](const component::OwnType& t) { return resource(t.resource, type, value); },
            [&](const component::BorrowType& t) { return resource(t.resource, type, value); },
            [&](const component::StreamType& t) {
              const auto* v = value.get_if<StreamValue>();
              return v ? copy_end(v->end(), false, t.payload) : differs(type, value);
            },
            [&](const component::FutureType& t) {
              const auto* v = value.get_if<FutureValue>();
              return v ? copy_end(v->end(), true, t.payload) : differs(type, value);
            },
            [&](const auto&) { return differs(type, value); },
        },
        *definition);
  }

 private:
  Result<void> primitive(ValType type, const Value& value) const {
    // The first kinds of Value are the primitive types in their order.
    Primitive primitive = types_.canonical(type).primitive();
    if (primitive > Primitive::string) return differs(type, value);
    if (value.data.index() != static_cast<size_t>(primitive)) return differs(type, value);
    if (const auto* c = value.get_if<char32_t>(); c && !is_unicode_scalar(*c)) {
      return fail(ErrorCode::usage,
                  fmt::format("{:#x} is no character", static_cast<uint32_t>(*c)));
    }
    if (const auto* text = value.get_if<std::string>(); text && !is_utf8(*text)) {
      return fail(ErrorCode::usage, "a string is not valid UTF-8");
    }
    return {};
  }

  Result<void> record(const component::RecordType& t, ValType type, const Value& value) const {
    const auto* v = value.get_if<RecordValue>();
    if (!v || v->fields.size() != t.fields.size()) return differs(type, value);
    for (size_t i = 0; i < t.fields.size(); i++) {
      if (v->fields[i].name != t.fields[i].name) {
        return fail(ErrorCode::usage, fmt::format("expected field `{}`, found `{}`",
                                                  t.fields[i].name, v->fields[i].name));
      }
      TRY_VOID(at(fmt::format("field `{}`", t.fields[i].name),
                  check(t.fields[i].type, v->fields[i].value)));
    }
    return {};
  }

  Result<void> tuple(const component::TupleType& t, ValType type, const Value& value) const {
    const auto* v = value.get_if<TupleValue>();
    if (!v || v->items.size() != t.types.size()) return differs(type, value);
    for (size_t i = 0; i < t.types.size(); i++) {
      TRY_VOID(at(fmt::format("element {}", i), check(t.types[i], v->items[i])));
    }
    return {};
  }

  Result<void> variant(const component::VariantType& t, ValType type, const Value& value) const {
    const auto* v = value.get_if<VariantValue>();
    if (!v) return differs(type, value);
    for (const component::Case& c : t.cases) {
      if (c.name == v->name) return payload(c.name, c.type, v->payload);
    }
    return fail(ErrorCode::usage,
                fmt::format("`{}` is no case of {}", v->name, to_string(types_, type)));
  }

  Result<void> flags(const component::FlagsType& t, ValType type, const Value& value) const {
    const auto* v = value.get_if<FlagsValue>();
    if (!v) return differs(type, value);
    for (const std::string& name : v->names) TRY_VOID(known(t.names, name, type));
    return {};
  }

  Result<void> list(ValType element, ValType type, const Value& value) const {
    const auto* v = value.get_if<ListValue>();
    if (!v) return differs(type, value);
    for (size_t i = 0; i < v->items.size(); i++) {
      Result<void> checked = check(element, v->items[i]);
      if (!checked) return at(fmt::format("item {}", i), std::move(checked));
    }
    return {};
  }

  Result<void> resource(component::ResourceId id, ValType type, const Value& value) const {
    const auto* v = value.get_if<ResourceValue>();
    if (!v) return differs(type, value);
    return found(check_handles_.resource ? check_handles_.resource(id, *v) : nullptr);
  }

  Result<void> copy_end(const abi::HostEnd* end, bool is_future,
                        const std::optional<ValType>& payload) const {
    return found(check_handles_.end ? check_handles_.end(end, is_future, payload) : nullptr);
  }

  static Result<void> found(const char* problem) {
    return problem ? fail(ErrorCode::usage, problem) : Result<void>();
  }

  Result<void> payload(const std::string& name, const std::optional<ValType>& type,
                       const BoxedValue& payload) const {
    if (!type && !payload) return {};
    if (!type) return fail(ErrorCode::usage, fmt::format("`{}` has no value", name));
    if (!payload) return fail(ErrorCode::usage, fmt::format("`{}` needs a value", name));
    return at(fmt::format("`{}`", name), check(*type, *payload));
  }

  Result<void> known(const std::vector<std::string>& names, const std::string& name,
                     ValType type) const {
    if (std::find(names.begin(), names.end(), name) != names.end()) return {};
    return fail(ErrorCode::usage, fmt::format("`{}` is not in {}", name, to_string(types_, type)));
  }

  Result<void> differs(ValType type, const Value& value) const {
    return fail(ErrorCode::usage,
                fmt::format("expected {}, found {}", to_string(types_, type), value.kind_name()));
  }

  static Result<void> at(std::string place, Result<void> checked) {
    if (checked) return checked;
    return std::unexpected(std::move(checked).error().in(place));
  }

  const ComponentTypes& types_;
  const CheckHandles& check_handles_;
};

}  // namespace

Result<void> check_value(const ComponentTypes& types, ValType type, const Value& value,
                         const CheckHandles& check_handles) {
  return Checker(types, check_handles).check(type, value);
}

}  // namespace tenon::canon
