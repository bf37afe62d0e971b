#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/abi/containers.h"
#include "tenon/abi/host_end.h"

// The items of one read or write of the host's, as C++ values. Numbers are copied once, between the
// guest's memory and where the host has them.
namespace tenon::abi {

// Of a stream without values, their number.
template <typename T>
using Items = std::conditional_t<std::is_void_v<T>, size_t, std::vector<T>>;

// What one read takes at most, whatever it asks for: a guest decides how much of it there is.
constexpr size_t max_read_bytes = size_t{64} << 20;

template <typename T>
inline constexpr char item_identity = 0;

template <typename T>
class WriteBuffer final : public CopyBuffer {
 public:
  using Done = std::function<void(size_t written)>;

  WriteBuffer(Items<T> items, Done done) : items_(std::move(items)), done_(std::move(done)) {
    if constexpr (PlainType<T>) view_ = items_;
  }
  // Of what outlives the write.
  WriteBuffer(std::span<const T> view, Done done)
    requires PlainType<T>
      : view_(view), done_(std::move(done)) {}

  void load(Context& cx, const canon::Payload&, uint64_t, uint32_t) override {
    cx.fail("a write of the host's does not read");
  }
  void store(Context& cx, const canon::Payload&, uint64_t pointer, uint32_t count) override {
    if constexpr (PlainType<T>) {
      std::memcpy(cx.at(pointer), view_.data() + next_, count * sizeof(T));
    } else if constexpr (!std::is_void_v<T>) {
      uint64_t size = Type<T>::layout.of(cx.pointer_type()).size;
      for (uint32_t i = 0; i < count && !cx.failed(); i++) {
        auto&& item = items_[next_ + i];
        Type<T>::store(cx, item, pointer + i * size);
      }
    }
    next_ += count;
  }
  bool take(CopyBuffer&, uint32_t) override { return false; }
  void finish(CopyResult, uint32_t count) override {
    if (done_) done_(count);
  }
  const void* written_type() const override { return &item_identity<T>; }

  void give(Items<T>& items, uint32_t count) {
    if constexpr (std::is_void_v<T>) {
      items += count;
    } else if constexpr (PlainType<T>) {
      items.insert(items.end(), view_.data() + next_, view_.data() + next_ + count);
    } else {
      for (uint32_t i = 0; i < count; i++) items.push_back(std::move(items_[next_ + i]));
    }
    next_ += count;
  }

 private:
  struct Nothing {};
  Items<T> items_{};
  std::conditional_t<PlainType<T>, std::span<const T>, Nothing> view_;
  size_t next_ = 0;
  Done done_;
};

template <typename T>
class ReadBuffer final : public CopyBuffer {
 public:
  using Done = std::function<void(Items<T> items)>;

  explicit ReadBuffer(Done done) : done_(std::move(done)) {}

  static size_t max_length(size_t wanted) {
    size_t most = UINT32_MAX;
    if constexpr (!std::is_void_v<T>) most = max_read_bytes / sizeof(T);
    return wanted < most ? wanted : most;
  }

  void load(Context& cx, const canon::Payload&, uint64_t pointer, uint32_t count) override {
    if constexpr (std::is_void_v<T>) {
      items_ += count;
    } else if constexpr (PlainType<T>) {
      const auto* first = reinterpret_cast<const T*>(cx.at(pointer));
      items_.insert(items_.end(), first, first + count);
    } else {
      uint64_t size = Type<T>::layout.of(cx.pointer_type()).size;
      for (uint32_t i = 0; i < count && cx.charge(sizeof(T)); i++)
        items_.push_back(Type<T>::load(cx, pointer + i * size));
    }
  }
  void store(Context& cx, const canon::Payload&, uint64_t, uint32_t) override {
    cx.fail("a read of the host's does not write");
  }
  bool take(CopyBuffer& from, uint32_t count) override {
    if (from.written_type() != &item_identity<T>) return false;
    static_cast<WriteBuffer<T>&>(from).give(items_, count);
    return true;
  }
  void finish(CopyResult, uint32_t) override {
    if (done_) done_(std::move(items_));
  }

 private:
  Items<T> items_{};
  Done done_;
};

}  // namespace tenon::abi
