#include "component/validate/difference.h"

#include <fmt/format.h>

#include "component/visit.h"

namespace tenon::component {
namespace {

std::unexpected<Error> mismatch(std::string message) {
  return fail(ErrorCode::invalid, std::move(message));
}

// Descends into the first part that differs. Recursion is bounded by limits::max_type_depth.
class Difference {
 public:
  explicit Difference(const ComponentTypes& types) : types_(types) {}

  Result<void> between(ValType actual, ValType expected) {
    if (types_.equal(actual, expected)) return {};
    const Type* found = types_.defined(actual);
    const Type* wanted = types_.defined(expected);
    if (!found && !wanted) {
      return mismatch(fmt::format("expected primitive `{}` found primitive `{}`",
                                  to_string(types_, expected), to_string(types_, actual)));
    }
    if (!wanted) {
      return mismatch(
          fmt::format("expected {}, found {}", primitive_text(expected), kind_name(*found)));
    }
    if (!found)
      return mismatch(
          fmt::format("expected {}, found {}", kind_name(*wanted), to_string(types_, actual)));
    if (found->index() != wanted->index()) {
      return mismatch(fmt::format("expected {}, found {}", kind_name(*wanted), kind_name(*found)));
    }
    return std::visit(
        [&](const auto& t) { return same_kind(std::get<std::decay_t<decltype(t)>>(*found), t); },
        *wanted);
  }

  Result<void> functions(const FuncType& found, const FuncType& wanted) {
    if (found.is_async != wanted.is_async) {
      return mismatch(
          fmt::format("expected {} func, found {} func", asynchrony(wanted), asynchrony(found)));
    }
    if (found.params.size() != wanted.params.size()) {
      return mismatch(fmt::format("expected {} parameters, found {}", wanted.params.size(),
                                  found.params.size()));
    }
    for (size_t i = 0; i < wanted.params.size(); i++) {
      const std::string& name = wanted.params[i].name;
      if (found.params[i].name != name) {
        return mismatch(
            fmt::format("expected parameter named `{}`, found `{}`", name, found.params[i].name));
      }
      TRY_VOID(part(found.params[i].type, wanted.params[i].type,
                    fmt::format("type mismatch in function parameter `{}`", name)));
    }
    if (found.result && !wanted.result) return mismatch("expected no result, found one");
    if (!found.result && wanted.result) return mismatch("expected a result, found none");
    if (!wanted.result) return {};
    return part(*found.result, *wanted.result, "type mismatch with result type");
  }

 private:
  static const char* asynchrony(const FuncType& func) { return func.is_async ? "async" : "sync"; }

  // Tests of the specification compare a record or the like with "primitive" when the latter has a
  // definition.
  std::string primitive_text(ValType type) {
    return type.is_primitive() ? std::string(name_of(type.primitive())) : std::string("primitive");
  }

  Result<void> part(ValType found, ValType wanted, const std::string& context) {
    Result<void> result = between(found, wanted);
    if (!result) return std::unexpected(std::move(result).error().in(context));
    return {};
  }

  Result<void> same_kind(const RecordType& found, const RecordType& wanted) {
    if (found.fields.size() != wanted.fields.size()) {
      return mismatch(
          fmt::format("expected {} fields, found {}", wanted.fields.size(), found.fields.size()));
    }
    for (size_t i = 0; i < wanted.fields.size(); i++) {
      const std::string& name = wanted.fields[i].name;
      if (found.fields[i].name != name) {
        return mismatch(
            fmt::format("expected field name `{}`, found `{}`", name, found.fields[i].name));
      }
      TRY_VOID(part(found.fields[i].type, wanted.fields[i].type,
                    fmt::format("type mismatch in record field `{}`", name)));
    }
    return {};
  }

  Result<void> same_kind(const VariantType& found, const VariantType& wanted) {
    if (found.cases.size() != wanted.cases.size()) {
      return mismatch(
          fmt::format("expected {} cases, found {}", wanted.cases.size(), found.cases.size()));
    }
    for (size_t i = 0; i < wanted.cases.size(); i++) {
      const Case& want = wanted.cases[i];
      const Case& have = found.cases[i];
      if (have.name != want.name) {
        return mismatch(fmt::format("expected case named `{}`, found `{}`", want.name, have.name));
      }
      if (want.type && !have.type) {
        return mismatch(fmt::format("expected case `{}` to have a type, found none", want.name));
      }
      if (!want.type && have.type)
        return mismatch(fmt::format("expected case `{}` to have no type", want.name));
      if (!want.type) continue;
      TRY_VOID(part(*have.type, *want.type,
                    fmt::format("type mismatch in variant case `{}`", want.name)));
    }
    return {};
  }

  Result<void> same_kind(const TupleType& found, const TupleType& wanted) {
    if (found.types.size() != wanted.types.size()) {
      return mismatch(
          fmt::format("expected {} types, found {}", wanted.types.size(), found.types.size()));
    }
    for (size_t i = 0; i < wanted.types.size(); i++) {
      TRY_VOID(
          part(found.types[i], wanted.types[i], fmt::format("type mismatch in tuple field {}", i)));
    }
    return {};
  }

  Result<void> same_kind(const ListType& found, const ListType& wanted) {
    return part(found.element, wanted.element, "type mismatch in list");
  }
  Result<void> same_kind(const FixedListType& found, const FixedListType& wanted) {
    if (found.length != wanted.length) {
      return mismatch(
          fmt::format("expected a list of {} elements, found {}", wanted.length, found.length));
    }
    return part(found.element, wanted.element, "type mismatch in list");
  }
  Result<void> same_kind(const MapType& found, const MapType& wanted) {
    TRY_VOID(part(found.key, wanted.key, "type mismatch in map key"));
    return part(found.value, wanted.value, "type mismatch in map value");
  }
  Result<void> same_kind(const StreamType& found, const StreamType& wanted) {
    return optional_part(found.payload, wanted.payload, "payload", "stream payload");
  }
  Result<void> same_kind(const FutureType& found, const FutureType& wanted) {
    return optional_part(found.payload, wanted.payload, "payload", "future payload");
  }
  Result<void> same_kind(const OptionType& found, const OptionType& wanted) {
    return part(found.some, wanted.some, "type mismatch in option");
  }
  Result<void> same_kind(const ResultType& found, const ResultType& wanted) {
    TRY_VOID(optional_part(found.ok, wanted.ok, "ok", "ok variant"));
    return optional_part(found.error, wanted.error, "err", "err variant");
  }
  Result<void> optional_part(std::optional<ValType> found, std::optional<ValType> wanted,
                             const char* which, const char* place) {
    if (wanted && !found) return mismatch(fmt::format("expected {} type, but found none", which));
    if (!wanted && found) return mismatch(fmt::format("expected {} type to not be present", which));
    if (!wanted) return {};
    return part(*found, *wanted, fmt::format("type mismatch in {}", place));
  }

  Result<void> same_kind(const FlagsType&, const FlagsType&) {
    return mismatch("mismatch in flags elements");
  }
  Result<void> same_kind(const EnumType&, const EnumType&) {
    return mismatch("mismatch in enum elements");
  }
  // Handles that differ name different resources.
  Result<void> same_kind(const OwnType&, const OwnType&) {
    return mismatch("resource types are not the same");
  }
  Result<void> same_kind(const BorrowType&, const BorrowType&) {
    return mismatch("resource types are not the same");
  }
  template <typename Other>
  Result<void> same_kind(const Other&, const Other&) {
    return mismatch("types are not the same");
  }

  const ComponentTypes& types_;
};

}  // namespace

Result<void> check_equal(const ComponentTypes& types, ValType actual, ValType expected) {
  return Difference(types).between(actual, expected);
}

Result<void> check_equal_functions(const ComponentTypes& types, TypeId actual, TypeId expected) {
  if (types.canonical(actual) == types.canonical(expected)) return {};
  return Difference(types).functions(types.func(actual), types.func(expected));
}

}  // namespace tenon::component
