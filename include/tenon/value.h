#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/trap.h"

// Component values whose types are known only at run time: for Func::call, tools and tests. A plain
// value; it can be copied and compared, and knows its kind, but not the names of types. Host
// functions with C++ types do without it (abi/host_func.h).
namespace tenon {

namespace abi {
class HostEnd;
}

struct Value;

// A value or nothing, on the heap, copied with its owner.
class BoxedValue {
 public:
  BoxedValue() = default;
  BoxedValue(Value value);  // NOLINT(google-explicit-constructor): a payload is given as it is
  BoxedValue(const BoxedValue& other);
  BoxedValue(BoxedValue&&) noexcept = default;
  BoxedValue& operator=(const BoxedValue& other);
  BoxedValue& operator=(BoxedValue&&) noexcept = default;
  ~BoxedValue();

  explicit operator bool() const { return value_ != nullptr; }
  Value& operator*() const { return *value_; }
  Value* operator->() const { return value_.get(); }
  friend bool operator==(const BoxedValue& a, const BoxedValue& b);

 private:
  std::unique_ptr<Value> value_;
};

struct ListValue {
  std::vector<Value> items;
  friend bool operator==(const ListValue& a, const ListValue& b);
};
struct TupleValue {
  std::vector<Value> items;
  friend bool operator==(const TupleValue& a, const TupleValue& b);
};
struct FieldValue;
struct RecordValue {
  std::vector<FieldValue> fields;  // in the order of the type
  friend bool operator==(const RecordValue& a, const RecordValue& b);
};
struct VariantValue {
  std::string name;
  BoxedValue payload;
  friend bool operator==(const VariantValue&, const VariantValue&) = default;
};
struct EnumValue {
  std::string name;
  friend bool operator==(const EnumValue&, const EnumValue&) = default;
};
struct FlagsValue {
  std::vector<std::string> names;  // those that are set, in the order of the type
  friend bool operator==(const FlagsValue&, const FlagsValue&) = default;
};
struct OptionValue {
  BoxedValue some;
  friend bool operator==(const OptionValue&, const OptionValue&) = default;
};
struct ResultValue {
  bool is_error = false;
  BoxedValue payload;
  friend bool operator==(const ResultValue&, const ResultValue&) = default;
};

// A resource that a guest handed to the host. Copies are the same resource. It lives until it is
// passed back as an `own`, dropped, or its store goes.
class ResourceValue {
 public:
  struct State;
  explicit ResourceValue(std::shared_ptr<State> state) : state_(std::move(state)) {}

  // Ends the resource: the guest's destructor runs, and can trap. Nothing happens to one that was
  // passed back. To be called on the store's thread, outside of calls into the guest that made it.
  CallResult<void> drop() const;
  State& state() const { return *state_; }
  friend bool operator==(const ResourceValue&, const ResourceValue&) = default;

 private:
  std::shared_ptr<State> state_;
};

// The end of a stream or future that is read, which a guest handed to the host. Copies are the same
// end. Passed to another guest of the store, its items go there without the host. To read it here,
// tenon/stream.h makes a Stream<T> of it. It is closed when the last copy goes.
class StreamValue {
 public:
  explicit StreamValue(std::shared_ptr<abi::HostEnd> end) : end_(std::move(end)) {}

  // Null: an empty Stream was made a value.
  abi::HostEnd* end() const { return end_.get(); }
  const std::shared_ptr<abi::HostEnd>& shared_end() const { return end_; }
  friend bool operator==(const StreamValue&, const StreamValue&) = default;

 private:
  std::shared_ptr<abi::HostEnd> end_;
};
class FutureValue {
 public:
  explicit FutureValue(std::shared_ptr<abi::HostEnd> end) : end_(std::move(end)) {}

  abi::HostEnd* end() const { return end_.get(); }
  const std::shared_ptr<abi::HostEnd>& shared_end() const { return end_; }
  friend bool operator==(const FutureValue&, const FutureValue&) = default;

 private:
  std::shared_ptr<abi::HostEnd> end_;
};

namespace detail {
template <typename T, typename Variant>
constexpr bool is_alternative = false;
template <typename T, typename... Ts>
constexpr bool is_alternative<T, std::variant<Ts...>> = (std::is_same_v<T, Ts> || ...);
}  // namespace detail

struct Value {
  using Data = std::variant<bool, int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t,
                            uint64_t, float, double, char32_t, std::string, ListValue, RecordValue,
                            TupleValue, VariantValue, EnumValue, OptionValue, ResultValue,
                            FlagsValue, ResourceValue, StreamValue, FutureValue>;
  Data data;

  Value() = default;
  template <typename T>
    requires detail::is_alternative<T, Data>
  Value(T value)
      : data(std::in_place_type<T>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Value(const char* text);                                // NOLINT(google-explicit-constructor)

  // Null when the value is of another kind.
  template <typename T>
  const T* get_if() const {
    return std::get_if<T>(&data);
  }
  template <typename T>
  T* get_if() {
    return std::get_if<T>(&data);
  }
  // "u32", "list", ...
  const char* kind_name() const;

  // Floating-point numbers are equal when they are the same number, or both are NaN.
  friend bool operator==(const Value& a, const Value& b);
};

struct FieldValue {
  std::string name;
  Value value;
  friend bool operator==(const FieldValue&, const FieldValue&) = default;
};

inline Value::Value(const char* text) : data(std::string(text)) {}

}  // namespace tenon
