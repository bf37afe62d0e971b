#include "canon/waitable.h"

namespace tenon::canon {

Event Waitable::take_event() {
  has_event_ = false;
  if (set_) {
    set_->pending_.remove(*this);
    set_->idle_.add(*this);
  }
  return make_event();
}

void Waitable::set_event() {
  has_event_ = true;
  if (sync_waiter) queue_.wake(*sync_waiter);
  if (!set_) return;
  set_->idle_.remove(*this);
  set_->pending_.add(*this);
  set_->wake_waiters();
}

void Waitable::join(WaitableSet* set) {
  if (set_) (has_event_ ? set_->pending_ : set_->idle_).remove(*this);
  set_ = set;
  if (!set) return;
  (has_event_ ? set->pending_ : set->idle_).add(*this);
  if (has_event_) set->wake_waiters();
}

void WaitableSet::wake_waiters() {
  for (Thread* thread = waiters_.first(); thread; thread = waiters_.next(*thread))
    queue_.wake(*thread);
}

}  // namespace tenon::canon
