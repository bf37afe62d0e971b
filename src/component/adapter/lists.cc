#include "base/limits.h"
#include "component/adapter/values.h"
#include "component/despecialize.h"
#include "component/visit.h"

// Strings and lists as values: a pointer and a length on either side.
namespace tenon::component {

// canon: load_string, store_string
void Translator::string(Place from, Place to) {
  Scratch pointer(code_, kind_of(to_.pointer));
  Scratch length(code_, kind_of(to_.pointer));
  push_pointer(from);
  push_pointer(second(from, from_));
  code_->call(writer_.string(from_, to_)).local_set(length).local_set(pointer);
  store_pointer(to, pointer);
  store_pointer(second(to, to_), length);
}

void Translator::push_pointer(Place from) {
  push(from, from_.pointer, from_.pointer == FlatType::i64 ? Opcode::i64_load : Opcode::i32_load);
}
void Translator::store_pointer(Place to, uint32_t local) {
  begin_store(to);
  code_->local_get(local);
  end_store(to, to_.pointer, to_.pointer == FlatType::i64 ? Opcode::i64_store : Opcode::i32_store);
}

// canon: load_list_from_range, store_list_into_range
void Translator::list(ValType element, Place from, Place to) {
  Layout in_source = layout_from(element), in_destination = layout_to(element);
  Scratch source(code_, kind_of(from_.pointer));
  Scratch length(code_, Core::i32);
  Scratch destination(code_, kind_of(to_.pointer));
  push_pointer(from);
  code_->local_set(source);
  push_pointer(second(from, from_));
  code_.pop_length(from_.pointer, length, limits::max_list_bytes, AdapterTrap::list_too_long);
  {
    Scratch bytes(code_, Core::i64);
    code_->local_get(length)
        .op(Opcode::i64_extend_i32_u)
        .i64_const(static_cast<int64_t>(in_source.size))
        .op(Opcode::i64_mul)
        .local_tee(bytes);
    code_->i64_const(static_cast<int64_t>(limits::max_list_bytes)).op(Opcode::i64_gt_u);
    code_.trap_if(AdapterTrap::list_too_long);
    code_->local_get(source).local_get(bytes);
    code_->i32_const(static_cast<int32_t>(in_source.alignment - 1));
    code_.cause(AdapterTrap::list_out_of_bounds).call(writer_.range_check(from_));
  }
  // At most twice what it was.
  code_.pointer_const(to_.pointer, 0).i32_const(0);
  code_->i32_const(static_cast<int32_t>(in_destination.alignment));
  code_->local_get(length).i32_const(static_cast<int32_t>(in_destination.size)).op(Opcode::i32_mul);
  code_.cause(AdapterTrap::list_out_of_bounds).call(writer_.realloc(to_)).local_set(destination);
  // What realloc returned may overlap anything: the elements come first.
  Scratch next(code_, kind_of(to_.pointer));
  Scratch left(code_, Core::i32);
  code_->local_get(destination).local_set(next).local_get(length).local_set(left);
  copy_elements(element, source, next, left);
  store_pointer(to, destination);
  begin_store(second(to, to_));
  code_->local_get(length);
  code_.extend_to(to_.pointer);
  end_store(second(to, to_), to_.pointer,
            to_.pointer == FlatType::i64 ? Opcode::i64_store : Opcode::i32_store);
}

// canon: load_list, store_list, lift_flat_list, lower_flat_list with a length. Where either side is
// flat there are few elements.
void Translator::fixed_list(const FixedListType& type, Place from, Place to) {
  auto source_size = static_cast<uint32_t>(layout_from(type.element).size);
  auto destination_size = static_cast<uint32_t>(layout_to(type.element).size);
  uint32_t slots = types_.info(type.element).flat.count;
  constexpr uint32_t few = 4;
  if (!from.in_memory || !to.in_memory || type.length <= few) {
    for (uint32_t i = 0; i < type.length; i++) {
      value(type.element, from.part(i * source_size, i * slots),
            to.part(i * destination_size, i * slots));
    }
    return;
  }
  Scratch source(code_, kind_of(from_.pointer));
  Scratch destination(code_, kind_of(to_.pointer));
  Scratch length(code_, Core::i32);
  auto set_address = [&](uint32_t local, const Place& place, const Options& side) {
    code_->local_get(place.base);
    code_.pointer_const(side.pointer, place.offset);
    code_.pointer_add(side.pointer).local_set(local);
  };
  set_address(source, from, from_);
  set_address(destination, to, to_);
  code_->i32_const(static_cast<int32_t>(type.length)).local_set(length);
  copy_elements(type.element, source, destination, length);
}

// Both ranges are checked. The locals given are used up.
void Translator::copy_elements(ValType element, uint32_t source, uint32_t destination,
                               uint32_t length) {
  if (!is_plain(types_, element)) return elements(element, source, destination, length);
  code_->local_get(destination).local_get(source).local_get(length);
  code_->i32_const(static_cast<int32_t>(layout_from(element).size)).op(Opcode::i32_mul);
  // wasm: valid-memory.copy. The length is an i64 where both addresses are.
  if (from_.pointer == to_.pointer) code_.extend_to(to_.pointer);
  code_->memory_copy(writer_.memory(*to_.memory), writer_.memory(*from_.memory));
}

void Translator::elements(ValType element, uint32_t source, uint32_t destination, uint32_t length) {
  auto advance = [&](uint32_t cursor, const Options& side, Layout layout) {
    code_->local_get(cursor);
    code_.pointer_const(side.pointer, static_cast<uint32_t>(layout.size));
    code_.pointer_add(side.pointer).local_set(cursor);
  };
  auto done = code_->block();
  auto next = code_->loop();
  code_->local_get(length).op(Opcode::i32_eqz).br_if(done);
  value(element, Place::memory(source), Place::memory(destination));
  advance(source, from_, layout_from(element));
  advance(destination, to_, layout_to(element));
  code_->local_get(length).i32_const(1).op(Opcode::i32_sub).local_set(length).br(next);
  code_->end().end();
}

// canon: lift_own, lower_own, lift_borrow, lower_borrow
void Translator::handle(Trampoline transfer, Place from, Place to) {
  begin_store(to);
  push(from, FlatType::i32, Opcode::i32_load);
  code_->call(writer_.trampoline(std::move(transfer)));
  end_store(to, FlatType::i32, Opcode::i32_store);
}

// canon: lift_async_value, and its opposite
void Translator::transfer(TransferAsync::Kind kind, std::optional<ValType> payload, Place from,
                          Place to) {
  handle({{{FlatType::i32}, {FlatType::i32}},
          TransferAsync{kind, payload, from_.instance, to_.instance}},
         from, to);
}

}  // namespace tenon::component
