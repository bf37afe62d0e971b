#pragma once

#include <cstdint>

#include "canon/list.h"

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
  Link<TableObject> owned;
};

// The objects of one store. What is left goes with it.
class ObjectPool {
 public:
  explicit ObjectPool(uint32_t max_count) : max_count_(max_count) {}
  ~ObjectPool() {
    while (TableObject* object = objects_.first()) destroy(object);
  }

  // Null when there are too many.
  template <typename T, typename... Args>
  T* make(Args&&... args) {
    if (count_ >= max_count_) return nullptr;
    count_++;
    T* made = new T(static_cast<Args&&>(args)...);
    objects_.add(*made);
    return made;
  }
  void destroy(TableObject* object) {
    objects_.remove(*object);
    count_--;
    delete object;
  }
  uint32_t count() const { return count_; }

 private:
  const uint32_t max_count_;
  uint32_t count_ = 0;
  List<TableObject, &TableObject::owned> objects_;
};

}  // namespace tenon::canon
