#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "canon/list.h"
#include "os/sanitize.h"

// What instances have in their tables beside resources, and what belongs to it: waitables, waitable
// sets, error contexts; tasks and threads. A store owns all of them, and counts them.
namespace tenon::canon {

enum class ObjectKind : uint8_t {
  readable_stream,
  writable_stream,
  readable_future,
  writable_future,
  subtask,
  waitable_set,
  error_context,
  other,  // never in a table
};

class TableObject {
 public:
  explicit TableObject(ObjectKind object_kind) : kind(object_kind) {}
  TableObject(const TableObject&) = delete;
  TableObject& operator=(const TableObject&) = delete;
  virtual ~TableObject() = default;

  const ObjectKind kind;
  uint16_t bytes = 0;  // that the pool has given it
  Link<TableObject> owned;
};

// The objects of one store. What is left goes with it. Calls make and drop the same kinds of object
// again and again: a little of their memory is kept for that.
class ObjectPool {
 public:
  explicit ObjectPool(uint32_t max_count) : max_count_(max_count) {}
  ObjectPool(const ObjectPool&) = delete;
  ObjectPool& operator=(const ObjectPool&) = delete;
  ~ObjectPool() {
    while (TableObject* object = objects_.first()) destroy(object);
    for (Kept& kept : kept_) {
      while (kept.count > 0) ::operator delete(kept.blocks[--kept.count]);
    }
  }

  // Null when there are too many.
  template <typename T, typename... Args>
  T* make(Args&&... args) {
    static_assert(sizeof(T) <= max_bytes && alignof(T) <= alignof(std::max_align_t));
    if (count_ >= max_count_) return nullptr;
    count_++;
    T* made = new (take_block(sizeof(T))) T(static_cast<Args&&>(args)...);
    made->bytes = sizeof(T);
    objects_.add(*made);
    return made;
  }
  void destroy(TableObject* object) {
    objects_.remove(*object);
    count_--;
    uint32_t bytes = object->bytes;
    object->~TableObject();
    give_block(object, bytes);
  }
  uint32_t count() const { return count_; }

 private:
  static constexpr uint32_t granule = 64, max_bytes = 1024, max_kept = 8;
  struct Kept {
    void* blocks[max_kept];
    uint32_t count = 0;
  };
  static uint32_t class_of(uint32_t bytes) { return (bytes - 1) / granule; }

  void* take_block(uint32_t bytes) {
    Kept& kept = kept_[class_of(bytes)];
    if (kept.count > 0) return kept.blocks[--kept.count];
    return ::operator new((class_of(bytes) + 1) * granule);
  }
  // The address sanitizer sees the use of what is gone only where nothing is kept.
  void give_block(void* block, uint32_t bytes) {
    Kept& kept = kept_[class_of(bytes)];
    if (TENON_ADDRESS_SANITIZER || kept.count == max_kept) {
      ::operator delete(block);
    } else {
      kept.blocks[kept.count++] = block;
    }
  }

  const uint32_t max_count_;
  uint32_t count_ = 0;
  List<TableObject, &TableObject::owned> objects_;
  Kept kept_[max_bytes / granule] = {};
};

}  // namespace tenon::canon
