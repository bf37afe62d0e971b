#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>

#include "tenon/abi/type.h"

// Resources that the host implements: any C++ class. Own<T> passes an object into or out of a
// guest, Borrow<T> is an object that a guest lends for a call. While a guest owns it, the object
// lives in the store's table; it is destroyed when the guest drops its handle, or with the store.
namespace tenon {

namespace abi {

// The identity of a resource type: two are the same when they are one object.
struct ResourceType {
  void (*destroy)(void* object) = nullptr;   // host types; null for those that guests define
  canon::ComponentInstance* impl = nullptr;  // canon: ResourceType.impl; null for host types
};

template <typename T>
inline constexpr ResourceType host_resource_type{
    [](void* object) { delete static_cast<T*>(object); }, nullptr};

// canon: lift_own, lift_borrow, lower_own for the host's objects. Null or 0 after a failure.
void* lift_own_object(Context& cx, uint32_t handle, const ResourceType& type);
void* lift_borrow_object(Context& cx, uint32_t handle, const ResourceType& type);
uint32_t lower_own_object(Context& cx, void* object, const ResourceType& type);
// canon: lower_borrow, for calls into a guest. The object outlives the call.
uint32_t lower_borrow_object(Context& cx, void* object, const ResourceType& type);

}  // namespace abi

// An object that goes to a guest or came from one. Empty only after it was moved from.
template <typename T>
class Own {
 public:
  Own() = default;
  explicit Own(std::unique_ptr<T> object) : object_(std::move(object)) {}
  template <typename U>
    requires std::convertible_to<U*, T*>
  Own(Own<U> other)
      : object_(std::move(other).take()) {}  // NOLINT(google-explicit-constructor): as unique_ptr

  T& operator*() const { return *object_; }
  T* operator->() const { return object_.get(); }
  explicit operator bool() const { return object_ != nullptr; }
  std::unique_ptr<T> take() && { return std::move(object_); }

 private:
  std::unique_ptr<T> object_;
};

template <typename T, typename... Args>
Own<T> make_own(Args&&... args) {
  return Own<T>(std::make_unique<T>(std::forward<Args>(args)...));
}

// An object for the time of one call.
template <typename T>
class Borrow {
 public:
  Borrow() = default;
  explicit Borrow(T& object) : object_(&object) {}

  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  T* get() const { return object_; }

 private:
  T* object_ = nullptr;
};

namespace abi {

namespace detail {
struct HandleType {
  static constexpr Layouts layout = scalar_layout(4);
  static constexpr FlatTypes flat = abi::flat(CoreType::i32);
};
}  // namespace detail

template <typename T>
struct Type<Own<T>> : detail::HandleType {
  static constexpr TypeDesc desc{TypeKind::own, {}, &host_resource_type<T>};

  static Own<T> load(Context& cx, uint64_t pointer) {
    return from_handle(cx, cx.load<uint32_t>(pointer));
  }
  static Own<T> lift(Context& cx, const uint64_t*& values) {
    return from_handle(cx, static_cast<uint32_t>(*values++));
  }
  static void store(Context& cx, Own<T>& value, uint64_t pointer) {
    cx.store(pointer, to_handle(cx, value));
  }
  static void lower(Context& cx, Own<T>& value, uint64_t*& values) {
    *values++ = to_handle(cx, value);
  }

 private:
  static Own<T> from_handle(Context& cx, uint32_t handle) {
    void* object = lift_own_object(cx, handle, host_resource_type<T>);
    return Own<T>(std::unique_ptr<T>(static_cast<T*>(object)));
  }
  static uint32_t to_handle(Context& cx, Own<T>& value) {
    return lower_own_object(cx, std::move(value).take().release(), host_resource_type<T>);
  }
};

template <typename T>
struct Type<Borrow<T>> : detail::HandleType {
  static constexpr TypeDesc desc{TypeKind::borrow, {}, &host_resource_type<T>};

  static Borrow<T> load(Context& cx, uint64_t pointer) {
    return from_handle(cx, cx.load<uint32_t>(pointer));
  }
  static Borrow<T> lift(Context& cx, const uint64_t*& values) {
    return from_handle(cx, static_cast<uint32_t>(*values++));
  }
  static void store(Context& cx, const Borrow<T>& value, uint64_t pointer) {
    cx.store(pointer, lower_borrow_object(cx, value.get(), host_resource_type<T>));
  }
  static void lower(Context& cx, const Borrow<T>& value, uint64_t*& values) {
    *values++ = lower_borrow_object(cx, value.get(), host_resource_type<T>);
  }

 private:
  static Borrow<T> from_handle(Context& cx, uint32_t handle) {
    void* object = lift_borrow_object(cx, handle, host_resource_type<T>);
    return object ? Borrow<T>(*static_cast<T*>(object)) : Borrow<T>();
  }
};

}  // namespace abi
}  // namespace tenon
