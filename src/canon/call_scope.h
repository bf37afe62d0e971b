#pragma once

#include <cstddef>
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
  // canon: Subtask.add_lender, of a handle that has been lent; Subtask.deliver_resolve
  void add_lender(ComponentInstance& instance, uint32_t handle) {
    if (!has_room()) lenders_.emplace_back();
    add_lender_to_room(instance, handle);
  }
  // Whether there is nothing to make for it.
  bool has_room() const { return num_lenders < lenders_.size(); }
  void add_lender_to_room(ComponentInstance& instance, uint32_t handle) {
    lenders_.data()[num_lenders++] = {&instance, handle};
  }
  void return_lent();
  void clear() {
    num_borrows = 0;
    num_lenders = 0;
    lent_objects.clear();
  }

  uint32_t num_borrows = 0;
  uint32_t num_lenders = 0;
  std::vector<uint32_t> lent_objects;  // of the resource table: to be forgotten when the call ends
  // Of ScopeStack.
  size_t depth = 0;
  CallScope* outer = nullptr;
  std::unique_ptr<CallScope> inner;

 private:
  friend class ScopeStack;
  std::vector<Lender> lenders_;  // those beyond `num_lenders` are of no meaning
};

// The scopes of the synchronous calls on one stack, from the outside in. Those of calls that have
// ended are kept, for the next.
class ScopeStack {
 public:
  CallScope* base = nullptr;  // of the task that the stack belongs to

  CallScope* innermost() { return depth() == 0 ? base : top_; }
  size_t depth() const { return top_->depth; }
  // That `push` has pushed last.
  CallScope& top() { return *top_; }
  // Whether `push` has nothing to make.
  bool has_spare() const { return top_->inner != nullptr; }
  void push() {
    if (!has_spare()) {
      top_->inner = std::make_unique<CallScope>();
      top_->inner->depth = top_->depth + 1;
      top_->inner->outer = top_;
      top_->inner->lenders_.emplace_back();
    }
    push_spare();
  }
  // A spare one is empty, and has room for a lender.
  CallScope& push_spare() {
    top_ = top_->inner.get();
    return *top_;
  }
  // The scope has been left empty.
  void pop() { top_ = top_->outer; }

  ScopeStack() = default;
  ScopeStack(const ScopeStack&) = delete;
  ScopeStack& operator=(const ScopeStack&) = delete;
  ~ScopeStack() {
    // One by one: there can be more than the stack is deep.
    while (outermost_.inner) outermost_.inner = std::move(outermost_.inner->inner);
  }

 private:
  CallScope outermost_;  // of no call
  CallScope* top_ = &outermost_;
};

}  // namespace tenon::canon
