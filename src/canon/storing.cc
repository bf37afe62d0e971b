#include <algorithm>

#include "canon/async_handles.h"
#include "canon/handles.h"
#include "canon/values.h"
#include "component/visit.h"
#include "tenon/abi/type.h"

// canon: Storing, Flat Lowering. Values have been checked against their types (check_value).
namespace tenon::canon {
namespace {

using abi::Context;
using component::Overloaded;
using component::Parts;
using component::ValType;

struct MemoryTarget {
  uint64_t pointer;

  template <typename T>
  void scalar(Context& cx, const T& value) const {
    abi::Type<T>::store(cx, value, pointer);
  }
  void pair(Context& cx, abi::PointerPair pair) const {
    abi::detail::store_pair(cx, pair, pointer);
  }
};

struct FlatTarget {
  uint64_t*& values;

  template <typename T>
  void scalar(Context& cx, const T& value) const {
    abi::Type<T>::lower(cx, value, values);
  }
  void pair(Context&, abi::PointerPair pair) const { abi::detail::lower_pair(pair, values); }
};

template <typename T>
const T& as(const Value& value) {
  return *value.get_if<T>();
}

template <typename Names>
uint32_t index_of(const Names& names, const std::string& name) {
  for (uint32_t i = 0; i < names.size(); i++) {
    if constexpr (requires { names[i].name; }) {
      if (names[i].name == name) return i;
    } else if (names[i] == name) {
      return i;
    }
  }
  return 0;
}

class Lowerer {
 public:
  Lowerer(Context& cx, const ValueTypes& types) : cx_(cx), types_(types) {}

  template <typename Target>
  void lower(ValType type, const Value& value, Target to) {
    if (cx_.failed()) return;
    const component::Type* definition = types_.types.defined(type);
    if (!definition) return primitive(value, to);
    std::visit(Overloaded{
                   [&](const component::RecordType& t) { record(t, as<RecordValue>(value), to); },
                   [&](const component::TupleType& t) {
                     std::vector<const Value*> items;
                     for (const Value& item : as<TupleValue>(value).items) items.push_back(&item);
                     fields(t.types, items, to);
                   },
                   [&](const component::VariantType& t) {
                     const auto& v = as<VariantValue>(value);
                     variant(parts_of(*definition), type, index_of(t.cases, v.name), v.payload, to);
                   },
                   [&](const component::EnumType& t) {
                     uint32_t index = index_of(t.names, as<EnumValue>(value).name);
                     variant(parts_of(*definition), type, index, {}, to);
                   },
                   [&](const component::OptionType&) {
                     const auto& v = as<OptionValue>(value);
                     variant(parts_of(*definition), type, v.some ? 1 : 0, v.some, to);
                   },
                   [&](const component::ResultType&) {
                     const auto& v = as<ResultValue>(value);
                     variant(parts_of(*definition), type, v.is_error ? 1 : 0, v.payload, to);
                   },
                   [&](const component::FlagsType& t) { flags(t, as<FlagsValue>(value), to); },
                   [&](const component::ListType& t) {
                     to.pair(cx_, list(t.element, as<ListValue>(value)));
                   },
                   [&](const component::MapType& t) {
                     to.pair(cx_, list(ValType(t.entry), as<ListValue>(value)));
                   },
                   [&](const component::FixedListType& t) {
                     fixed_list(t.element, as<ListValue>(value), to);
                   },
                   [&](const component::OwnType& t) {
                     to.scalar(cx_, own(t.resource, as<ResourceValue>(value)));
                   },
                   [&](const component::BorrowType& t) {
                     to.scalar(cx_, borrow(t.resource, as<ResourceValue>(value)));
                   },
                   [&](const component::StreamType& t) {
                     to.scalar(cx_, copy_end(as<StreamValue>(value).end(), false, t.payload));
                   },
                   [&](const component::FutureType& t) {
                     to.scalar(cx_, copy_end(as<FutureValue>(value).end(), true, t.payload));
                   },
                   [](const auto&) {},
               },
               *definition);
  }

 private:
  template <typename Target>
  void primitive(const Value& value, Target to) {
    std::visit(
        [&](const auto& it) {
          using T = std::decay_t<decltype(it)>;
          if constexpr (std::is_same_v<T, std::string>) {
            to.pair(cx_, abi::store_string_into_range(cx_, it));
          } else if constexpr (std::is_arithmetic_v<T>) {
            to.scalar(cx_, it);
          }
        },
        value.data);
  }

  abi::Layout layout_of(ValType type) const {
    return types_.types.layout(type, cx_.pointer_type());
  }

  // canon: store_record, lower_flat_record
  void fields(const std::vector<ValType>& types, const std::vector<const Value*>& values,
              MemoryTarget to) {
    abi::Layout record;
    for (size_t i = 0; i < types.size(); i++) {
      uint64_t offset = record.add_field(layout_of(types[i]));
      lower(types[i], *values[i], MemoryTarget{to.pointer + offset});
    }
  }
  void fields(const std::vector<ValType>& types, const std::vector<const Value*>& values,
              FlatTarget to) {
    for (size_t i = 0; i < types.size(); i++) lower(types[i], *values[i], to);
  }
  template <typename Target>
  void record(const component::RecordType& type, const RecordValue& value, Target to) {
    std::vector<ValType> types;
    std::vector<const Value*> values;
    for (size_t i = 0; i < type.fields.size(); i++) {
      types.push_back(type.fields[i].type);
      values.push_back(&value.fields[i].value);
    }
    fields(types, values, to);
  }

  // canon: store_variant
  void variant(const Parts& parts, ValType, uint32_t index, const BoxedValue& payload,
               MemoryTarget to) {
    abi::VariantLayout layout = variant_layout(types_.types, parts.cases, cx_.pointer_type());
    switch (layout.discriminant) {
      case 1: cx_.store(to.pointer, static_cast<uint8_t>(index)); break;
      case 2: cx_.store(to.pointer, static_cast<uint16_t>(index)); break;
      default: cx_.store(to.pointer, index); break;
    }
    if (!parts.cases[index]) return;
    lower(*parts.cases[index], *payload, MemoryTarget{to.pointer + layout.payload_offset});
  }
  // canon: lower_flat_variant
  void variant(const Parts& parts, ValType type, uint32_t index, const BoxedValue& payload,
               FlatTarget to) {
    uint64_t* next = to.values;
    to.values += types_.types.info(type).flat.count;
    std::fill(next, to.values, 0);
    *next++ = index;
    if (parts.cases[index]) lower(*parts.cases[index], *payload, FlatTarget{next});
  }

  // canon: pack_flags_into_int
  static uint32_t pack(const component::FlagsType& type, const FlagsValue& value) {
    uint32_t bits = 0;
    for (const std::string& name : value.names) bits |= uint32_t{1} << index_of(type.names, name);
    return bits;
  }
  void flags(const component::FlagsType& type, const FlagsValue& value, MemoryTarget to) {
    uint32_t bits = pack(type, value);
    switch (abi::flags_layout(type.names.size()).size) {
      case 1: return cx_.store(to.pointer, static_cast<uint8_t>(bits));
      case 2: return cx_.store(to.pointer, static_cast<uint16_t>(bits));
      default: return cx_.store(to.pointer, bits);
    }
  }
  void flags(const component::FlagsType& type, const FlagsValue& value, FlatTarget to) {
    *to.values++ = pack(type, value);
  }

  // canon: store_list_into_range
  abi::PointerPair list(ValType element, const ListValue& value) {
    abi::Layout layout = layout_of(element);
    uint64_t pointer = abi::allocate_list(cx_, value.items.size(), layout);
    uint64_t next = pointer;
    for (const Value& item : value.items) {
      if (cx_.failed()) return {};
      lower(element, item, MemoryTarget{next});
      next += layout.size;
    }
    return {pointer, value.items.size()};
  }

  // canon: store_list, lower_flat_list with a length
  void fixed_list(ValType element, const ListValue& value, MemoryTarget to) {
    for (const Value& item : value.items) {
      if (cx_.failed()) return;
      lower(element, item, to);
      to.pointer += layout_of(element).size;
    }
  }
  void fixed_list(ValType element, const ListValue& value, FlatTarget to) {
    for (const Value& item : value.items) lower(element, item, to);
  }

  // The type that `resource` is of, when it may go where `id` is asked for.
  const abi::ResourceType* check_resource(component::ResourceId id, const ResourceValue& value) {
    const abi::ResourceType* type = types_.resource(id);
    if (const char* problem = problem_of(value, type, cx_.options().embedder)) cx_.fail(problem);
    return cx_.failed() ? nullptr : type;
  }
  uint32_t own(component::ResourceId id, const ResourceValue& value) {
    const abi::ResourceType* type = check_resource(id, value);
    if (!type) return 0;
    value.state().owned = false;
    return result(lower_own(*cx_.options().instance, value.state().rep, *type));
  }
  uint32_t borrow(component::ResourceId id, const ResourceValue& value) {
    const abi::ResourceType* type = check_resource(id, value);
    if (!type) return 0;
    if (type->impl == cx_.options().instance) return value.state().rep;
    CallScope* scope = cx_.options().embedder->call_scope();
    return result(lower_borrow(*cx_.options().instance, value.state().rep, *type, *scope));
  }
  // canon: lower_stream, lower_future
  uint32_t copy_end(abi::HostEnd* end, bool is_future, std::optional<ValType> type) {
    if (cx_.failed()) return 0;
    Payload payload = Payload::of(types_, type);
    if (const char* problem = problem_of(end, is_future, payload, cx_.options().embedder)) {
      cx_.fail(problem);
      return 0;
    }
    return result(lower_copy_end(*cx_.options().instance, *end, payload));
  }
  uint32_t result(HandleResult<uint32_t> handle) {
    if (handle) return *handle;
    cx_.fail(handle.error());
    return 0;
  }

  Context& cx_;
  const ValueTypes& types_;
};

}  // namespace

void store(Context& cx, const ValueTypes& types, ValType type, const Value& value,
           uint64_t pointer) {
  Lowerer(cx, types).lower(type, value, MemoryTarget{pointer});
}

void lower_flat(Context& cx, const ValueTypes& types, ValType type, const Value& value,
                uint64_t*& values) {
  Lowerer(cx, types).lower(type, value, FlatTarget{values});
}

void lower_params(Context& cx, const ValueTypes& types, const component::FuncType& function,
                  std::span<const Value> params, uint64_t* flat) {
  uint32_t count = 0;
  abi::Layout tuple;
  std::vector<uint64_t> offsets;
  for (const component::Field& param : function.params) {
    count += types.types.info(param.type).flat.count;
    offsets.push_back(tuple.add_field(types.types.layout(param.type, cx.pointer_type())));
  }
  if (count <= abi::max_flat_params) {
    for (size_t i = 0; i < params.size(); i++)
      lower_flat(cx, types, function.params[i].type, params[i], flat);
    return;
  }
  uint64_t pointer = cx.allocate(tuple.alignment, tuple.finished().size);
  *flat = pointer;
  for (size_t i = 0; i < params.size() && !cx.failed(); i++) {
    store(cx, types, function.params[i].type, params[i], pointer + offsets[i]);
  }
}

}  // namespace tenon::canon
