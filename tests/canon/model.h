#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// The part of the Canonical ABI that is about values, written once more from its specification
// alone: despecialized types, memories of either address size, and no regard to speed. What the
// library does is compared with it. A trap is remembered, and what follows it means nothing.
namespace model {

// canon: Despecialization
enum class Kind : uint8_t {
  bool_,
  s8,
  u8,
  s16,
  u16,
  s32,
  u32,
  s64,
  u64,
  f32,
  f64,
  char_,
  string,
  list,
  record,
  variant,
  flags,
};
// How a record, variant or list was written before that.
enum class Form : uint8_t { plain, tuple, enum_, option, result, map };

struct Type;
using TypeRef = std::shared_ptr<const Type>;
struct Type {
  Kind kind = Kind::bool_;
  Form form = Form::plain;
  // list: the element; record: the fields; variant: what the cases carry, null for nothing
  std::vector<TypeRef> parts;
  uint32_t labels = 0;             // flags
  std::optional<uint32_t> length;  // list
};

// How a string was encoded where it was lifted: of a guest with latin1+utf16 one of the last two.
enum class Source : uint8_t { utf8, utf16, latin1, compact_utf16 };

struct Value {
  uint64_t bits = 0;    // scalars (signed ones extended), the number of a case, flags
  std::u32string text;  // string
  Source source = Source::utf8;
  std::vector<Value> parts;  // of a list or record; of a variant what its case carries, if anything
  friend bool operator==(const Value&, const Value&) = default;
};

enum class Core : uint8_t { i32, i64, f32, f64 };
enum class Encoding : uint8_t { utf8, utf16, latin1_utf16 };

// The conditions that trap, of traps.def.
enum class TrapIf : uint8_t {
#define TRAP(name) name,
#include "tests/canon/traps.def"
#undef TRAP
};
constexpr const char* trap_names[] = {
#define TRAP(name) #name,
#include "tests/canon/traps.def"
#undef TRAP
};

// canon: LiftLowerContext, with a guest that is memory and a realloc.
class Guest {
 public:
  // Nothing: realloc trapped.
  using Realloc = std::function<std::optional<uint64_t>(uint64_t old, uint64_t old_size,
                                                        uint64_t alignment, uint64_t new_size)>;

  std::vector<uint8_t> memory;
  uint32_t pointer_size = 4;
  Encoding encoding = Encoding::utf8;
  bool keeps_nan_bits = false;  // canon: maybe_scramble_nan leaves the choice
  Realloc realloc;
  std::optional<TrapIf> trapped;  // by what

  uint64_t alignment(const Type& type) const;
  uint64_t elem_size(const Type& type) const;
  std::vector<Core> flatten(const Type& type) const;

  Value load(const Type& type, uint64_t pointer);
  void store(const Type& type, const Value& value, uint64_t pointer);
  Value lift_flat(const Type& type, const std::vector<Core>& have, const uint64_t*& values);
  std::vector<uint64_t> lower_flat(const Type& type, const Value& value);

  // canon: lift_flat_values, lower_flat_values
  std::vector<Value> lift_values(size_t max_flat, const std::vector<TypeRef>& types,
                                 const std::vector<uint64_t>& flat);
  std::vector<uint64_t> lower_values(size_t max_flat, const std::vector<TypeRef>& types,
                                     const std::vector<Value>& values);

 private:
  struct Range {
    uint64_t pointer = 0;
    uint64_t length = 0;
  };
  void trap_if(bool condition, TrapIf what) {
    if (condition && !trapped) trapped = what;
  }
  Core pointer_type() const { return pointer_size == 8 ? Core::i64 : Core::i32; }
  uint64_t tag() const { return uint64_t{1} << (pointer_size * 8 - 1); }
  uint64_t load_int(uint64_t pointer, uint64_t bytes) const;
  void store_int(uint64_t value, uint64_t pointer, uint64_t bytes);
  // canon: reallocate, and the checks that follow each use of it; `use` is the first of the two.
  uint64_t reallocate(TrapIf use, uint64_t old, uint64_t old_size, uint64_t alignment,
                      uint64_t new_size);
  void put(uint64_t pointer, const std::vector<uint8_t>& bytes, size_t from = 0);

  Value scalar(Kind kind, uint64_t bits);
  Value load_string(Range range);
  Range store_string(const Value& value);
  Range store_string_copy(const std::vector<uint8_t>& encoded, uint64_t alignment, uint64_t units);
  Range store_string_to_utf8(const std::u32string& text, uint64_t code_units, uint64_t worst_case);
  Range store_utf8_to_utf16(const std::u32string& text, uint64_t code_units);
  Range store_to_latin1_or_utf16(const std::u32string& text, uint64_t code_units);
  Range store_probably_utf16(const std::u32string& text, uint64_t code_units);
  Value load_list(const Type& type, Range range);
  Range store_list(const Type& type, const Value& value);
  Value load_elements(const Type& element, uint64_t pointer, uint64_t count);
  void store_elements(const Type& element, const std::vector<Value>& items, uint64_t pointer);
  uint64_t max_case_alignment(const Type& type) const;
};

// canon: elem_size(discriminant_type(cases)), elem_size_flags
uint64_t discriminant_size(const Type& variant);
uint64_t flags_size(uint32_t labels);

std::vector<uint8_t> encode_utf8(const std::u32string& text);
std::vector<uint8_t> encode_utf16(const std::u32string& text);

}  // namespace model
