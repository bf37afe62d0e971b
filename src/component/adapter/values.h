#pragma once

#include <span>

#include "component/adapter/module.h"

// Values on their way from one guest to the other: lift_flat or load on one side joined with
// lower_flat or store on the other, without anything in between. A type may have another layout on
// each side, since one memory may have 32-bit addresses and the other 64-bit ones.
namespace tenon::component {

// A flat value in a local. In the payload of a variant the local's type is the join of what the
// cases put there.
struct Slot {
  uint32_t local = 0;
  FlatType type = FlatType::i32;
};

// Where a value is: in locals, or in memory at `offset` from the address in local `base`. The
// memory range was checked when the pointer to it was read.
struct Place {
  bool in_memory = false;
  std::span<const Slot> slots;
  uint32_t base = 0;
  uint32_t offset = 0;

  static Place flat(std::span<const Slot> slots) { return {false, slots, 0, 0}; }
  static Place memory(uint32_t base, uint32_t offset = 0) { return {true, {}, base, offset}; }
  // A part of the value there: so many bytes, or so many slots, behind its start.
  Place part(uint32_t bytes, uint32_t slot) const {
    return in_memory ? memory(base, offset + bytes) : flat(slots.subspan(slot));
  }
};

class Translator {
 public:
  Translator(AdapterWriter& writer, Code& code, const Options& from, const Options& to)
      : writer_(writer), types_(writer.types()), code_(code), from_(from), to_(to) {}

  void value(ValType type, Place from, Place to);
  // canon: load_record, lift_flat_record, and their opposites
  void record(std::span<const ValType> types, Place from, Place to);

  // The value that comes next is a borrow, and enters the call.
  void set_enters_call() { enters_call_ = true; }

  // Whether limits::max_adapter_nodes was met; then the code is not complete.
  bool is_too_large() const { return is_too_large_; }

 private:
  void primitive(Primitive primitive, Place from, Place to);
  void flags(const FlagsType& flags, Place from, Place to);
  void variant(std::span<const std::optional<ValType>> cases, Place from, Place to);
  void cases(std::span<const std::optional<ValType>> cases, uint32_t discriminant, Place from,
             Place to);
  void string(Place from, Place to);
  void list(ValType element, Place from, Place to);
  void fixed_list(const FixedListType& type, Place from, Place to);
  Layout layout_from(ValType type) const { return types_.layout(type, from_.pointer); }
  Layout layout_to(ValType type) const { return types_.layout(type, to_.pointer); }
  // Pushes the pointer or length, which are alike, that is at `from`; writes the one in a local.
  void push_pointer(Place from);
  void store_pointer(Place to, uint32_t local);

  void copy_elements(ValType element, uint32_t source, uint32_t destination, uint32_t length);
  void elements(ValType element, uint32_t source, uint32_t destination, uint32_t length);
  void handle(Trampoline transfer, Place from, Place to);
  void transfer(TransferAsync::Kind kind, std::optional<ValType> payload, Place from, Place to);

  // Pushes a value read from a place, as a core value of `type`.
  void push(Place from, FlatType type, Opcode load);
  // Opens a write to a place, and ends it with the value on the stack.
  void begin_store(Place to);
  void end_store(Place to, FlatType type, Opcode store);
  void coerce_from(FlatType have, FlatType want);
  void coerce_to(FlatType have, FlatType want);
  // The second half of a pair of pointers.
  static Place second(Place place, const Options& side) {
    return place.part(abi::pointer_size(side.pointer), 1);
  }

  AdapterWriter& writer_;
  const ComponentTypes& types_;
  Code& code_;
  const Options& from_;
  const Options& to_;
  uint32_t nodes_ = 0;
  bool is_too_large_ = false;
  bool enters_call_ = false;
};

}  // namespace tenon::component
