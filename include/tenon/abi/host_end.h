#pragma once

#include <cstdint>
#include <memory>

#include "tenon/abi/context.h"

// The ends of streams and futures that the host has, as tenon/stream.h builds on them. All of it is
// for the store's thread. The store has the end itself, and counts it; what the host holds refers
// to that, and to nothing any more once the end is closed or passed on, or the store is gone.
namespace tenon::canon {
class CopyEnd;
class HostCopies;
struct Payload;
}  // namespace tenon::canon

namespace tenon::abi {

struct TypeDesc;

enum class CopyResult : uint32_t { completed = 0, dropped = 1, cancelled = 2 };

// canon: ReadableBuffer, WritableBuffer, of the host: the items of one read or write.
class CopyBuffer {
 public:
  virtual ~CopyBuffer() = default;

  // A read: the next items, which a guest has in its memory. The range has been checked.
  virtual void load(Context& cx, const canon::Payload& payload, uint64_t pointer,
                    uint32_t count) = 0;
  // A write: the next items go to a guest's memory.
  virtual void store(Context& cx, const canon::Payload& payload, uint64_t pointer,
                     uint32_t count) = 0;
  // A read: the next items of what the host writes. False when they are of another type.
  virtual bool take(CopyBuffer& from, uint32_t count) = 0;
  // The read or write is over, and this goes.
  virtual void finish(CopyResult result, uint32_t count) = 0;

  // Equal for items of one type; null: this is not a write.
  virtual const void* written_type() const { return nullptr; }
};

class HostEnd : public std::enable_shared_from_this<HostEnd> {
 public:
  explicit HostEnd(canon::HostCopies& copies) : copies_(copies) {}
  HostEnd(const HostEnd&) = delete;
  HostEnd& operator=(const HostEnd&) = delete;
  ~HostEnd() { drop(); }

  // Whether there still is an end behind this.
  bool is_open() const { return end_ != nullptr; }
  // A read or write is under way.
  bool is_busy() const { return buffer_ != nullptr; }
  // Of the store that it is of; while there is an end.
  canon::HostCopies& copies() const { return copies_; }
  // The other end is known to have gone, or the value of a future has been read.
  bool is_over() const { return is_over_; }

  // Whether the other end is still there.
  bool is_wanted() const;

  // canon: stream_copy, future_copy. Reads or writes `length` items at most; what is written is
  // written whole. The store calls `finish`, when it next runs. False when nothing can begin.
  bool start(std::unique_ptr<CopyBuffer> buffer, uint64_t length);
  // Until the read or write that is under way is over: the store runs meanwhile. It is cancelled
  // when it cannot end; the trap says why.
  std::unique_ptr<Trap> wait();
  // canon: cancel_copy. The store calls `finish`, when it next runs.
  void cancel();
  // canon: drop. Ends what is under way, and nobody is told.
  void drop();

 private:
  friend class canon::CopyEnd;
  friend class canon::HostCopies;
  CopyBuffer& buffer() { return *buffer_; }
  void finish();
  void detach();

  canon::HostCopies& copies_;  // valid while there is an end
  canon::CopyEnd* end_ = nullptr;
  std::unique_ptr<CopyBuffer> buffer_;
  bool is_over_ = false;
};

enum class CopyKind : uint8_t { stream, future };

struct HostEnds {
  std::shared_ptr<HostEnd> readable;
  std::shared_ptr<HostEnd> writable;
};
// canon: canon_stream_new, canon_future_new, by the host; `item` is null where there are no values.
// Null ends when the store has too many.
HostEnds make_ends(Store& store, CopyKind kind, const TypeDesc* item);

// canon: lift_stream, lift_future, lower_stream, lower_future. Null or 0 after a failure.
std::shared_ptr<HostEnd> lift_end(Context& cx, uint32_t handle, CopyKind kind,
                                  const TypeDesc* item);
uint32_t lower_end(Context& cx, HostEnd* end, CopyKind kind, const TypeDesc* item);

// Why the end cannot be read as one of such items; null: it can.
const char* problem_of(const HostEnd* end, CopyKind kind, const TypeDesc* item);

}  // namespace tenon::abi
