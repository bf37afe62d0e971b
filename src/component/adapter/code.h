#pragma once

#include <array>
#include <vector>

#include "component/plan/plan.h"
#include "wasm/binary/encode.h"

// The body of one adapter function while it is written: instructions, scratch locals, traps.
namespace tenon::component {

using wasm::FuncIndex;
using wasm::MemoryIndex;
using wasm::Opcode;
using Core = wasm::ValType;

// The local type of a flat value.
constexpr Core::Kind kind_of(FlatType type) {
  constexpr Core::Kind kinds[] = {Core::i32, Core::i64, Core::f32, Core::f64};
  return kinds[static_cast<int>(type)];
}

class Code {
 public:
  Code(wasm::BodyBuilder& body, FuncIndex trap) : body_(body), trap_(trap) {}

  wasm::BodyBuilder& operator*() { return body_; }
  wasm::BodyBuilder* operator->() { return &body_; }

  // Pops an i32 and traps when it is not zero.
  void trap_if(AdapterTrap trap) {
    body_.if_();
    this->trap(trap);
    body_.end();
  }
  void trap(AdapterTrap trap) { cause(trap).call(trap_).unreachable(); }
  // Pushes what to trap with, for a function that takes it.
  wasm::BodyBuilder& cause(AdapterTrap trap) { return body_.i32_const(static_cast<int32_t>(trap)); }

  // A constant that is a pointer or what pointers are added to.
  wasm::BodyBuilder& pointer_const(FlatType pointer, uint32_t value) {
    if (pointer == FlatType::i64) return body_.i64_const(value);
    return body_.i32_const(static_cast<int32_t>(value));
  }
  wasm::BodyBuilder& pointer_add(FlatType pointer) {
    return body_.op(pointer == FlatType::i64 ? Opcode::i64_add : Opcode::i32_add);
  }
  // Makes an i32 that is on the stack a pointer, without its sign.
  void extend_to(FlatType pointer) {
    if (pointer == FlatType::i64) body_.op(Opcode::i64_extend_i32_u);
  }

  // Pops a length that is a pointer into a local that is an i32. `max` is below 2^32; an i32 is
  // not compared with it.
  void pop_length(FlatType pointer, uint32_t local, uint64_t max, AdapterTrap trap);

  uint32_t acquire(Core::Kind type);
  void release(Core::Kind type, uint32_t local) { free_[type].push_back(local); }

 private:
  wasm::BodyBuilder& body_;
  FuncIndex trap_;
  std::array<std::vector<uint32_t>, 4> free_;
};

// A local for the time of a C++ scope. Its first value is whatever an earlier use left.
class Scratch {
 public:
  Scratch(Code& code, Core::Kind type) : code_(code), type_(type), local_(code.acquire(type)) {}
  ~Scratch() { code_.release(type_, local_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  operator uint32_t() const {
    return local_;
  }  // NOLINT(google-explicit-constructor): stands for the local

 private:
  Code& code_;
  Core::Kind type_;
  uint32_t local_;
};

inline void Code::pop_length(FlatType pointer, uint32_t local, uint64_t max, AdapterTrap trap) {
  if (pointer == FlatType::i64) {
    Scratch wide(*this, Core::i64);
    body_.local_tee(wide).i64_const(static_cast<int64_t>(max)).op(Opcode::i64_gt_u);
    trap_if(trap);
    body_.local_get(wide).op(Opcode::i32_wrap_i64);
  }
  body_.local_set(local);
}

inline uint32_t Code::acquire(Core::Kind type) {
  if (free_[type].empty()) return body_.local(type);
  uint32_t local = free_[type].back();
  free_[type].pop_back();
  return local;
}

}  // namespace tenon::component
