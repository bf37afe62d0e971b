#pragma once

#include <cstdint>
#include <memory>
#include <vector>

// What calls know of handles that are lent to them.
namespace tenon::canon {

class ComponentInstance;

// canon: Task and Subtask, as far as handles go: one call whose parameters or result have borrows.
struct CallScope {
  struct Lender {
    ComponentInstance* instance;
    uint32_t handle;
  };
  // canon: Subtask.add_lender, Subtask.deliver_resolve
  void add_lender(ComponentInstance& instance, uint32_t handle);
  void return_lent();

  uint32_t num_borrows = 0;
  std::vector<Lender> lenders;
  std::vector<uint32_t> lent_objects;  // of the resource table: to be forgotten when the call ends
};

// The scopes of the synchronous calls on one stack, from the outside in.
struct ScopeStack {
  CallScope* base = nullptr;  // of the task that the stack belongs to
  std::vector<std::unique_ptr<CallScope>> scopes;
};

}  // namespace tenon::canon
