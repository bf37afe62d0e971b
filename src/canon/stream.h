#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "canon/component_instance.h"
#include "canon/values.h"
#include "canon/waitable.h"

// canon: Buffer State, Stream State, Future State. A copy goes straight from the memory of the end
// that is written to the memory of the one that is read, when the second of the two arrives.
namespace tenon::canon {

// What a stream or future carries, as a component knows it.
struct Payload {
  const ValueTypes* types = nullptr;
  std::optional<component::ValType> type;  // nothing: no values, only their number counts
  abi::Layouts layouts;
  bool is_plain = false;   // its bytes can be copied without a look
  bool is_number = false;  // canon: none_or_number_type

  static Payload of(const ValueTypes& types, std::optional<component::ValType> type);
  friend bool operator==(const Payload& a, const Payload& b) {
    return a.type == b.type && (!a.type || &a.types->types == &b.types->types);
  }
};

enum class CopyResult : uint32_t { completed = 0, dropped = 1, cancelled = 2 };

class CopyEnd;

// canon: SharedStreamImpl, SharedFutureImpl. What both ends refer to.
struct SharedCopy {
  Payload payload;
  bool is_future = false;
  bool is_dropped = false;     // by one of the ends
  CopyEnd* pending = nullptr;  // canon: pending_buffer, and what belongs to it
  CopyEnd* ends[2] = {};       // readable, writable; null once dropped
};

// canon: CopyEnd, and the buffer of the copy that it is at.
class CopyEnd final : public Waitable {
 public:
  enum class State : uint8_t { idle, copying, cancelling_copy, done };

  CopyEnd(ObjectKind object_kind, RunQueue& queue, std::shared_ptr<SharedCopy> both)
      : Waitable(object_kind, queue), shared(std::move(both)) {
    shared->ends[is_writable()] = this;
  }

  bool is_writable() const {
    return kind == ObjectKind::writable_stream || kind == ObjectKind::writable_future;
  }
  bool is_copying() const { return state == State::copying || state == State::cancelling_copy; }
  uint32_t remaining() const { return length - progress; }
  CopyEnd* other() const { return shared->ends[!is_writable()]; }

  // canon: read and write of the shared state. Either there is an event afterwards, or the copy
  // is pending. What went wrong is a trap.
  std::unique_ptr<Trap> start(const abi::Options& buffer_options, uint64_t buffer_pointer,
                              uint32_t buffer_length);
  // canon: SharedStreamImpl.cancel. There is an event afterwards.
  void cancel();
  // canon: CopyEnd.drop, from `shared.drop` on. The end is out of its table and sets.
  void drop();

  const std::shared_ptr<SharedCopy> shared;
  State state = State::idle;
  const abi::Options* options = nullptr;  // of the copy
  uint64_t pointer = 0;
  uint32_t length = 0;
  uint32_t progress = 0;

 private:
  Event make_event() override;
  void finish(CopyResult result);
  std::unique_ptr<Trap> exchange(CopyEnd& with, uint32_t count);
  std::unique_ptr<Trap> start_stream(CopyEnd& with);
  std::unique_ptr<Trap> start_future(CopyEnd& with);

  CopyResult result_ = CopyResult::completed;
};

// canon: Buffer, the checks of its constructor. Why not; empty: it is well.
std::string check_buffer(const Payload& payload, const abi::Options& options, uint64_t pointer,
                         uint64_t length);

// "stream" or "future".
const char* name_of(const SharedCopy& shared);

}  // namespace tenon::canon
