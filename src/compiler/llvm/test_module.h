#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/types.h"

// For tests: writes small core modules in the binary format.
namespace tenon::compiler::llvm_tier {

using Bytes = std::vector<uint8_t>;

inline void append(Bytes& to, const Bytes& from) {
  to.insert(to.end(), from.begin(), from.end());
}

inline Bytes leb(uint64_t value) {
  Bytes bytes;
  do {
    bytes.push_back(static_cast<uint8_t>((value & 0x7f) | (value > 0x7f ? 0x80 : 0)));
    value >>= 7;
  } while (value != 0);
  return bytes;
}

inline Bytes signed_leb(int64_t value) {
  Bytes bytes;
  for (;;) {
    auto low = static_cast<uint8_t>(value & 0x7f);
    value >>= 7;
    bool last = (value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0);
    bytes.push_back(static_cast<uint8_t>(low | (last ? 0 : 0x80)));
    if (last) return bytes;
  }
}

// Instructions one after another: bytes as they are, and numbers that need encoding.
class Code {
 public:
  Code() = default;
  Code(std::initializer_list<int> bytes) { op(bytes); }
  Code& op(std::initializer_list<int> bytes) {
    for (int byte : bytes) bytes_.push_back(static_cast<uint8_t>(byte));
    return *this;
  }
  Code& index(int opcode, uint64_t index) {
    bytes_.push_back(static_cast<uint8_t>(opcode));
    append(bytes_, leb(index));
    return *this;
  }
  Code& i32(int64_t value) {
    bytes_.push_back(0x41);
    append(bytes_, signed_leb(value));
    return *this;
  }
  // A constant of the type whose bits repeat `value`.
  Code& constant(wasm::ValType type, uint32_t value);
  Code& add(const Code& other) {
    append(bytes_, other.bytes_);
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

inline uint8_t type_byte(wasm::ValType type) {
  switch (type.kind()) {
    case wasm::ValType::i32: return 0x7f;
    case wasm::ValType::i64: return 0x7e;
    case wasm::ValType::f32: return 0x7d;
    case wasm::ValType::f64: return 0x7c;
    case wasm::ValType::v128: return 0x7b;
    default: return type == wasm::ValType::externref() ? 0x6f : 0x70;
  }
}

inline Code& Code::constant(wasm::ValType type, uint32_t value) {
  auto word = [&] {
    for (int shift : {0, 8, 16, 24}) bytes_.push_back(static_cast<uint8_t>(value >> shift));
  };
  switch (type.kind()) {
    case wasm::ValType::i32: return i32(static_cast<int32_t>(value));
    case wasm::ValType::i64:
      bytes_.push_back(0x42);
      append(bytes_, signed_leb(static_cast<int64_t>(uint64_t{value} << 32 | value)));
      return *this;
    case wasm::ValType::f32:
      bytes_.push_back(0x43);
      word();
      return *this;
    case wasm::ValType::f64:
      bytes_.push_back(0x44);
      word();
      word();
      return *this;
    case wasm::ValType::v128:
      bytes_.insert(bytes_.end(), {0xfd, 0x0c});
      for (int i = 0; i < 4; ++i) word();
      return *this;
    default: return op({0xd0, type_byte(type)});
  }
}

class ModuleWriter {
 public:
  using Types = std::vector<wasm::ValType>;

  uint32_t type(const Types& params, const Types& results) {
    Bytes entry{0x60};
    for (const Types* list : {&params, &results}) {
      append(entry, leb(list->size()));
      for (wasm::ValType item : *list) entry.push_back(type_byte(item));
    }
    auto found = std::find(types_.begin(), types_.end(), entry);
    if (found == types_.end()) found = types_.insert(found, entry);
    return static_cast<uint32_t>(found - types_.begin());
  }
  // `locals` beyond the parameters; the body's `end` is added.
  uint32_t function(const Types& params, const Types& results, const Types& locals,
                    const Code& code) {
    functions_.push_back(leb(type(params, results)));
    Bytes body = leb(locals.size());
    for (wasm::ValType local : locals) append(body, {1, type_byte(local)});
    append(body, code.bytes());
    body.push_back(0x0b);
    bodies_.push_back(leb(body.size()));
    append(bodies_.back(), body);
    return static_cast<uint32_t>(functions_.size()) - 1;
  }
  // One memory of 64 KiB pages, and one table of functions with all of `elements`.
  void memory(uint32_t pages) { memory_pages_ = pages; }
  void table(std::vector<uint32_t> elements) { elements_ = std::move(elements); }
  // A mutable i32.
  void global(int32_t value) { globals_.push_back(value); }

  Bytes bytes() const {
    Bytes module{0, 'a', 's', 'm', 1, 0, 0, 0};
    list(module, 1, types_);
    list(module, 3, functions_);
    if (!elements_.empty()) section(module, 4, concat({{1, 0x70, 0}, leb(elements_.size())}));
    if (memory_pages_ != 0) section(module, 5, concat({{1, 0}, leb(memory_pages_)}));
    std::vector<Bytes> globals;
    for (int32_t value : globals_)
      globals.push_back(concat({{0x7f, 1, 0x41}, signed_leb(value), {0x0b}}));
    list(module, 6, globals);
    if (!elements_.empty()) {
      Bytes segment = concat({{1, 0, 0x41, 0, 0x0b}, leb(elements_.size())});
      for (uint32_t function : elements_) append(segment, leb(function));
      section(module, 9, segment);
    }
    list(module, 10, bodies_);
    return module;
  }

 private:
  static Bytes concat(const std::vector<Bytes>& parts) {
    Bytes all;
    for (const Bytes& part : parts) append(all, part);
    return all;
  }
  static void section(Bytes& module, uint8_t id, const Bytes& contents) {
    module.push_back(id);
    append(module, leb(contents.size()));
    append(module, contents);
  }
  static void list(Bytes& module, uint8_t id, const std::vector<Bytes>& items) {
    if (items.empty()) return;
    Bytes contents = leb(items.size());
    for (const Bytes& item : items) append(contents, item);
    section(module, id, contents);
  }

  std::vector<Bytes> types_;
  std::vector<Bytes> functions_;
  std::vector<Bytes> bodies_;
  std::vector<uint32_t> elements_;
  std::vector<int32_t> globals_;
  uint32_t memory_pages_ = 0;
};

}  // namespace tenon::compiler::llvm_tier
