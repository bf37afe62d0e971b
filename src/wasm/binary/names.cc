#include "wasm/binary/names.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace tenon::wasm {

namespace {

constexpr uint8_t module_subsection = 0;
constexpr uint8_t function_subsection = 1;

// Empty where the bytes are no fit name.
std::string_view read_name(ByteReader& in) {
  uint32_t size = in.u32();
  auto bytes = in.bytes(size);
  std::string_view name(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return name.size() <= limits::max_name_bytes && is_utf8(name) ? name : std::string_view();
}

}  // namespace

// wasm: binary-namesec
Names::Names(const Module& module) {
  auto functions = static_cast<uint32_t>(module.functions.size());
  for (const CustomSection& custom : module.customs) {
    if (custom.name != "name") continue;
    read_section(custom.bytes, functions);
    return;
  }
}

void Names::read_section(std::span<const uint8_t> bytes, uint32_t functions) {
  ByteReader in(bytes);
  while (!in.at_end()) {
    uint8_t id = in.byte();
    uint32_t size = in.count();
    auto content = in.bytes(size);
    if (!in.ok()) return;
    if (id == module_subsection) {
      ByteReader name(content);
      module_name_ = read_name(name);
    } else if (id == function_subsection && functions_.empty()) {
      read_functions(content, functions);
    }
  }
}

// wasm: binary-namemap
void Names::read_functions(std::span<const uint8_t> bytes, uint32_t functions) {
  ByteReader in(bytes);
  uint32_t n = in.count();
  // An entry has at least two bytes.
  functions_.reserve(std::min<size_t>(n, bytes.size() / 2));
  uint32_t next = 0;
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    uint32_t index = in.u32();
    std::string_view name = read_name(in);
    if (index < next || index >= functions || name.empty()) continue;
    functions_.push_back({index, name});
    next = index + 1;
  }
}

std::string_view Names::function(FuncIndex function) const {
  auto at = std::ranges::lower_bound(functions_, function.index, {}, &Entry::index);
  return at != functions_.end() && at->index == function.index ? at->name : std::string_view();
}

}  // namespace tenon::wasm
