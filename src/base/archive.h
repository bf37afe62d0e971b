#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

// Plain data to bytes and back, for files that the same build of the program wrote: fixed-width
// little-endian numbers, lengths of 32 bits, no field names and no versions. A struct takes part by
// one function in its own namespace, used for both directions:
//
//   template <typename Archive>
//   void serialize(Archive& ar, Point& p) { ar(p.x, p.y); }
//
// or, where fields are private, by a member function `void serialize(Archive& ar)`.
// Known already: integers, enums, bool, floats, std::string, string_view (read: points into the
// input), vector, optional, variant, pair, array, Id, IdVector, and classes with `bits()` and
// `from_bits()`. `Archive::reading` tells the direction, for checks of what was read: `if constexpr
// (Archive::reading)`.
namespace tenon {

namespace archive_detail {

template <typename T>
concept Number = (std::is_arithmetic_v<T> && !std::same_as<T, bool>) || std::is_enum_v<T>;

// Values that are an integer inside, like wasm::ValType.
template <typename T>
concept Bits = requires(const T& t) {
  { t.bits() } -> std::same_as<uint32_t>;
  { T::from_bits(uint32_t{}) } -> std::same_as<T>;
  requires std::is_trivially_copyable_v<T> && sizeof(T) == sizeof(uint32_t);
};

template <typename T>
constexpr bool is_id = false;
template <typename Tag>
constexpr bool is_id<Id<Tag>> = true;

// Elements whose bytes in memory are their bytes in the archive: vectors of them are copied as a
// whole.
template <typename T>
concept Bulk = Number<T> || Bits<T> || is_id<T>;

static_assert(std::endian::native == std::endian::little);

}  // namespace archive_detail

class ArchiveWriter {
 public:
  static constexpr bool reading = false;

  template <typename... T>
  void operator()(const T&... items) {
    (write(items), ...);
  }

  const std::vector<uint8_t>& bytes() const { return bytes_; }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  void raw(const void* data, size_t size) {
    auto* from = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), from, from + size);
  }
  void length(size_t n) {
    CHECK(n <= UINT32_MAX);
    write(static_cast<uint32_t>(n));
  }

  template <typename T>
    requires archive_detail::Bulk<T>
  void write(const T& item) {
    raw(&item, sizeof item);
  }
  void write(bool item) { write(static_cast<uint8_t>(item)); }
  void write(std::string_view text) {
    length(text.size());
    raw(text.data(), text.size());
  }
  void write(const std::string& text) { write(std::string_view(text)); }
  template <typename T>
  void write(const std::vector<T>& items) {
    length(items.size());
    if constexpr (archive_detail::Bulk<T>) {
      raw(items.data(), items.size() * sizeof(T));
    } else {
      for (const T& item : items) write(item);
    }
  }
  template <typename T, size_t n>
  void write(const std::array<T, n>& items) {
    for (const T& item : items) write(item);
  }
  template <typename I, typename T>
  void write(const IdVector<I, T>& items) {
    write(items.items());
  }
  template <typename T>
  void write(const std::optional<T>& item) {
    write(item.has_value());
    if (item) write(*item);
  }
  template <typename A, typename B>
  void write(const std::pair<A, B>& item) {
    write(item.first);
    write(item.second);
  }
  template <typename... T>
  void write(const std::variant<T...>& item) {
    static_assert(sizeof...(T) < 256);
    write(static_cast<uint8_t>(item.index()));
    std::visit([this](const auto& inner) { this->write(inner); }, item);
  }
  void write(std::monostate) {}
  // `serialize` takes a mutable reference because it serves the reader too; here it only reads.
  template <typename T>
    requires requires(ArchiveWriter& ar, T& item) { serialize(ar, item); }
  void write(const T& item) {
    serialize(*this, const_cast<T&>(item));
  }
  template <typename T>
    requires requires(ArchiveWriter& ar, T& item) { item.serialize(ar); }
  void write(const T& item) {
    const_cast<T&>(item).serialize(*this);
  }

  std::vector<uint8_t> bytes_;
};

// The bytes may be damaged: the first failure is kept, from then on every read yields zero, and a
// length is never above the bytes left. Callers check status() once at the end.
class ArchiveReader {
 public:
  static constexpr bool reading = true;

  // The bytes must outlive every string_view read from them.
  explicit ArchiveReader(std::span<const uint8_t> bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  template <typename... T>
  void operator()(T&... items) {
    (read(items), ...);
  }

  bool ok() const { return failure_ == nullptr; }
  bool at_end() const { return next_ == end_; }
  // Keeps the first failure; `message` is static text.
  void fail(const char* message) {
    if (failure_ == nullptr) failure_ = message;
    next_ = end_;
  }
  // The kept failure (malformed), or success.
  Result<void> status() const {
    if (failure_ != nullptr) return tenon::fail(ErrorCode::malformed, failure_);
    return {};
  }

 private:
  size_t left() const { return static_cast<size_t>(end_ - next_); }
  bool raw(void* to, size_t size) {
    if (size > left()) {
      fail("unexpected end of serialized data");
      return false;
    }
    if (size != 0) std::memcpy(to, next_, size);
    next_ += size;
    return true;
  }
  // A number of elements that take at least `size` bytes each.
  size_t length(size_t size) {
    uint32_t n = 0;
    read(n);
    if (n > left() / size) {
      fail("length of serialized data out of bounds");
      return 0;
    }
    return n;
  }

  template <typename T>
    requires archive_detail::Bulk<T>
  void read(T& item) {
    if (!raw(&item, sizeof item)) std::memset(static_cast<void*>(&item), 0, sizeof item);
  }
  void read(bool& item) {
    uint8_t byte = 0;
    read(byte);
    if (byte > 1) fail("serialized bool is neither 0 nor 1");
    item = byte == 1;
  }
  void read(std::string_view& text) {
    size_t n = length(1);
    text = {reinterpret_cast<const char*>(next_), n};
    next_ += n;
  }
  void read(std::string& text) {
    std::string_view view;
    read(view);
    text = view;
  }
  template <typename T>
  void read(std::vector<T>& items) {
    items.clear();
    if constexpr (archive_detail::Bulk<T>) {
      items.resize(length(sizeof(T)));
      raw(items.data(), items.size() * sizeof(T));
    } else {
      size_t n = length(1);
      // A damaged length must not cost memory that the elements do not fill.
      items.reserve(n < max_reserve ? n : max_reserve);
      for (size_t i = 0; i < n && ok(); i++) {
        T item{};
        read(item);
        items.push_back(std::move(item));
      }
    }
  }
  template <typename T, size_t n>
  void read(std::array<T, n>& items) {
    for (T& item : items) read(item);
  }
  template <typename I, typename T>
  void read(IdVector<I, T>& items) {
    read(items.items());
  }
  template <typename T>
  void read(std::optional<T>& item) {
    bool present = false;
    read(present);
    item.reset();
    if (present) read(item.emplace());
  }
  template <typename A, typename B>
  void read(std::pair<A, B>& item) {
    read(item.first);
    read(item.second);
  }
  template <typename... T>
  void read(std::variant<T...>& item) {
    uint8_t index = 0;
    read(index);
    if (index >= sizeof...(T)) return fail("serialized variant has an unknown case");
    read_case(item, index, std::index_sequence_for<T...>());
  }
  template <typename V, size_t... i>
  void read_case(V& item, size_t index, std::index_sequence<i...>) {
    ((i == index ? read(item.template emplace<i>()) : void()), ...);
  }
  void read(std::monostate&) {}
  template <typename T>
    requires requires(ArchiveReader& ar, T& item) { serialize(ar, item); }
  void read(T& item) {
    serialize(*this, item);
  }
  template <typename T>
    requires requires(ArchiveReader& ar, T& item) { item.serialize(ar); }
  void read(T& item) {
    item.serialize(*this);
  }

  static constexpr size_t max_reserve = 4096;  // elements

  const uint8_t* next_;
  const uint8_t* end_;
  const char* failure_ = nullptr;
};

template <typename T>
std::vector<uint8_t> to_bytes(const T& item) {
  ArchiveWriter ar;
  ar(item);
  return ar.take();
}

// Fails too when bytes are left over.
template <typename T>
Result<T> from_bytes(std::span<const uint8_t> bytes) {
  ArchiveReader ar(bytes);
  T item{};
  ar(item);
  if (ar.ok() && !ar.at_end()) ar.fail("bytes left over behind serialized data");
  TRY_VOID(ar.status());
  return item;
}

}  // namespace tenon
