#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/abi/copy_buffers.h"
#include "tenon/abi/resource.h"
#include "tenon/abi/views.h"
#include "tenon/error.h"
#include "tenon/value.h"

// Streams and futures between the host and guests. A Stream<T> or Future<T> is the end that is
// read: as a parameter of a host function or the result of a call it comes from a guest, and as a
// result or an argument it goes to one. The host writes to one that it has made itself:
//
//   linker.func("numbers", [](Store& store) {
//     auto [writer, stream] = make_stream<uint32_t>(store);
//     keep(std::move(writer));
//     return std::move(stream);
//   });
//
// `T` is any type of abi/type.h without a view or a Borrow in it, void for items without a value,
// or a Stream or Future itself.
//
// How it works. An item goes straight from one end to the other when both are there: a read and a
// write meet, and nothing is kept in between, so that whoever is too fast waits. The host's reads
// and writes can begin at any time, also in a host function, one at a time for each end. What comes
// of one is told to a function that the store calls when it next runs its guests; or one waits for
// it, where no guest is being run. While guests wait for the host, the store does what
// Store::on_wait says.
//
// All of this is for the store's thread. An end may outlive its store, and is closed then. Whoever
// drops an end closes it, and what is under way there is forgotten.
namespace tenon {

namespace abi::detail {

constexpr bool has_borrow(const TypeDesc& type) {
  if (type.kind == TypeKind::borrow) return true;
  for (const Member& member : type.members) {
    if (member.type && has_borrow(*member.type)) return true;
  }
  return false;
}

template <typename T>
constexpr bool may_be_item() {
  if constexpr (std::is_void_v<T>) {
    return true;
  } else {
    return !holds_view<T>() && !has_borrow(Type<T>::desc);
  }
}

inline std::unexpected<Trap> cannot_begin() {
  return std::unexpected(
      Trap::host("the stream or future is closed, given away, over, or busy with another copy"));
}

}  // namespace abi::detail

// The end of a stream that is read. Empty when it was moved from, or given to a guest.
template <typename T>
class Stream {
  static_assert(abi::detail::may_be_item<T>(),
                "items outlive what views and borrows point to: use std::string and std::vector");

 public:
  using Items = abi::Items<T>;  // std::vector<T>; the number of items for void

  Stream() = default;
  explicit operator bool() const { return end_ && end_->is_open(); }

  // Reads up to `max` items; `done` gets those that came, as soon as there is one. None: the writer
  // has closed its end, or the read was cancelled. False when no read begins: this is closed, or
  // busy.
  bool read(size_t max, std::function<void(Items)> done) {
    using Buffer = abi::ReadBuffer<T>;
    return end_ && end_->start(std::make_unique<Buffer>(std::move(done)), Buffer::max_length(max));
  }
  // Waits for that, while the store's guests run. The trap of whoever traps meanwhile, or that
  // nothing is left to wait for.
  CallResult<Items> read(size_t max) {
    std::optional<Items> read_items;
    if (!read(max, [&](Items items) { read_items = std::move(items); }))
      return abi::detail::cannot_begin();
    if (auto trap = end_->wait()) return std::unexpected(std::move(*trap));
    if (!read_items) return abi::detail::cannot_begin();
    return std::move(*read_items);
  }
  // Whether a read has found that the writer has closed its end: there are no more items.
  bool is_ended() const { return end_ && end_->is_over(); }
  // Ends a read: `done` gets what came until now.
  void cancel() {
    if (end_) end_->cancel();
  }
  void close() { end_.reset(); }

  // The same end as a value, and back: an error when it is of another type, or has been given away.
  StreamValue to_value() && { return StreamValue(std::move(end_)); }
  static Result<Stream> from(const StreamValue& value) {
    if (const char* problem =
            abi::problem_of(value.end(), abi::CopyKind::stream, abi::detail::desc_or_null<T>()))
      return std::unexpected(Error(ErrorCode::usage, problem));
    return Stream(value.shared_end());
  }

  // For thunks.
  explicit Stream(std::shared_ptr<abi::HostEnd> end) : end_(std::move(end)) {}
  abi::HostEnd* end() const { return end_.get(); }

 private:
  std::shared_ptr<abi::HostEnd> end_;
};

// The end of a stream that is written, which stays with the host.
template <typename T>
class StreamWriter {
 public:
  using Items = abi::Items<T>;
  using Done = std::function<void(size_t written)>;

  StreamWriter() = default;
  explicit operator bool() const { return end_ && end_->is_open(); }

  // Writes all items, which may take several reads. `done` gets how many were read: fewer when the
  // reader has closed its end, or the write was cancelled. False when no write begins: this is
  // closed, or busy.
  bool write(Items items, Done done) {
    size_t length = 0;
    if constexpr (std::is_void_v<T>) {
      length = items;
    } else {
      length = items.size();
    }
    return end_ &&
           end_->start(std::make_unique<abi::WriteBuffer<T>>(std::move(items), std::move(done)),
                       length);
  }
  // Waits for that, while the store's guests run.
  CallResult<size_t> write(Items items) {
    return wait([&](Done done) { return write(std::move(items), std::move(done)); });
  }
  // The same without a copy of the items.
  CallResult<size_t> write_from(std::span<const T> items)
    requires abi::PlainType<T>
  {
    return wait([&](Done done) {
      return end_ && end_->start(std::make_unique<abi::WriteBuffer<T>>(items, std::move(done)),
                                 items.size());
    });
  }
  // Writes these, and closes the end then. False, and nothing happens, when no write begins.
  bool finish(Items items) && {
    std::shared_ptr<abi::HostEnd> end = end_;
    bool has_begun = write(std::move(items), [end](size_t) {});
    if (has_begun) end_.reset();
    return has_begun;
  }

  // Whether somebody may still read.
  bool is_wanted() const { return end_ && end_->is_wanted(); }
  // Ends a write: `done` gets how many items were read until now.
  void cancel() {
    if (end_) end_->cancel();
  }
  void close() { end_.reset(); }

  explicit StreamWriter(std::shared_ptr<abi::HostEnd> end) : end_(std::move(end)) {}

 private:
  template <typename Begin>
  CallResult<size_t> wait(Begin begin) {
    std::optional<size_t> count;
    if (!begin([&](size_t written) { count = written; })) return abi::detail::cannot_begin();
    if (auto trap = end_->wait()) return std::unexpected(std::move(*trap));
    if (!count) return abi::detail::cannot_begin();
    return *count;
  }

  std::shared_ptr<abi::HostEnd> end_;
};

template <typename T>
struct StreamPair {
  StreamWriter<T> writer;
  Stream<T> stream;
};
// Both are empty when the store has too many (docs/host-functions.md).
template <typename T>
StreamPair<T> make_stream(Store& store) {
  abi::HostEnds ends = abi::make_ends(store, abi::CopyKind::stream, abi::detail::desc_or_null<T>());
  return {StreamWriter<T>(std::move(ends.writable)), Stream<T>(std::move(ends.readable))};
}
// A stream of these.
template <typename T>
Stream<T> stream_of(Store& store, std::vector<T> items) {
  StreamPair<T> pair = make_stream<T>(store);
  (void)std::move(pair.writer).finish(std::move(items));
  return std::move(pair.stream);
}

// The end of a future that is read: one value, once.
template <typename T>
class Future {
  static_assert(
      abi::detail::may_be_item<T>(),
      "a value outlives what views and borrows point to: use std::string and std::vector");

 public:
  using Kept = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  Future() = default;
  explicit operator bool() const { return end_ && end_->is_open(); }

  // `done` gets the value; none when the read was cancelled, or no value will come. False when no
  // read begins: this is closed, busy, or has been read.
  bool read(std::function<void(std::optional<Kept>)> done) {
    auto take = [done = std::move(done)](abi::Items<T> items) {
      std::optional<Kept> value;
      if constexpr (std::is_void_v<T>) {
        if (items > 0) value.emplace();
      } else {
        if (!items.empty()) value.emplace(std::move(items.front()));
      }
      done(std::move(value));
    };
    return end_ && end_->start(std::make_unique<abi::ReadBuffer<T>>(std::move(take)), 1);
  }
  // Waits for that, while the store's guests run.
  CallResult<T> read() {
    std::optional<Kept> value;
    if (!read([&](std::optional<Kept> it) { value = std::move(it); }))
      return abi::detail::cannot_begin();
    if (auto trap = end_->wait()) return std::unexpected(std::move(*trap));
    if (!value) return std::unexpected(Trap::host("nobody will write the future"));
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return std::move(*value);
    }
  }
  void cancel() {
    if (end_) end_->cancel();
  }
  void close() { end_.reset(); }

  FutureValue to_value() && { return FutureValue(std::move(end_)); }
  static Result<Future> from(const FutureValue& value) {
    if (const char* problem =
            abi::problem_of(value.end(), abi::CopyKind::future, abi::detail::desc_or_null<T>()))
      return std::unexpected(Error(ErrorCode::usage, problem));
    return Future(value.shared_end());
  }

  explicit Future(std::shared_ptr<abi::HostEnd> end) : end_(std::move(end)) {}
  abi::HostEnd* end() const { return end_.get(); }

 private:
  std::shared_ptr<abi::HostEnd> end_;
};

// The end that is written, once. Dropped without that, a guest that reads the future traps.
template <typename T>
class FutureWriter {
 public:
  using Kept = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  FutureWriter() = default;
  explicit operator bool() const { return end_ && end_->is_open(); }

  // The value waits for the reader. `done` learns whether it was read. False when this is empty.
  bool write(Kept value, std::function<void(bool was_read)> done = {}) {
    abi::Items<T> items{};
    if constexpr (std::is_void_v<T>) {
      items = 1;
    } else {
      items.push_back(std::move(value));
    }
    std::shared_ptr<abi::HostEnd> end = std::move(end_);
    auto told = [end, done = std::move(done)](size_t count) {
      if (done) done(count > 0);
    };
    return end &&
           end->start(std::make_unique<abi::WriteBuffer<T>>(std::move(items), std::move(told)), 1);
  }
  bool write()
    requires std::is_void_v<T>
  {
    return write(std::monostate());
  }
  bool is_wanted() const { return end_ && end_->is_wanted(); }

  explicit FutureWriter(std::shared_ptr<abi::HostEnd> end) : end_(std::move(end)) {}

 private:
  std::shared_ptr<abi::HostEnd> end_;
};

template <typename T>
struct FuturePair {
  FutureWriter<T> writer;
  Future<T> future;
};
template <typename T>
FuturePair<T> make_future(Store& store) {
  abi::HostEnds ends = abi::make_ends(store, abi::CopyKind::future, abi::detail::desc_or_null<T>());
  return {FutureWriter<T>(std::move(ends.writable)), Future<T>(std::move(ends.readable))};
}

namespace abi {

namespace detail {

template <typename End, CopyKind kind, TypeKind type_kind, typename T>
struct EndType : HandleType {
  static constexpr Member members[] = {{{}, desc_or_null<T>()}};
  static constexpr TypeDesc desc{type_kind, members};

  static End load(Context& cx, uint64_t pointer) {
    return from_handle(cx, cx.load<uint32_t>(pointer));
  }
  static End lift(Context& cx, const uint64_t*& values) {
    return from_handle(cx, static_cast<uint32_t>(*values++));
  }
  static void store(Context& cx, End& value, uint64_t pointer) {
    cx.store(pointer, to_handle(cx, value));
  }
  static void lower(Context& cx, End& value, uint64_t*& values) {
    *values++ = to_handle(cx, value);
  }

 private:
  static End from_handle(Context& cx, uint32_t handle) {
    return End(lift_end(cx, handle, kind, desc_or_null<T>()));
  }
  static uint32_t to_handle(Context& cx, End& value) {
    return lower_end(cx, value.end(), kind, desc_or_null<T>());
  }
};

}  // namespace detail

template <typename T>
struct Type<Stream<T>> : detail::EndType<Stream<T>, CopyKind::stream, TypeKind::stream, T> {};
template <typename T>
struct Type<Future<T>> : detail::EndType<Future<T>, CopyKind::future, TypeKind::future, T> {};

}  // namespace abi
}  // namespace tenon
