#include "canon/move_value.h"

#include "canon/async_handles.h"
#include "component/despecialize.h"
#include "component/visit.h"
#include "tenon/abi/type.h"

namespace tenon::canon {
namespace {

using component::Overloaded;
using component::Primitive;
using component::ValType;

class Mover {
 public:
  Mover(const ValueTypes& types, const abi::Options& from, const abi::Options& to)
      : types_(types), from_(from), to_(to) {}

  // canon: load_list_from_valid_range, store_list_into_valid_range
  void values(ValType type, uint64_t count, uint64_t from, uint64_t to) {
    uint64_t from_size = layout_in(from_, type).size;
    uint64_t to_size = layout_in(to_, type).size;
    for (uint64_t i = 0; i < count && !failed(); i++)
      value(type, from + i * from_size, to + i * to_size);
  }

  bool failed() const { return from_.failed() || to_.failed(); }
  std::unique_ptr<Trap> take_trap() {
    if (!failed()) return nullptr;
    return std::make_unique<Trap>(from_.failed() ? from_.take_trap() : to_.take_trap());
  }

 private:
  abi::Layout layout_in(const abi::Context& side, ValType type) const {
    return types_.types.layout(type, side.pointer_type());
  }

  void value(ValType type, uint64_t from, uint64_t to) {
    const component::Type* definition = types_.types.defined(type);
    if (!definition) return primitive(types_.types.canonical(type).primitive(), from, to);
    std::visit(
        Overloaded{
            [&](const component::FlagsType& t) { flags(t.names.size(), from, to); },
            [&](const component::ListType& t) { list(t.element, from, to); },
            [&](const component::MapType& t) { list(ValType(t.entry), from, to); },
            [&](const component::FixedListType& t) { values(t.element, t.length, from, to); },
            [&](const component::OwnType& t) { own(t.resource, from, to); },
            [&](const component::StreamType& t) {
              copy_end(ObjectKind::readable_stream, t.payload, from, to);
            },
            [&](const component::FutureType& t) {
              copy_end(ObjectKind::readable_future, t.payload, from, to);
            },
            [&](const auto&) {
              component::Parts parts = component::parts_of(*definition);
              parts.cases.empty() ? record(parts.fields, from, to) : variant(parts.cases, from, to);
            },
        },
        *definition);
  }

  template <typename T>
  void scalar(uint64_t from, uint64_t to) {
    abi::Type<T>::store(to_, abi::Type<T>::load(from_, from), to);
  }

  void primitive(Primitive primitive, uint64_t from, uint64_t to) {
    switch (primitive) {
      case Primitive::bool_: return scalar<bool>(from, to);
      case Primitive::s8:
      case Primitive::u8: return scalar<uint8_t>(from, to);
      case Primitive::s16:
      case Primitive::u16: return scalar<uint16_t>(from, to);
      case Primitive::s32:
      case Primitive::u32:
      case Primitive::f32: return scalar<uint32_t>(from, to);
      case Primitive::s64:
      case Primitive::u64:
      case Primitive::f64: return scalar<uint64_t>(from, to);
      case Primitive::char_: return scalar<char32_t>(from, to);
      case Primitive::string: {
        abi::PointerPair pair = abi::detail::load_pair(from_, from);
        std::string_view text = view_string_from_range(from_, pair.pointer, pair.length);
        if (failed()) return;
        abi::detail::store_pair(to_, store_string_into_range(to_, text), to);
        return;
      }
      case Primitive::error_context:
        handle(copy_error_context(source(), from_.load<uint32_t>(from), destination()), to);
        return;
    }
  }

  void flags(size_t labels, uint64_t from, uint64_t to) {
    uint64_t bytes = abi::flags_layout(labels).size;
    uint32_t bits = load_bits(bytes, from);
    if (labels < 32) bits &= (uint32_t{1} << labels) - 1;
    store_bits(bytes, bits, to);
  }
  uint32_t load_bits(uint64_t bytes, uint64_t from) {
    return bytes == 1   ? from_.load<uint8_t>(from)
           : bytes == 2 ? from_.load<uint16_t>(from)
                        : from_.load<uint32_t>(from);
  }
  void store_bits(uint64_t bytes, uint32_t bits, uint64_t to) {
    if (bytes == 1) return to_.store(to, static_cast<uint8_t>(bits));
    if (bytes == 2) return to_.store(to, static_cast<uint16_t>(bits));
    to_.store(to, bits);
  }

  void list(ValType element, uint64_t from, uint64_t to) {
    abi::PointerPair pair = abi::detail::load_pair(from_, from);
    if (!check_list(from_, pair.pointer, pair.length, layout_in(from_, element))) return;
    uint64_t room = allocate_list(to_, pair.length, layout_in(to_, element));
    if (failed()) return;
    // What realloc returned may overlap anything: the elements come first.
    values(element, pair.length, pair.pointer, room);
    if (!failed()) abi::detail::store_pair(to_, {room, pair.length}, to);
  }

  void record(std::span<const ValType> fields, uint64_t from, uint64_t to) {
    abi::Layout from_layout, to_layout;
    for (ValType field : fields) {
      uint64_t from_offset = from_layout.add_field(layout_in(from_, field));
      uint64_t to_offset = to_layout.add_field(layout_in(to_, field));
      value(field, from + from_offset, to + to_offset);
    }
  }

  void variant(std::span<const std::optional<ValType>> cases, uint64_t from, uint64_t to) {
    auto layout_in = [&](const abi::Context& side) {
      return component::variant_layout(types_.types, cases, side.pointer_type());
    };
    abi::VariantLayout layout = layout_in(from_);
    uint32_t index = load_bits(layout.discriminant, from);
    if (index >= cases.size()) return from_.fail("invalid variant discriminant");
    store_bits(layout.discriminant, index, to);
    if (!cases[index]) return;
    value(*cases[index], from + layout.payload_offset, to + layout_in(to_).payload_offset);
  }

  void own(component::ResourceId id, uint64_t from, uint64_t to) {
    const abi::ResourceType& type = *types_.resource(id);
    auto rep = lift_own(source(), from_.load<uint32_t>(from), type);
    if (!rep) return from_.fail(rep.error());
    handle(lower_own(destination(), *rep, type), to);
  }
  void copy_end(ObjectKind kind, std::optional<ValType> payload, uint64_t from, uint64_t to) {
    handle(
        move_copy_end(source(), from_.load<uint32_t>(from), destination(), kind, types_, payload),
        to);
  }
  void handle(const HandleResult<uint32_t>& moved, uint64_t to) {
    if (!moved) return from_.fail(moved.error());
    to_.store(to, *moved);
  }

  ComponentInstance& source() { return *from_.options().instance; }
  ComponentInstance& destination() { return *to_.options().instance; }

  const ValueTypes& types_;
  abi::Context from_;
  abi::Context to_;
};

}  // namespace

std::unique_ptr<Trap> move_values(const ValueTypes& types, ValType type, uint64_t count,
                                  MemoryPlace from, MemoryPlace to) {
  Mover mover(types, from.options, to.options);
  mover.values(type, count, from.pointer, to.pointer);
  return mover.take_trap();
}

}  // namespace tenon::canon
