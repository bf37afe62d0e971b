#pragma once

#include <string>
#include <vector>

#include "wasm/binary/decode_module.h"
#include "wasm/binary/encode.h"
#include "wasm/validate/module.h"

// What the unit tests of this folder share.
namespace tenon::wasm::testing {

using Bytes = std::vector<uint8_t>;

inline Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline Bytes preamble() {
  return {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00};
}

inline Bytes section(uint8_t id, const Bytes& content) {
  ByteWriter out;
  out.byte(id);
  out.size(content.size());
  out.bytes(content);
  return out.take();
}

// "" when the module is valid, else the error's text without place and context.
inline std::string check(std::span<const uint8_t> bytes,
                         Features features = Features::validated()) {
  auto module = decode_module(bytes, 0, features);
  if (!module) return module.error().message();
  auto valid = validate_module(*module, features);
  return valid ? "" : valid.error().message();
}

// The same for a module of one function. `fill` writes its body.
template <typename Fill>
std::string check_body(std::vector<ValType> params, std::vector<ValType> results, Fill fill,
                       Features features = Features::validated()) {
  ModuleBuilder module;
  FuncIndex function = module.function(module.type(std::move(params), std::move(results)));
  fill(module.body(function));
  return check(module.finish(), features);
}

inline bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace tenon::wasm::testing
