#pragma once

// Doubly linked lists through members of their elements, which can be in several lists, and leave
// one without a search.
namespace tenon::canon {

template <typename T>
struct Link {
  T* previous = nullptr;
  T* next = nullptr;
  bool is_linked = false;
};

template <typename T, Link<T> T::* link>
class List {
 public:
  List() = default;
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  T* first() const { return first_; }
  static T* next(const T& element) { return (element.*link).next; }
  bool is_empty() const { return first_ == nullptr; }

  // Does nothing for an element that is linked.
  void add(T& element) {
    Link<T>& it = element.*link;
    if (it.is_linked) return;
    it = {last_, nullptr, true};
    (last_ ? (last_->*link).next : first_) = &element;
    last_ = &element;
  }
  // Does nothing for an element that is not linked.
  void remove(T& element) {
    Link<T>& it = element.*link;
    if (!it.is_linked) return;
    (it.previous ? (it.previous->*link).next : first_) = it.next;
    (it.next ? (it.next->*link).previous : last_) = it.previous;
    it = {};
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
};

}  // namespace tenon::canon
