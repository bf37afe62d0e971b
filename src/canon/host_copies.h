#pragma once

#include <memory>

#include "canon/stream.h"

// The ends of streams and futures that the host has, of one store. Lives with the store, on its
// thread.
//
// What happens at an end is told to the host, and items that need the guest's realloc are moved,
// when the store next runs and no guest does, or one that waits: an end that has something to come
// is "ready" until then. So the host can read and write at any time, and what a guest does wrong
// meanwhile is a trap of that guest.
namespace tenon::canon {

using TrapPointer = std::unique_ptr<Trap>;

class HostCopies {
 public:
  HostCopies(abi::Embedder& store, ObjectPool& objects, RunQueue& queue)
      : store_(store), objects_(objects), queue_(queue) {}
  HostCopies(const HostCopies&) = delete;
  HostCopies& operator=(const HostCopies&) = delete;
  // The store goes: the host's ends refer to nothing from here on.
  void close();

  abi::Embedder& store() { return store_; }
  // Null ends when there are too many.
  abi::HostEnds make(bool is_future, const Payload& payload);
  // An end that a guest has given away.
  std::shared_ptr<abi::HostEnd> adopt(CopyEnd& end);
  // The end as a guest will have it. It is open.
  static CopyEnd& release(abi::HostEnd& host);
  static CopyEnd* end_of(const abi::HostEnd& host) { return host.end_; }

  // After CopyEnd::begin.
  void start(CopyEnd& end);
  void drop(CopyEnd& end);
  void add_ready(CopyEnd& end);
  void remove_ready(CopyEnd& end);

  // While `running` waits or, when it is null, no guest runs.
  TrapPointer deliver(const ComponentInstance* running) {
    return ready_.is_empty() ? nullptr : deliver_ready(running);
  }
  bool has_ready() const { return !ready_.is_empty(); }
  // While no guest runs: ends what waits for guests that have trapped. Whether there was any.
  bool settle();
  // Whether a guest has the other end of one of these.
  bool is_awaited() const;

  template <typename Function>
  void for_each(Function&& f) const {
    for (const CopyEnd* end = ends_.first(); end; end = ends_.next(*end)) f(*end);
  }

 private:
  void forget(CopyEnd& end);
  TrapPointer deliver_ready(const ComponentInstance* running);
  TrapPointer deliver_one(CopyEnd& end, const ComponentInstance* running);
  TrapPointer meet(CopyEnd& end, const ComponentInstance* running);
  TrapPointer break_off(CopyEnd& end, const ComponentInstance* running);
  void destroy(CopyEnd& end);

  abi::Embedder& store_;
  ObjectPool& objects_;
  RunQueue& queue_;
  List<CopyEnd, &CopyEnd::in_host> ends_;
  List<CopyEnd, &CopyEnd::in_ready> ready_;
  uint32_t num_ready_ = 0;
};

// Why a stream or future cannot go where `payload` is asked for, in that store unless it is null;
// null: it can.
const char* problem_of(const abi::HostEnd* end, bool is_future, const Payload& payload,
                       const abi::Embedder* store);

}  // namespace tenon::canon
