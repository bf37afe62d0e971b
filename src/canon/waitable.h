#pragma once

#include <cstdint>

#include "canon/table_object.h"
#include "canon/thread.h"

// canon: Waitable State
namespace tenon::canon {

class WaitableSet;

class Waitable : public TableObject {
 public:
  Waitable(ObjectKind object_kind, RunQueue& queue) : TableObject(object_kind), queue_(queue) {}

  bool has_pending_event() const { return has_event_; }
  // There is an event; what it says is decided now.
  Event take_event();

  WaitableSet* set() const { return set_; }
  // canon: Waitable.join; null leaves the set.
  void join(WaitableSet* set);

  uint32_t index = 0;             // in the table that it is in
  Thread* sync_waiter = nullptr;  // canon: has_sync_waiter
  Link<Waitable> in_set;

 protected:
  // Wakes who waits for it. Another event that is still there is replaced.
  void set_event();
  virtual Event make_event() = 0;
  RunQueue& queue() { return queue_; }

 private:
  RunQueue& queue_;
  WaitableSet* set_ = nullptr;
  bool has_event_ = false;
};

class WaitableSet final : public TableObject {
 public:
  explicit WaitableSet(RunQueue& queue) : TableObject(ObjectKind::waitable_set), queue_(queue) {}

  bool has_pending_event() const { return !pending_.is_empty(); }
  // Of the waitable that has had one for longest.
  Event take_event() { return pending_.first()->take_event(); }
  bool is_empty() const { return pending_.is_empty() && idle_.is_empty(); }

  // canon: num_waiting
  bool has_waiters() const { return !waiters_.is_empty(); }
  void add_waiter(Thread& thread) { waiters_.add(thread); }
  void remove_waiter(Thread& thread) { waiters_.remove(thread); }

 private:
  friend class Waitable;
  using Waitables = List<Waitable, &Waitable::in_set>;

  void wake_waiters();

  RunQueue& queue_;
  Waitables pending_;
  Waitables idle_;
  List<Thread, &Thread::in_set> waiters_;
};

}  // namespace tenon::canon
