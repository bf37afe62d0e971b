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

inline uint32_t Code::acquire(Core::Kind type) {
  if (free_[type].empty()) return body_.local(type);
  uint32_t local = free_[type].back();
  free_[type].pop_back();
  return local;
}

}  // namespace tenon::component
