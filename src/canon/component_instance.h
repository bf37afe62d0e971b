#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "canon/call_scope.h"
#include "canon/table.h"
#include "canon/thread.h"
#include "tenon/abi/context.h"
#include "tenon/abi/resource.h"

// The state of component instances, calls and resources at run time that the Canonical ABI speaks
// of. All of it belongs to one store and its thread.
namespace tenon::canon {

// canon: ResourceHandle; or what else an instance's table holds.
struct Handle {
  const abi::ResourceType* rt = nullptr;
  TableObject* object = nullptr;      // instead of a resource
  CallScope* borrow_scope = nullptr;  // of a borrow: the call that it was lowered for
  uint32_t rep = 0;
  uint32_t num_lends = 0;

  // canon: own, of a resource
  bool is_own() const { return borrow_scope == nullptr; }
  bool is_free() const { return rt == nullptr && object == nullptr; }
  uint32_t next_free() const { return rep; }
  void make_free(uint32_t next) {
    rt = nullptr;
    object = nullptr;
    rep = next;
  }
};
static_assert(sizeof(Handle) == 32);

struct ThreadEntry {
  Thread* thread = nullptr;
  uint32_t next = 0;

  bool is_free() const { return thread == nullptr; }
  uint32_t next_free() const { return next; }
  void make_free(uint32_t hole) {
    thread = nullptr;
    next = hole;
  }
};

// canon: ComponentInstance. Does not move: compiled code holds the addresses of its flags.
class ComponentInstance {
 public:
  // A core global of type (mut i32): 1 is true.
  struct alignas(16) Flag {
    uint32_t value = 1;
    uint32_t unused[3] = {};
  };

  // Its tables take what they grow to off `table_bytes_left`; null: there is no limit.
  explicit ComponentInstance(ComponentInstance* parent_instance,
                             uint64_t* table_bytes_left = nullptr)
      : parent(parent_instance),
        handles(limits::max_handles, table_bytes_left),
        threads(limits::max_handles, table_bytes_left) {}
  ComponentInstance(const ComponentInstance&) = delete;
  ComponentInstance& operator=(const ComponentInstance&) = delete;

  // canon: may_enter_from, enter_from, leave_to. `caller` is null when it is the host.
  bool may_enter_from(const ComponentInstance* caller) const;
  void enter_from(const ComponentInstance* caller) { set_may_enter(caller, 0); }
  void leave_to(const ComponentInstance* caller) { set_may_enter(caller, 1); }

  // Most instances never have more handles at a time.
  using HandleTable = Table<Handle, 16>;

  Flag may_leave;
  Flag may_enter;
  ComponentInstance* const parent;
  HandleTable handles;

  // What only instances with asynchronous functions or built-ins use.
  bool tracks_tasks = false;  // each call of the instance's functions is a task of its own
  Table<ThreadEntry> threads;
  uint32_t backpressure = 0;
  uint32_t num_waiting_to_enter = 0;
  Thread* exclusive_thread = nullptr;
  List<Thread, &Thread::in_instance> waiting;  // for backpressure or exclusive_thread to go

 private:
  bool is_self_or_ancestor_of(const ComponentInstance* other) const;
  void set_may_enter(const ComponentInstance* caller, uint32_t value);
};

// The handle cannot be dropped or passed on until it is given back as often as it was lent.
inline void lend(ComponentInstance& instance, uint32_t handle) {
  if (Handle* found = instance.handles.get(handle)) found->num_lends++;
}
inline void take_back(ComponentInstance& instance, uint32_t handle) {
  // A lent handle cannot have gone.
  if (Handle* found = instance.handles.get(handle)) found->num_lends--;
}

inline void CallScope::return_lent() {
  for (uint32_t i = 0; i < num_lenders; i++)
    take_back(*lenders_.data()[i].instance, lenders_.data()[i].handle);
  num_lenders = 0;
}

// The host's objects that guests own, and those that are lent to a guest. What guests call the
// representation of a resource is an index here.
class ResourceTable {
 public:
  explicit ResourceTable(uint32_t max_length = limits::max_resources) : objects_(max_length) {}
  ResourceTable(const ResourceTable&) = delete;
  ResourceTable& operator=(const ResourceTable&) = delete;
  ~ResourceTable();

  // The table owns `object` from here on, even if this fails: 0.
  uint32_t add(void* object, const abi::ResourceType& type);
  // An object that someone else owns.
  uint32_t add_lent(void* object, const abi::ResourceType& type);
  // Null when there is no such object of that type.
  void* get(uint32_t rep, const abi::ResourceType& type);
  void* take(uint32_t rep, const abi::ResourceType& type);
  void destroy(uint32_t rep);
  void forget(uint32_t rep);

 private:
  struct Object {
    void* object = nullptr;
    const abi::ResourceType* type = nullptr;
    uint32_t next = 0;
    bool owned = false;

    bool is_free() const { return type == nullptr; }
    uint32_t next_free() const { return next; }
    void make_free(uint32_t hole) {
      type = nullptr;
      next = hole;
    }
  };
  uint32_t insert(void* object, const abi::ResourceType& type, bool owned);

  Table<Object> objects_;
};

}  // namespace tenon::canon
