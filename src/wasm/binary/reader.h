#pragma once

#include <optional>
#include <string>

#include "base/byte_reader.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/opcode.h"

// A ByteReader that knows the types and opcodes of core WebAssembly and which features are on. It
// keeps the first failure of any kind: malformed bytes, or an Error of another code given to
// `refuse`. After a failure it stands at the end and yields zeros.
namespace tenon::wasm {

class Reader : public ByteReader {
 public:
  Reader(std::span<const uint8_t> bytes, uint64_t origin, Features features)
      : ByteReader(bytes, origin), features_(features) {}

  Features features() const { return features_; }
  bool has(Feature feature) const { return features_.has(feature); }

  // The next instruction. On failure: nop.
  [[gnu::always_inline]] Opcode opcode() {
    uint8_t b = byte();
    uint16_t entry = detail::mvp_opcodes[b];
    if (entry != detail::no_opcode) [[likely]]
      return static_cast<Opcode>(entry);
    return other_opcode(b);
  }

  int32_t i32_immediate() {
    uint8_t b = peek();
    if (b < 0x80) return static_cast<int8_t>(byte() << 1) >> 1;
    return s32();
  }

  ValType val_type();               // wasm: binary-valtype
  ValType ref_type();               // wasm: binary-reftype
  HeapType heap_type();             // wasm: binary-heaptype
  FieldType field_type();           // wasm: binary-fieldtype
  FuncType func_type();             // wasm: binary-functype, without the leading byte
  GlobalType global_type();         // wasm: binary-globaltype
  TableType table_type();           // wasm: binary-tabletype
  MemoryType memory_type();         // wasm: binary-memtype
  TagType tag_type();               // wasm: binary-tagtype
  std::string_view bounded_name();  // wasm: binary-name, of at most max_name_bytes
  // wasm: binary-list. A count of at most `limit`; `what` names the elements.
  uint32_t count_to(uint32_t limit, const char* what);
  // Whether `byte` starts a value type.
  static bool starts_val_type(uint8_t byte) {
    return (byte >= 0x69 && byte <= 0x74) || (byte >= 0x7b && byte <= 0x7f) || byte == 0x63 ||
           byte == 0x64;
  }

  // False, and an `unsupported` failure, where the feature is off. `what` uses it.
  bool require(Feature feature, std::string_view what, uint64_t offset);
  // Keeps an error that is not about malformed bytes, unless there is one already.
  void refuse(ErrorCode code, std::string message, uint64_t offset);
  // The kept failure, or success.
  Result<void> status() const;

 private:
  Opcode other_opcode(uint8_t first);
  ValType num_or_ref_type(uint8_t byte, uint64_t start);
  HeapType abstract_heap_type(uint8_t byte, uint64_t start);
  std::vector<ValType> result_type(uint32_t limit, const char* what);
  Limits limits(bool is_memory, MemoryType* memory);

  Features features_;
  std::optional<ErrorCode> code_;  // of a refusal
  std::string refusal_;
  uint64_t refusal_offset_ = 0;
};

// The error for an instruction or type whose feature is off.
std::string unsupported_message(Feature feature, std::string_view what);

}  // namespace tenon::wasm
