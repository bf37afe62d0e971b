#include "canon/host_copies.h"

namespace tenon::canon {
namespace {

// The guest's end that waits for `end`, where moving items may run the guest or fail because of it.
CopyEnd* guest_to_run(const CopyEnd& end) {
  CopyEnd* with = end.shared->is_dropped ? nullptr : end.shared->pending;
  return with && !with->host && !with->payload.is_plain ? with : nullptr;
}

// A guest that has trapped does nothing any more.
bool is_dead(const ComponentInstance& guest) {
  return !guest.may_enter_from(nullptr);
}

void give_up(CopyEnd& end) {
  end.shared->is_dropped = true;
  end.finish(CopyResult::dropped);
}

// A future whose value will not come.
bool is_unwritten(const CopyEnd& end) {
  if (end.kind != ObjectKind::writable_future || end.state == CopyEnd::State::done) return false;
  bool is_written = end.has_pending_event() && end.result() == CopyResult::completed;
  return !is_written && !end.shared->is_dropped;
}

}  // namespace

void HostCopies::close() {
  while (CopyEnd* end = ends_.first()) {
    abi::HostEnd& host = *end->host;
    forget(*end);
    host.detach();
  }
}

abi::HostEnds HostCopies::make(bool is_future, const Payload& payload) {
  auto shared = std::make_shared<SharedCopy>();
  shared->is_future = is_future;
  auto* readable =
      objects_.make<CopyEnd>(is_future ? ObjectKind::readable_future : ObjectKind::readable_stream,
                             queue_, shared, payload);
  if (!readable) return {};
  auto* writable =
      objects_.make<CopyEnd>(is_future ? ObjectKind::writable_future : ObjectKind::writable_stream,
                             queue_, shared, payload);
  if (!writable) {
    objects_.destroy(readable);
    return {};
  }
  return {adopt(*readable), adopt(*writable)};
}

std::shared_ptr<abi::HostEnd> HostCopies::adopt(CopyEnd& end) {
  auto host = std::make_shared<abi::HostEnd>(*this);
  host->end_ = &end;
  end.host = host.get();
  end.instance = nullptr;
  ends_.add(end);
  return host;
}

CopyEnd& HostCopies::release(abi::HostEnd& host) {
  CopyEnd& end = *std::exchange(host.end_, nullptr);
  host.copies_.forget(end);
  return end;
}

void HostCopies::forget(CopyEnd& end) {
  ends_.remove(end);
  remove_ready(end);
  end.host = nullptr;
}

void HostCopies::add_ready(CopyEnd& end) {
  if (end.in_ready.is_linked) return;
  ready_.add(end);
  num_ready_++;
}

void HostCopies::remove_ready(CopyEnd& end) {
  if (!end.in_ready.is_linked) return;
  ready_.remove(end);
  num_ready_--;
}

void HostCopies::start(CopyEnd& end) {
  if (guest_to_run(end)) return add_ready(end);
  if (end.meet()) give_up(end);
}

void HostCopies::destroy(CopyEnd& end) {
  end.drop();
  objects_.destroy(&end);
}

// Whoever reads what will not be written traps.
void HostCopies::drop(CopyEnd& end) {
  forget(end);
  bool is_to_break = is_unwritten(end);
  if (end.shared->pending == &end) end.shared->pending = nullptr;
  if (!is_to_break) return destroy(end);
  end.shared->is_broken = true;
  const CopyEnd* reader = end.shared->pending;
  if (!reader || reader->host) return destroy(end);
  add_ready(end);
}

TrapPointer HostCopies::break_off(CopyEnd& end, const ComponentInstance* running) {
  CopyEnd* reader = end.shared->pending;
  if (reader && running && running != reader->instance) {
    add_ready(end);
    return nullptr;
  }
  end.shared->pending = nullptr;
  TrapPointer trap;
  if (reader && (running || !is_dead(*reader->instance))) {
    if (!running) reader->instance->enter_from(nullptr);
    trap = reader->meet();
  }
  destroy(end);
  return trap;
}

// Calls of the host may add to what is ready; that is for the next time.
TrapPointer HostCopies::deliver_ready(const ComponentInstance* running) {
  TrapPointer trap;
  for (uint32_t left = num_ready_; left > 0 && !ready_.is_empty() && !trap; left--) {
    CopyEnd& end = *ready_.first();
    remove_ready(end);
    trap = deliver_one(end, running);
  }
  return trap;
}

TrapPointer HostCopies::deliver_one(CopyEnd& end, const ComponentInstance* running) {
  if (!end.host) return break_off(end, running);
  if (!end.has_pending_event()) {
    if (auto trap = meet(end, running)) return trap;
  }
  if (end.has_pending_event()) end.host->finish();
  return nullptr;
}

// As after any trap, a guest that fails cannot be entered again.
TrapPointer HostCopies::meet(CopyEnd& end, const ComponentInstance* running) {
  CopyEnd* with = guest_to_run(end);
  if (!with) {
    start(end);
    return nullptr;
  }
  ComponentInstance& guest = *with->instance;
  if (running && running != &guest) {
    add_ready(end);
    return nullptr;
  }
  if (!running && is_dead(guest)) {
    give_up(end);
    return nullptr;
  }
  if (!running) guest.enter_from(nullptr);
  if (auto trap = end.meet()) {
    give_up(end);
    return trap;
  }
  if (!running) guest.leave_to(nullptr);
  return nullptr;
}

bool HostCopies::settle() {
  bool any = false;
  for (CopyEnd* end = ends_.first(); end; end = ends_.next(*end)) {
    const CopyEnd* other = end->other();
    if (!end->is_copying() || end->has_pending_event() || !other || !other->instance) continue;
    if (!is_dead(*other->instance)) continue;
    give_up(*end);
    any = true;
  }
  return any;
}

bool HostCopies::is_awaited() const {
  for (const CopyEnd* end = ends_.first(); end; end = ends_.next(*end)) {
    const CopyEnd* other = end->other();
    if (other && other->instance && !is_dead(*other->instance)) return true;
  }
  return false;
}

const char* problem_of(const abi::HostEnd* host, bool is_future, const Payload& payload,
                       const abi::Embedder* store) {
  const CopyEnd* end = host ? HostCopies::end_of(*host) : nullptr;
  if (!end) return "a stream or future is empty: it has been closed, or given away already";
  if (store && &end->host->copies().store() != store)
    return "a stream or future is of another store";
  if (end->is_writable() || end->shared->is_future != is_future)
    return is_future ? "a stream is given where a future is taken"
                     : "a future is given where a stream is taken";
  if (!is_same(end->payload, payload))
    return "a stream or future has items of another type than is asked for";
  if (host->is_busy()) return "a stream or future that is being read cannot be given away";
  return host->is_over() ? "a stream or future that has ended cannot be given away" : nullptr;
}

}  // namespace tenon::canon
