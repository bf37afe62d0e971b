#include "wasm/binary/reader.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "wasm/binary/codes.h"
#include "wasm/heap_types.h"

namespace tenon::wasm {

std::string unsupported_message(Feature feature, std::string_view what) {
  const char* state = Features::validated().has(feature) ? "is switched off" : "is not supported";
  return fmt::format("{} needs the {} feature, which {}", what, feature_name(feature), state);
}

bool Reader::require(Feature feature, std::string_view what, uint64_t offset) {
  if (has(feature)) return true;
  refuse(ErrorCode::unsupported, unsupported_message(feature, what), offset);
  return false;
}

void Reader::refuse(ErrorCode code, std::string message, uint64_t offset) {
  if (!ok()) return;
  code_ = code;
  refusal_ = std::move(message);
  refusal_offset_ = offset;
  fail_at("refused", offset);
}

Result<void> Reader::status() const {
  if (!code_) return ByteReader::status();
  return std::unexpected(Error(*code_, refusal_).at(refusal_offset_));
}

Opcode Reader::other_opcode(uint8_t first) {
  if (!ok()) return Opcode::nop;
  uint64_t start = offset() - 1;
  uint32_t number = is_prefix(first) ? u32() : 0;
  auto op = is_prefix(first) ? find_opcode(first, number) : find_opcode(first);
  if (!ok()) return Opcode::nop;
  if (op && has(info(*op).feature)) return *op;
  if (op) {
    require(info(*op).feature, fmt::format("`{}`", info(*op).text), start);
  } else if (auto feature = feature_of_unknown(first)) {
    require(*feature, fmt::format("opcode {:#04x}", first), start);
  } else {
    std::string code = is_prefix(first) ? fmt::format("{:02x} {:02x}", first, number)
                                        : fmt::format("{:02x}", first);
    refuse(ErrorCode::malformed, "illegal opcode " + code, start);
  }
  return Opcode::nop;
}

HeapType Reader::abstract_heap_type(uint8_t byte, uint64_t start) {
  const AbstractHeapType* known = find_abstract_heap_type(byte);
  if (!known) {
    fail_at("malformed reference type", start);
    return HeapType::func;
  }
  require(known->feature, "this reference type", start);
  return known->type;
}

HeapType Reader::heap_type() {
  uint64_t start = offset();
  uint8_t first = peek();
  if (find_abstract_heap_type(first)) return abstract_heap_type(byte(), start);
  int64_t index = s33();
  if (!ok()) return HeapType::func;
  if (index < 0) {
    fail_at("malformed heap type", start);
    return HeapType::func;
  }
  if (!require(Feature::function_references, "a reference to a defined type", start))
    return HeapType::func;
  if (index >= limits::max_types) {
    refuse(ErrorCode::invalid, fmt::format("unknown type {}", index), start);
    return HeapType::func;
  }
  return HeapType(TypeIndex(static_cast<uint32_t>(index)));
}

ValType Reader::num_or_ref_type(uint8_t b, uint64_t start) {
  switch (b) {
    case type_code::i32: return ValType::i32;
    case type_code::i64: return ValType::i64;
    case type_code::f32: return ValType::f32;
    case type_code::f64: return ValType::f64;
    case type_code::v128: require(Feature::simd, "v128", start); return ValType::v128;
    case type_code::ref_null:
    case type_code::ref:
      if (!require(Feature::function_references, "a typed reference", start))
        return ValType::funcref();
      return ValType::reference(heap_type(), b == type_code::ref_null);
    default: return ValType::reference(abstract_heap_type(b, start), true);
  }
}

ValType Reader::val_type() {
  uint64_t start = offset();
  uint8_t b = byte();
  if (!ok()) return ValType::i32;
  if (!starts_val_type(b)) {
    fail_at("malformed value type", start);
    return ValType::i32;
  }
  return num_or_ref_type(b, start);
}

ValType Reader::ref_type() {
  uint64_t start = offset();
  ValType type = val_type();
  if (ok() && !type.is_ref()) fail_at("malformed reference type", start);
  return type.is_ref() ? type : ValType::funcref();
}

FieldType Reader::field_type() {
  FieldType field;
  uint8_t first = peek();
  if (first == type_code::i8 || first == type_code::i16) {
    byte();
    field.type = ValType::i32;
    field.packing = first == type_code::i8 ? FieldType::Packing::i8 : FieldType::Packing::i16;
  } else {
    field.type = val_type();
  }
  uint64_t start = offset();
  uint8_t mutability = byte();
  if (mutability > 1) fail_at("malformed mutability", start);
  field.is_mutable = mutability == 1;
  return field;
}

uint32_t Reader::count_to(uint32_t limit, const char* what) {
  uint64_t start = offset();
  uint32_t n = count();
  if (n <= limit) return n;
  refuse(ErrorCode::limit, fmt::format("{} {}, at most {} are allowed", n, what, limit), start);
  return 0;
}

std::vector<ValType> Reader::result_type(uint32_t limit, const char* what) {
  uint32_t n = count_to(limit, what);
  std::vector<ValType> types;
  types.reserve(n);
  for (uint32_t i = 0; i < n && ok(); ++i) types.push_back(val_type());
  return types;
}

FuncType Reader::func_type() {
  FuncType type;
  type.params = result_type(limits::max_params, "parameters");
  uint64_t start = offset();
  type.results = result_type(limits::max_results, "results");
  if (type.results.size() > 1)
    require(Feature::multi_value, "a function with several results", start);
  return type;
}

GlobalType Reader::global_type() {
  GlobalType type;
  type.type = val_type();
  uint64_t start = offset();
  uint8_t mutability = byte();
  if (mutability > 1) fail_at("malformed mutability", start);
  type.is_mutable = mutability == 1;
  return type;
}

// wasm: binary-limits
Limits Reader::limits(bool is_memory, MemoryType* memory) {
  Limits limits;
  uint64_t start = offset();
  uint8_t flags = byte();
  uint8_t known = is_memory ? 0x0f : 0x05;
  if ((flags & ~known) != 0) {
    fail_at("malformed limits flags", start);
    return limits;
  }
  limits.has_max = (flags & limits_flag::has_max) != 0;
  limits.is_64 = (flags & limits_flag::is_64) != 0;
  if (limits.is_64) require(Feature::memory64, "a 64-bit memory or table", start);
  if (flags & limits_flag::shared) {
    require(Feature::threads, "a shared memory", start);
    memory->is_shared = true;
  }
  if (flags & limits_flag::page_size)
    require(Feature::custom_page_sizes, "a memory with its own page size", start);
  limits.min = u64();
  if (limits.has_max) limits.max = u64();
  if (flags & limits_flag::page_size) {
    uint32_t log2 = u32();
    if (log2 != 0 && log2 != 16) refuse(ErrorCode::invalid, "invalid custom page size", start);
    memory->page_size_log2 = static_cast<uint8_t>(log2);
  }
  return limits;
}

TableType Reader::table_type() {
  TableType type;
  // Older than the feature that has all other reference types.
  if (peek() == describe(HeapType::func).code) {
    byte();
  } else {
    type.element = ref_type();
  }
  type.limits = limits(false, nullptr);
  return type;
}

MemoryType Reader::memory_type() {
  MemoryType type;
  type.limits = limits(true, &type);
  return type;
}

TagType Reader::tag_type() {
  uint64_t start = offset();
  require(Feature::exceptions, "a tag", start);
  if (byte() != 0) fail_at("malformed tag attribute", start);
  return TagType{TypeIndex(u32())};
}

std::string_view Reader::bounded_name() {
  uint64_t start = offset();
  std::string_view text = name();
  if (text.size() <= limits::max_name_bytes) return text;
  refuse(ErrorCode::limit,
         fmt::format("a name of {} bytes, at most {} are allowed", text.size(),
                     limits::max_name_bytes),
         start);
  return {};
}

}  // namespace tenon::wasm
