#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/result.h"
#include "compiler/gc_layout.h"
#include "runtime/gc/stable_array.h"

// What the collector knows of each type of object, by engine-wide type id: its size, and which of
// its words are references. Added by the owner of the ids (see CastRows for when); shared by the
// heaps of all stores. An exception has the id of its tag's function type.
namespace tenon::runtime {

struct ObjectType {
  enum class Kind : uint8_t { none, fixed, array };  // fixed: structs, exceptions, externs

  Kind kind = Kind::none;
  bool holds_references = false;
  uint32_t size = 0;             // fixed: of an object; array: where the elements begin
  uint32_t element_size = 0;     // array
  uint32_t far_count = 0;        // fixed: references that near_references has no bit for
  uint64_t near_references = 0;  // fixed: bit i is the word at near_begin + 4 * i
  const uint32_t* far_references = nullptr;  // offsets

  static constexpr uint32_t near_begin = sizeof(compiler::ObjectHeader);
  static constexpr uint32_t near_end = near_begin + 64 * sizeof(compiler::GcRef);
};

class ObjectTypes {
 public:
  // For ids below `capacity`.
  static Result<ObjectTypes> create(uint32_t capacity);

  // So that adding any id below `count` cannot fail.
  Result<void> make_room(uint64_t count) { return types_.grow(count); }
  Result<void> add_struct(uint32_t id, const compiler::StructLayout& layout);
  Result<void> add_array(uint32_t id, const compiler::ArrayLayout& layout);

  const ObjectType& operator[](uint32_t id) const { return types_[id]; }
  const ObjectType* data() const { return types_.data(); }
  // For the owner of the ids.
  bool contains(uint32_t id) const {
    return id < types_.size() && types_[id].kind != ObjectType::Kind::none;
  }

 private:
  Result<ObjectType*> place(uint32_t id);

  StableArray<ObjectType> types_;
  std::deque<std::vector<uint32_t>> far_references_;
};

// An object of the host, as it lies in the heap.
struct ExternObject {
  compiler::ObjectHeader header;
  uint32_t index;  // in ExternTable
  uint32_t unused;
};
static_assert(sizeof(ExternObject) == 16);

}  // namespace tenon::runtime
