#include "base/limits.h"
#include "component/adapter/values.h"
#include "component/despecialize.h"
#include "component/visit.h"

// Strings and lists as values: a pointer and a length on either side.
namespace tenon::component {

// canon: load_string, store_string
void Translator::string(Place from, Place to) {
  Scratch pointer(code_, Core::i32);
  Scratch length(code_, Core::i32);
  push(from, FlatType::i32, Opcode::i32_load);
  push(second(from), FlatType::i32, Opcode::i32_load);
  code_->call(writer_.string(from_, to_)).local_set(length).local_set(pointer);
  begin_store(to);
  code_->local_get(pointer);
  end_store(to, FlatType::i32, Opcode::i32_store);
  begin_store(second(to));
  code_->local_get(length);
  end_store(second(to), FlatType::i32, Opcode::i32_store);
}

// canon: load_list_from_range, store_list_into_range
void Translator::list(ValType element, Place from, Place to) {
  Layout layout = types_.layout(element);
  Scratch source(code_, Core::i32);
  Scratch length(code_, Core::i32);
  Scratch destination(code_, Core::i32);
  push(from, FlatType::i32, Opcode::i32_load);
  code_->local_set(source);
  push(second(from), FlatType::i32, Opcode::i32_load);
  code_->local_set(length);
  {
    Scratch bytes(code_, Core::i64);
    code_->local_get(length)
        .op(Opcode::i64_extend_i32_u)
        .i64_const(static_cast<int64_t>(layout.size))
        .op(Opcode::i64_mul)
        .local_tee(bytes);
    code_->i64_const(static_cast<int64_t>(limits::max_list_bytes)).op(Opcode::i64_gt_u);
    code_.trap_if(AdapterTrap::list_too_long);
    code_->local_get(source).local_get(bytes).i32_const(static_cast<int32_t>(layout.alignment - 1));
    code_.cause(AdapterTrap::list_out_of_bounds).call(writer_.range_check(*from_.memory));
    code_->i32_const(0).i32_const(0).i32_const(static_cast<int32_t>(layout.alignment));
    code_->local_get(bytes).op(Opcode::i32_wrap_i64);
    code_.cause(AdapterTrap::list_out_of_bounds).call(writer_.realloc(to_)).local_set(destination);
  }
  begin_store(to);
  code_->local_get(destination);
  end_store(to, FlatType::i32, Opcode::i32_store);
  begin_store(second(to));
  code_->local_get(length);
  end_store(second(to), FlatType::i32, Opcode::i32_store);
  copy_elements(element, source, destination, length);
}

// canon: load_list, store_list, lift_flat_list, lower_flat_list with a length. Where either side is
// flat there are few elements.
void Translator::fixed_list(const FixedListType& type, Place from, Place to) {
  TypeInfo info = types_.info(type.element);
  constexpr uint32_t few = 4;
  if (!from.in_memory || !to.in_memory || type.length <= few) {
    for (uint32_t i = 0; i < type.length; i++) {
      uint32_t bytes = i * static_cast<uint32_t>(info.layout.size), slot = i * info.flat.count;
      value(type.element, from.part(bytes, slot), to.part(bytes, slot));
    }
    return;
  }
  Scratch source(code_, Core::i32);
  Scratch destination(code_, Core::i32);
  Scratch length(code_, Core::i32);
  auto set_address = [&](uint32_t local, const Place& place) {
    code_->local_get(place.base).i32_const(static_cast<int32_t>(place.offset));
    code_->op(Opcode::i32_add).local_set(local);
  };
  set_address(source, from);
  set_address(destination, to);
  code_->i32_const(static_cast<int32_t>(type.length)).local_set(length);
  copy_elements(type.element, source, destination, length);
}

// Both ranges are checked. The locals given are used up.
void Translator::copy_elements(ValType element, uint32_t source, uint32_t destination,
                               uint32_t length) {
  if (!is_plain(types_, element)) return elements(element, source, destination, length);
  code_->local_get(destination).local_get(source).local_get(length);
  code_->i32_const(static_cast<int32_t>(types_.layout(element).size)).op(Opcode::i32_mul);
  code_->memory_copy(writer_.memory(*to_.memory), writer_.memory(*from_.memory));
}

void Translator::elements(ValType element, uint32_t source, uint32_t destination, uint32_t length) {
  int32_t size = static_cast<int32_t>(types_.layout(element).size);
  auto done = code_->block();
  auto next = code_->loop();
  code_->local_get(length).op(Opcode::i32_eqz).br_if(done);
  value(element, Place::memory(source), Place::memory(destination));
  for (uint32_t cursor : {source, destination}) {
    code_->local_get(cursor).i32_const(size).op(Opcode::i32_add).local_set(cursor);
  }
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
