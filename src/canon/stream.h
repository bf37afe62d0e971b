#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "canon/component_instance.h"
#include "canon/values.h"
#include "canon/waitable.h"
#include "tenon/abi/host_end.h"

// canon: Buffer State, Stream State, Future State. A copy goes straight from the memory of the end
// that is written to the memory of the one that is read, when the second of the two arrives. Either
// can be the host's (tenon/abi/host_end.h).
namespace tenon::canon {

// What a stream or future carries, as a component knows it, or the host alone: of no values only
// their number counts.
struct Payload {
  const ValueTypes* types = nullptr;       // null: the host alone
  std::optional<component::ValType> type;  // nothing: no values, or `described`
  const abi::TypeDesc* described = nullptr;
  abi::Layouts layouts;
  bool is_plain = false;   // its bytes can be copied without a look
  bool is_number = false;  // canon: none_or_number_type

  static Payload of(const ValueTypes& types, std::optional<component::ValType> type);
  // Null: no values.
  static Payload of_host(const abi::TypeDesc* type);
  friend bool operator==(const Payload& a, const Payload& b) {
    return a.type == b.type && a.described == b.described &&
           (!a.type || &a.types->types == &b.types->types);
  }
};
// Whether both are the same type, and resources within the same resources.
bool is_same(const Payload& a, const Payload& b);

using abi::CopyResult;

class CopyEnd;

// canon: SharedStreamImpl, SharedFutureImpl. What both ends refer to.
struct SharedCopy {
  bool is_future = false;
  bool is_dropped = false;     // by one of the ends
  bool is_broken = false;      // a future that the host has dropped without writing to it
  CopyEnd* pending = nullptr;  // canon: pending_buffer, and what belongs to it
  CopyEnd* ends[2] = {};       // readable, writable; null once dropped
};

// canon: CopyEnd, and the buffer of the copy that it is at.
class CopyEnd final : public Waitable {
 public:
  enum class State : uint8_t { idle, copying, cancelling_copy, done };

  CopyEnd(ObjectKind object_kind, RunQueue& queue, std::shared_ptr<SharedCopy> both,
          const Payload& of)
      : Waitable(object_kind, queue), shared(std::move(both)), payload(of) {
    shared->ends[is_writable()] = this;
  }

  ~CopyEnd() override;

  bool is_writable() const {
    return kind == ObjectKind::writable_stream || kind == ObjectKind::writable_future;
  }
  bool is_copying() const { return state == State::copying || state == State::cancelling_copy; }
  uint32_t remaining() const { return length - progress; }
  CopyEnd* other() const { return shared->ends[!is_writable()]; }
  CopyResult result() const { return result_; }
  // Whether it is of that type; from then on it is known by that.
  bool carries(const Payload& wanted);

  // canon: read and write of the shared state. Either there is an event afterwards, or the copy
  // is pending. What went wrong is a trap.
  std::unique_ptr<Trap> start(const abi::Options& buffer_options, uint64_t buffer_pointer,
                              uint32_t buffer_length);
  // The same for the host's buffer, in two steps: the second one may call the guest's realloc.
  void begin(uint32_t buffer_length);
  std::unique_ptr<Trap> meet();
  // canon: SharedStreamImpl.cancel. There is an event afterwards.
  void cancel();
  // canon: CopyEnd.drop, from `shared.drop` on. The end is out of its table and sets.
  void drop();
  // There is an event for whoever has the end.
  void finish(CopyResult result);

  const std::shared_ptr<SharedCopy> shared;
  Payload payload;
  abi::HostEnd* host = nullptr;           // who has it; null: a guest
  ComponentInstance* instance = nullptr;  // or which guest; null: the host, or nobody
  Link<CopyEnd> in_host;                  // of HostCopies
  Link<CopyEnd> in_ready;
  State state = State::idle;
  const abi::Options* options = nullptr;  // of the copy; null: the host's
  uint64_t pointer = 0;
  uint32_t length = 0;
  uint32_t progress = 0;

 private:
  Event make_event() override;
  void tell(CopyResult result);
  bool is_to_go_on() const;
  uint64_t bytes_of(uint32_t count) const;
  std::unique_ptr<Trap> exchange(CopyEnd& with, uint32_t count);
  static std::unique_ptr<Trap> exchange_guests(CopyEnd& from, CopyEnd& to, uint32_t count);
  static std::unique_ptr<Trap> exchange_with_host(CopyEnd& from, CopyEnd& to, uint32_t count);
  std::unique_ptr<Trap> start_stream(CopyEnd& with);
  std::unique_ptr<Trap> start_future(CopyEnd& with);

  CopyResult result_ = CopyResult::completed;
};

// Who has the end from now on: a guest, in whose table it is.
void give_to(ComponentInstance& instance, uint32_t handle, CopyEnd& end);

// canon: Buffer, the checks of its constructor. Why not; empty: it is well.
std::string check_buffer(const Payload& payload, const abi::Options& options, uint64_t pointer,
                         uint64_t length);

// "stream" or "future".
const char* name_of(const SharedCopy& shared);

}  // namespace tenon::canon
