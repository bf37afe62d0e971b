#include "canon/async_handles.h"
#include "canon/handles.h"
#include "canon/values.h"
#include "component/visit.h"
#include "tenon/abi/type.h"

// canon: Loading, Flat Lifting. Both are one walk over the type, told where the next value is. The
// depth of recursion is that of a type, which validation bounds.
namespace tenon::canon {
namespace {

using abi::Context;
using component::Overloaded;
using component::Parts;
using component::Primitive;
using component::ValType;

// Where values come from: linear memory.
struct MemorySource {
  uint64_t pointer;

  template <typename T>
  T scalar(Context& cx) const {
    return abi::Type<T>::load(cx, pointer);
  }
  abi::PointerPair pair(Context& cx) const { return abi::detail::load_pair(cx, pointer); }
};

// Core values.
struct FlatSource {
  const uint64_t*& values;

  template <typename T>
  T scalar(Context& cx) const {
    return abi::Type<T>::lift(cx, values);
  }
  abi::PointerPair pair(Context& cx) const { return abi::detail::lift_pair(cx, values); }
};

class Lifter {
 public:
  Lifter(Context& cx, const ValueTypes& types) : cx_(cx), types_(types) {}

  template <typename Source>
  Value lift(ValType type, Source from) {
    const component::Type* definition = types_.types.defined(type);
    if (!definition) return primitive(types_.types.canonical(type).primitive(), from);
    return std::visit(
        Overloaded{
            [&](const component::RecordType& t) { return record(t, from); },
            [&](const component::TupleType& t) { return Value(TupleValue{fields(t.types, from)}); },
            [&](const component::VariantType& t) {
              auto [index, payload] = variant(parts_of(*definition), type, from);
              return Value(VariantValue{copy_name(t.cases[index].name), std::move(payload)});
            },
            [&](const component::EnumType& t) {
              auto [index, payload] = variant(parts_of(*definition), type, from);
              return Value(EnumValue{copy_name(t.names[index])});
            },
            [&](const component::OptionType&) {
              return Value(OptionValue{variant(parts_of(*definition), type, from).second});
            },
            [&](const component::ResultType&) {
              auto [index, payload] = variant(parts_of(*definition), type, from);
              return Value(ResultValue{index == 1, std::move(payload)});
            },
            [&](const component::FlagsType& t) { return flags(t, from); },
            [&](const component::ListType& t) { return list(t.element, from); },
            [&](const component::MapType& t) { return list(ValType(t.entry), from); },
            [&](const component::FixedListType& t) { return fixed_list(t, from); },
            [&](const component::OwnType& t) {
              return own(t.resource, from.template scalar<uint32_t>(cx_));
            },
            [&](const component::StreamType& t) {
              return copy_end(ObjectKind::readable_stream, t.payload, from);
            },
            [&](const component::FutureType& t) {
              return copy_end(ObjectKind::readable_future, t.payload, from);
            },
            [&](const auto&) {
              cx_.fail("a borrowed resource cannot be lifted to a value");
              return Value();
            },
        },
        *definition);
  }

 private:
  template <typename Source>
  Value primitive(Primitive primitive, Source from) {
    switch (primitive) {
      case Primitive::bool_: return from.template scalar<bool>(cx_);
      case Primitive::s8: return from.template scalar<int8_t>(cx_);
      case Primitive::u8: return from.template scalar<uint8_t>(cx_);
      case Primitive::s16: return from.template scalar<int16_t>(cx_);
      case Primitive::u16: return from.template scalar<uint16_t>(cx_);
      case Primitive::s32: return from.template scalar<int32_t>(cx_);
      case Primitive::u32: return from.template scalar<uint32_t>(cx_);
      case Primitive::s64: return from.template scalar<int64_t>(cx_);
      case Primitive::u64: return from.template scalar<uint64_t>(cx_);
      case Primitive::f32: return from.template scalar<float>(cx_);
      case Primitive::f64: return from.template scalar<double>(cx_);
      case Primitive::char_: return from.template scalar<char32_t>(cx_);
      case Primitive::string: {
        abi::PointerPair pair = from.pair(cx_);
        return abi::load_string_from_range(cx_, pair.pointer, pair.length);
      }
      case Primitive::error_context: break;  // validation refuses it
    }
    return {};
  }

  // canon: lift_stream, lift_future
  template <typename Source>
  Value copy_end(ObjectKind kind, std::optional<ValType> payload, Source from) {
    auto handle = from.template scalar<uint32_t>(cx_);
    auto end = take_copy_end(*cx_.options().instance, handle, kind, types_, payload);
    if (!end) {
      cx_.fail(end.error());
      return {};
    }
    std::shared_ptr<abi::HostEnd> host = cx_.options().embedder->copies().adopt(**end);
    if (kind == ObjectKind::readable_future) return FutureValue(std::move(host));
    return StreamValue(std::move(host));
  }

  // Names come with every value; they count like what is copied out of the guest.
  std::string copy_name(const std::string& name) {
    return cx_.charge(name.size()) ? name : std::string();
  }

  abi::Layout layout_of(ValType type) const {
    return types_.types.layout(type, cx_.pointer_type());
  }

  // canon: load_record, lift_flat_record
  std::vector<Value> fields(const std::vector<ValType>& types, MemorySource from) {
    std::vector<Value> values;
    if (!cx_.charge(types.size() * sizeof(Value))) return values;
    abi::Layout record;
    for (ValType type : types) {
      uint64_t offset = record.add_field(layout_of(type));
      values.push_back(lift(type, MemorySource{from.pointer + offset}));
    }
    return values;
  }
  std::vector<Value> fields(const std::vector<ValType>& types, FlatSource from) {
    std::vector<Value> values;
    if (!cx_.charge(types.size() * sizeof(Value))) return values;
    for (ValType type : types) values.push_back(lift(type, from));
    return values;
  }

  template <typename Source>
  Value record(const component::RecordType& type, Source from) {
    std::vector<ValType> types;
    for (const component::Field& field : type.fields) types.push_back(field.type);
    std::vector<Value> values = fields(types, from);
    RecordValue record;
    for (size_t i = 0; i < values.size(); i++) {
      record.fields.push_back({copy_name(type.fields[i].name), std::move(values[i])});
    }
    return record;
  }

  uint32_t check_case(uint32_t index, const Parts& parts) {
    if (index < parts.cases.size()) return index;
    cx_.fail("invalid variant discriminant");
    return 0;
  }

  // canon: load_variant
  std::pair<uint32_t, BoxedValue> variant(const Parts& parts, ValType, MemorySource from) {
    abi::VariantLayout layout = variant_layout(types_.types, parts.cases, cx_.pointer_type());
    uint32_t index = layout.discriminant == 1   ? cx_.load<uint8_t>(from.pointer)
                     : layout.discriminant == 2 ? cx_.load<uint16_t>(from.pointer)
                                                : cx_.load<uint32_t>(from.pointer);
    index = check_case(index, parts);
    uint64_t payload = from.pointer + layout.payload_offset;
    return {index, lift_payload(parts.cases[index], MemorySource{payload})};
  }

  // canon: lift_flat_variant
  std::pair<uint32_t, BoxedValue> variant(const Parts& parts, ValType type, FlatSource from) {
    const uint64_t* payload = from.values + 1;
    uint32_t index = check_case(static_cast<uint32_t>(*from.values), parts);
    from.values += types_.types.info(type).flat.count;
    return {index, lift_payload(parts.cases[index], FlatSource{payload})};
  }

  template <typename Source>
  BoxedValue lift_payload(const std::optional<ValType>& type, Source from) {
    if (!type || !cx_.charge(sizeof(Value))) return {};
    return lift(*type, from);
  }

  // canon: load_flags, lift_flat_flags
  Value flags(const component::FlagsType& type, MemorySource from) {
    switch (abi::flags_layout(type.names.size()).size) {
      case 1: return flags(type, cx_.load<uint8_t>(from.pointer));
      case 2: return flags(type, cx_.load<uint16_t>(from.pointer));
      default: return flags(type, cx_.load<uint32_t>(from.pointer));
    }
  }
  Value flags(const component::FlagsType& type, FlatSource from) {
    return flags(type, static_cast<uint32_t>(*from.values++));
  }
  // canon: unpack_flags_from_int
  Value flags(const component::FlagsType& type, uint32_t bits) {
    FlagsValue value;
    for (const std::string& name : type.names) {
      if (bits & 1) value.names.push_back(copy_name(name));
      bits >>= 1;
    }
    return value;
  }

  // canon: load_list_from_range
  template <typename Source>
  Value list(ValType element, Source from) {
    ListValue list;
    abi::PointerPair pair = from.pair(cx_);
    abi::Layout layout = layout_of(element);
    if (!abi::check_list(cx_, pair.pointer, pair.length, layout)) return list;
    if (!cx_.charge(pair.length * sizeof(Value))) return list;
    list.items.reserve(pair.length);
    for (uint64_t i = 0; i < pair.length && !cx_.failed(); i++)
      list.items.push_back(lift(element, MemorySource{pair.pointer + i * layout.size}));
    return list;
  }

  // canon: load_list, lift_flat_list with a length
  Value fixed_list(const component::FixedListType& type, MemorySource from) {
    ListValue list;
    if (!cx_.charge(uint64_t{type.length} * sizeof(Value))) return list;
    list.items.reserve(type.length);
    uint64_t size = layout_of(type.element).size;
    for (uint32_t i = 0; i < type.length && !cx_.failed(); i++)
      list.items.push_back(lift(type.element, MemorySource{from.pointer + i * size}));
    return list;
  }
  Value fixed_list(const component::FixedListType& type, FlatSource from) {
    ListValue list;
    if (!cx_.charge(uint64_t{type.length} * sizeof(Value))) return list;
    for (uint32_t i = 0; i < type.length && !cx_.failed(); i++)
      list.items.push_back(lift(type.element, from));
    return list;
  }

  Value own(component::ResourceId id, uint32_t handle) {
    if (cx_.failed()) return {};
    const abi::ResourceType* type = types_.resource(id);
    auto rep = lift_own(*cx_.options().instance, handle, *type);
    if (!rep) {
      cx_.fail(rep.error());
      return {};
    }
    auto state = std::make_shared<ResourceValue::State>();
    abi::Embedder* store = cx_.options().embedder;
    *state = {store, store->life(), type, *rep, true};
    return ResourceValue(std::move(state));
  }

  Context& cx_;
  const ValueTypes& types_;
};

}  // namespace

Value load(Context& cx, const ValueTypes& types, ValType type, uint64_t pointer) {
  return Lifter(cx, types).lift(type, MemorySource{pointer});
}

Value lift_flat(Context& cx, const ValueTypes& types, ValType type, const uint64_t*& values) {
  return Lifter(cx, types).lift(type, FlatSource{values});
}

Value lift_result(Context& cx, const ValueTypes& types, ValType type, const uint64_t* flat,
                  uint32_t max_flat) {
  if (types.types.info(type).flat.fits(max_flat)) return lift_flat(cx, types, type, flat);
  uint64_t pointer = cx.lift_pointer(*flat);
  abi::Layout layout = types.types.layout(type, cx.pointer_type());
  if (!cx.check_range(pointer, layout.size, layout.alignment,
                      "pointer to results out of bounds of memory"))
    return {};
  return load(cx, types, type, pointer);
}

}  // namespace tenon::canon
