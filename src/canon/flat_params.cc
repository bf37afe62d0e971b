#include "canon/flat_params.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "component/despecialize.h"
#include "component/visit.h"
#include "tenon/abi/type.h"

namespace tenon::canon {
namespace {

using component::Overloaded;
using component::Primitive;
using component::ValType;

// The depth of recursion is that of a type, which validation bounds.
class FlatLoader {
 public:
  FlatLoader(abi::Context& cx, const component::ComponentTypes& types, uint64_t* flat)
      : cx_(cx), types_(types), next_(flat) {}

  void value(ValType type, uint64_t pointer) {
    const component::Type* definition = types_.defined(type);
    if (!definition) return primitive(types_.canonical(type).primitive(), pointer);
    std::visit(Overloaded{
                   [&](const component::FlagsType& t) {
                     bits(abi::flags_layout(t.names.size()).size, pointer);
                   },
                   [&](const component::ListType&) { pair(pointer); },
                   [&](const component::MapType&) { pair(pointer); },
                   [&](const component::FixedListType& t) { fixed_list(t, pointer); },
                   [&](const component::OwnType&) { bits(4, pointer); },
                   [&](const component::BorrowType&) { bits(4, pointer); },
                   [&](const component::StreamType&) { bits(4, pointer); },
                   [&](const component::FutureType&) { bits(4, pointer); },
                   [&](const auto&) {
                     component::Parts parts = component::parts_of(*definition);
                     parts.cases.empty() ? record(parts.fields, pointer)
                                         : variant(type, parts.cases, pointer);
                   },
               },
               *definition);
  }

  void record(std::span<const ValType> fields, uint64_t pointer) {
    abi::Layout layout;
    for (ValType field : fields) {
      uint64_t offset = layout.add_field(types_.layout(field, cx_.pointer_type()));
      value(field, pointer + offset);
    }
  }

 private:
  void primitive(Primitive primitive, uint64_t pointer) {
    if (primitive == Primitive::string) return pair(pointer);
    bits(types_.layout(primitive, cx_.pointer_type()).size, pointer);
  }

  // Who lifts a flat value looks at no more of it than its type has.
  uint64_t bits(uint64_t size, uint64_t pointer) {
    uint64_t value = 0;
    std::memcpy(&value, cx_.at(pointer), size);
    *next_++ = value;
    return value;
  }

  void pair(uint64_t pointer) {
    abi::PointerPair pair = abi::detail::load_pair(cx_, pointer);
    *next_++ = pair.pointer;
    *next_++ = pair.length;
  }

  void fixed_list(const component::FixedListType& type, uint64_t pointer) {
    uint64_t size = types_.layout(type.element, cx_.pointer_type()).size;
    for (uint64_t i = 0; i < type.length; i++) value(type.element, pointer + i * size);
  }

  // A discriminant that is not valid is for the one who lifts the flat value to find.
  void variant(ValType type, std::span<const std::optional<ValType>> cases, uint64_t pointer) {
    uint64_t* end = next_ + types_.info(type).flat_for(cx_.pointer_type()).count;
    abi::VariantLayout layout = component::variant_layout(types_, cases, cx_.pointer_type());
    uint64_t index = bits(layout.discriminant, pointer);
    if (index < cases.size() && cases[index]) value(*cases[index], pointer + layout.payload_offset);
    std::fill(next_, end, 0);
    next_ = end;
  }

  abi::Context& cx_;
  const component::ComponentTypes& types_;
  uint64_t* next_;
};

}  // namespace

void load_flat_params(abi::Context& cx, const component::ComponentTypes& types,
                      const component::FuncType& function, uint64_t pointer, uint64_t* flat) {
  abi::Layout tuple;
  std::vector<ValType> params;
  for (const component::Field& param : function.params) {
    tuple.add_field(types.layout(param.type, cx.pointer_type()));
    params.push_back(param.type);
  }
  tuple = tuple.finished();
  if (!cx.check_range(pointer, tuple.size, tuple.alignment,
                      "pointer to parameters out of bounds of memory")) {
    return;
  }
  FlatLoader(cx, types, flat).record(params, pointer);
}

void store_flat_result(abi::Context& cx, const component::ComponentTypes& types,
                       component::ValType result, uint64_t flat, uint64_t pointer) {
  abi::Layout layout = types.layout(result, cx.pointer_type());
  CHECK(layout.size <= sizeof flat);
  if (!cx.check_range(pointer, layout.size, layout.alignment,
                      "pointer to results out of bounds of memory")) {
    return;
  }
  std::memcpy(cx.at(pointer), &flat, layout.size);
}

}  // namespace tenon::canon
