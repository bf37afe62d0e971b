#include "component/adapter/values.h"

#include "base/limits.h"
#include "component/despecialize.h"
#include "component/visit.h"

// Scalars, records and variants.
namespace tenon::component {
namespace {

// How a primitive crosses: its flat type, its load and store, and what makes a flat value of it
// canonical.
struct Scalar {
  FlatType flat;
  Opcode load;
  Opcode store;
};

Scalar scalar_of(Primitive primitive) {
  switch (primitive) {
    case Primitive::bool_:
    case Primitive::u8: return {FlatType::i32, Opcode::i32_load8_u, Opcode::i32_store8};
    case Primitive::s8: return {FlatType::i32, Opcode::i32_load8_s, Opcode::i32_store8};
    case Primitive::u16: return {FlatType::i32, Opcode::i32_load16_u, Opcode::i32_store16};
    case Primitive::s16: return {FlatType::i32, Opcode::i32_load16_s, Opcode::i32_store16};
    case Primitive::s64:
    case Primitive::u64: return {FlatType::i64, Opcode::i64_load, Opcode::i64_store};
    case Primitive::f32: return {FlatType::f32, Opcode::f32_load, Opcode::f32_store};
    case Primitive::f64: return {FlatType::f64, Opcode::f64_load, Opcode::f64_store};
    case Primitive::s32:
    case Primitive::u32:
    case Primitive::char_:
    case Primitive::string:
    case Primitive::error_context: return {FlatType::i32, Opcode::i32_load, Opcode::i32_store};
  }
  return {FlatType::i32, Opcode::i32_load, Opcode::i32_store};
}

Opcode load_of_size(uint32_t bytes) {
  return bytes == 1 ? Opcode::i32_load8_u : bytes == 2 ? Opcode::i32_load16_u : Opcode::i32_load;
}
Opcode store_of_size(uint32_t bytes) {
  return bytes == 1 ? Opcode::i32_store8 : bytes == 2 ? Opcode::i32_store16 : Opcode::i32_store;
}

}  // namespace

// canon: lift_flat_variant (CoerceValueIter)
void Translator::coerce_from(FlatType have, FlatType want) {
  if (have == want) return;
  if (have == FlatType::i64 && want == FlatType::f64) {
    code_->op(Opcode::f64_reinterpret_i64);
    return;
  }
  if (have == FlatType::i64) code_->op(Opcode::i32_wrap_i64);
  if (want == FlatType::f32) code_->op(Opcode::f32_reinterpret_i32);
}

// canon: lower_flat_variant
void Translator::coerce_to(FlatType have, FlatType want) {
  if (have == want) return;
  if (have == FlatType::f64) {
    code_->op(Opcode::i64_reinterpret_f64);
    return;
  }
  if (have == FlatType::f32) code_->op(Opcode::i32_reinterpret_f32);
  if (want == FlatType::i64) code_->op(Opcode::i64_extend_i32_u);
}

void Translator::push(Place from, FlatType type, Opcode load) {
  if (from.in_memory) {
    code_->local_get(from.base).access(load, writer_.memory(*from_.memory), from.offset);
    return;
  }
  code_->local_get(from.slots[0].local);
  coerce_from(from.slots[0].type, type);
}

void Translator::begin_store(Place to) {
  if (to.in_memory) code_->local_get(to.base);
}

void Translator::end_store(Place to, FlatType type, Opcode store) {
  if (to.in_memory) {
    code_->access(store, writer_.memory(*to_.memory), to.offset);
    return;
  }
  coerce_to(type, to.slots[0].type);
  code_->local_set(to.slots[0].local);
}

void Translator::value(ValType type, Place from, Place to) {
  writer_.nodes++;
  if (++nodes_ > limits::max_adapter_nodes) is_too_large_ = true;
  if (is_too_large_) return;
  const Type* definition = types_.defined(type);
  if (!definition) return primitive(types_.canonical(type).primitive(), from, to);
  std::visit(
      Overloaded{
          [&](const FlagsType& t) { flags(t, from, to); },
          [&](const ListType& t) { list(t.element, from, to); },
          [&](const MapType& t) { list(ValType(t.entry), from, to); },
          [&](const FixedListType& t) { fixed_list(t, from, to); },
          [&](const OwnType& t) {
            handle({{{FlatType::i32}, {FlatType::i32}},
                    TransferOwn{t.resource, from_.instance, to_.instance}},
                   from, to);
          },
          [&](const StreamType& t) { transfer(TransferAsync::Kind::stream, t.payload, from, to); },
          [&](const FutureType& t) { transfer(TransferAsync::Kind::future, t.payload, from, to); },
          [&](const BorrowType& t) {
            handle({{{FlatType::i32}, {FlatType::i32}},
                    TransferBorrow{t.resource, from_.instance, to_.instance,
                                   std::exchange(enters_call_, false)}},
                   from, to);
          },
          [&](const auto&) {
            Parts parts = parts_of(*definition);
            parts.cases.empty() ? record(parts.fields, from, to) : variant(parts.cases, from, to);
          },
      },
      *definition);
}

void Translator::primitive(Primitive primitive, Place from, Place to) {
  if (primitive == Primitive::string) return string(from, to);
  if (primitive == Primitive::error_context)
    return transfer(TransferAsync::Kind::error_context, std::nullopt, from, to);
  Scalar scalar = scalar_of(primitive);
  begin_store(to);
  push(from, scalar.flat, scalar.load);
  switch (primitive) {
    case Primitive::bool_: code_->i32_const(0).op(Opcode::i32_ne); break;
    // Values out of memory have their width already.
    case Primitive::u8:
      if (!from.in_memory) code_->i32_const(0xff).op(Opcode::i32_and);
      break;
    case Primitive::u16:
      if (!from.in_memory) code_->i32_const(0xffff).op(Opcode::i32_and);
      break;
    case Primitive::s8:
      if (!from.in_memory) code_->op(Opcode::i32_extend8_s);
      break;
    case Primitive::s16:
      if (!from.in_memory) code_->op(Opcode::i32_extend16_s);
      break;
    case Primitive::char_: {
      // canon: convert_i32_to_char
      Scratch c(code_, Core::i32);
      code_->local_tee(c).i32_const(0x110000).op(Opcode::i32_ge_u);
      code_->local_get(c).i32_const(static_cast<int32_t>(0xfffff800)).op(Opcode::i32_and);
      code_->i32_const(0xd800).op(Opcode::i32_eq).op(Opcode::i32_or);
      code_.trap_if(AdapterTrap::invalid_char);
      code_->local_get(c);
      break;
    }
    default: break;
  }
  end_store(to, scalar.flat, scalar.store);
}

// canon: load_flags, lift_flat_flags. Bits without a name are dropped.
void Translator::flags(const FlagsType& flags, Place from, Place to) {
  auto bytes = static_cast<uint32_t>(abi::flags_layout(flags.names.size()).size);
  uint32_t mask = flags.names.size() >= 32 ? UINT32_MAX : (uint32_t{1} << flags.names.size()) - 1;
  begin_store(to);
  push(from, FlatType::i32, load_of_size(bytes));
  code_->i32_const(static_cast<int32_t>(mask)).op(Opcode::i32_and);
  end_store(to, FlatType::i32, store_of_size(bytes));
}

void Translator::record(std::span<const ValType> fields, Place from, Place to) {
  Layout in_source, in_destination;
  uint32_t slot = 0;
  for (ValType field : fields) {
    auto source = static_cast<uint32_t>(in_source.add_field(layout_from(field)));
    auto destination = static_cast<uint32_t>(in_destination.add_field(layout_to(field)));
    value(field, from.part(source, slot), to.part(destination, slot));
    slot += types_.info(field).flat.count;
  }
}

// canon: load_variant, lift_flat_variant, and their opposites
void Translator::variant(std::span<const std::optional<ValType>> cases_in, Place from, Place to) {
  auto payload_offset = [&](const Options& side) {
    return static_cast<uint32_t>(variant_layout(types_, cases_in, side.pointer).payload_offset);
  };
  uint32_t bytes = abi::discriminant_size(cases_in.size());
  Scratch discriminant(code_, Core::i32);
  push(from, FlatType::i32, load_of_size(bytes));
  code_->local_tee(discriminant)
      .i32_const(static_cast<int32_t>(cases_in.size()))
      .op(Opcode::i32_ge_u);
  code_.trap_if(AdapterTrap::invalid_discriminant);
  begin_store(to);
  code_->local_get(discriminant);
  end_store(to, FlatType::i32, store_of_size(bytes));
  cases(cases_in, discriminant, from.part(payload_offset(from_), 1),
        to.part(payload_offset(to_), 1));
}

// The payload of the case that was chosen. Flat slots that it does not fill keep the zero they
// start with.
void Translator::cases(std::span<const std::optional<ValType>> cases_in, uint32_t discriminant,
                       Place from, Place to) {
  std::vector<uint32_t> with_payload;
  for (uint32_t i = 0; i < cases_in.size(); i++) {
    if (cases_in[i]) with_payload.push_back(i);
  }
  constexpr size_t few = 3;
  if (with_payload.size() <= few) {
    for (uint32_t i : with_payload) {
      code_->local_get(discriminant).i32_const(static_cast<int32_t>(i)).op(Opcode::i32_eq).if_();
      value(*cases_in[i], from, to);
      code_->end();
    }
    return;
  }
  auto done = code_->block();
  std::vector<wasm::BodyBuilder::Label> starts;
  for (size_t i = 0; i < with_payload.size(); i++) starts.push_back(code_->block());
  // The innermost block was opened last; its end is where the first case starts.
  std::vector<wasm::BodyBuilder::Label> targets(cases_in.size(), done);
  for (size_t i = 0; i < with_payload.size(); i++)
    targets[with_payload[i]] = starts[starts.size() - 1 - i];
  code_->local_get(discriminant).br_table(targets, done);
  for (uint32_t i : with_payload) {
    code_->end();
    value(*cases_in[i], from, to);
    code_->br(done);
  }
  code_->end();
}

}  // namespace tenon::component
