#include "canon/handles.h"

#include <string>

#include <doctest/doctest.h>

namespace tenon::canon {
namespace {

const abi::ResourceType host{[](void*) {}, nullptr};
const abi::ResourceType guest{};
const abi::ResourceType other_guest{};

TEST_CASE("handles: a table reuses holes and ends at its limit") {
  Table<Handle> table(3);
  Handle handle;
  handle.rt = &guest;
  for (uint32_t i = 1; i <= 3; i++) CHECK(table.add(handle) == i);
  CHECK(table.add(handle) == 0);
  table.remove(2);
  CHECK(table.get(2) == nullptr);
  CHECK(table.add(handle) == 2);
  for (uint32_t bad : {0u, 4u, 0xffffffffu}) CHECK(table.get(bad) == nullptr);
}

TEST_CASE("handles: elements keep their indices when they leave the table's own room") {
  Table<Handle, 4> table(20);
  Handle handle;
  handle.rt = &guest;
  for (uint32_t i = 1; i <= 20; i++) {
    CHECK(table.has_room() == (i != 4 && i != 16));
    handle.rep = 100 + i;
    CHECK(table.add(handle) == i);
  }
  CHECK(table.is_full());
  for (uint32_t i = 1; i <= 20; i++) CHECK(table.get(i)->rep == 100 + i);
  table.remove(2);
  CHECK(table.get(2) == nullptr);
  CHECK(table.add(handle) == 2);
}

TEST_CASE("handles: the tables of a store share the memory they may take") {
  uint64_t bytes_left = 40 * sizeof(Handle);
  ComponentInstance one(nullptr, &bytes_left);
  ComponentInstance other(nullptr, &bytes_left);
  // Each has an element that is never used.
  auto fill = [](ComponentInstance& instance) {
    uint32_t count = 0;
    while (auto handle = lower_own(instance, 7, guest)) count = *handle;
    return count;
  };
  CHECK(fill(one) == 31);
  CHECK(lower_own(one, 7, guest).error() ==
        "the handles of one store take more than 268435456 bytes");
  CHECK(fill(other) == 15);  // what lies in the instance
  // What is there can be used on.
  CHECK(*lift_own(one, 5, guest) == 7);
  CHECK(*lower_own(one, 8, guest) == 5);
  CHECK_FALSE(one.handles.has_room());
}

TEST_CASE("handles: owning, lending and dropping") {
  ComponentInstance instance(nullptr);
  uint32_t own = *lower_own(instance, 42, guest);
  CHECK(*lift_borrow(instance, own, guest) == 42);
  lend(instance, own);
  CHECK(lift_own(instance, own, guest).error() == "cannot remove owned resource while borrowed");
  CHECK(remove_handle(instance, own, guest).error() ==
        "cannot remove owned resource while borrowed");
  take_back(instance, own);
  CHECK(*lift_own(instance, own, guest) == 42);
  CHECK(lift_own(instance, own, guest).error() == "unknown handle index 1");
  CHECK(lift_borrow(instance, 0, guest).error() == "unknown handle index 0");
}

TEST_CASE("handles: types are not mixed up") {
  ComponentInstance instance(nullptr);
  uint32_t own = *lower_own(instance, 1, guest);
  CHECK(lift_own(instance, own, other_guest).error() ==
        "handle index 1 used with the wrong type, expected guest-defined resource but found a "
        "different "
        "guest-defined resource");
  CHECK(lift_own(instance, own, host).error() ==
        "handle index 1 used with the wrong type, expected host-defined resource but found a "
        "guest-defined resource");
}

TEST_CASE("handles: borrows are counted") {
  ComponentInstance instance(nullptr);
  CallScope scope;
  uint32_t borrow = *lower_borrow(instance, 7, guest, scope);
  CHECK(scope.num_borrows == 1);
  CHECK(lift_own(instance, borrow, guest).error() == "cannot lift own resource from a borrow");
  CHECK(!remove_handle(instance, borrow, guest)->is_own());
  CHECK(scope.num_borrows == 0);
}

TEST_CASE("handles: entering instances and their ancestors") {
  ComponentInstance root(nullptr);
  ComponentInstance a(&root);
  ComponentInstance b(&root);
  CHECK(a.may_enter_from(nullptr));
  a.enter_from(nullptr);
  CHECK(root.may_enter.value == 0);
  CHECK(!b.may_enter_from(nullptr));
  // From a to b the root is not entered again.
  CHECK(b.may_enter_from(&a));
  b.enter_from(&a);
  CHECK(!b.may_enter_from(&a));
  CHECK(root.may_enter_from(&b));
  b.leave_to(&a);
  a.leave_to(nullptr);
  CHECK(root.may_enter.value == 1);
  CHECK(b.may_enter_from(nullptr));
}

struct Counted {
  explicit Counted(std::string* log_to, char name_is) : log(log_to), name(name_is) {}
  ~Counted() { *log += name; }
  std::string* log;
  char name;
};

TEST_CASE("handles: the host's objects go in reverse order, lent ones not at all") {
  std::string log;
  Counted lent(&log, 'x');
  {
    ResourceTable table(4);
    const auto& type = abi::host_resource_type<Counted>;
    uint32_t a = table.add(new Counted(&log, 'a'), type);
    table.add(new Counted(&log, 'b'), type);
    table.add(new Counted(&log, 'c'), type);
    CHECK(table.get(a, host) == nullptr);
    table.destroy(a);
    CHECK(log == "a");
    uint32_t rep = table.add_lent(&lent, type);
    CHECK(table.take(rep, type) == nullptr);
    CHECK(table.get(rep, type) == &lent);
    table.add(new Counted(&log, 'd'), type);
    CHECK(table.add(new Counted(&log, 'e'), type) == 0);
    CHECK(log == "ae");
  }
  CHECK(log == "aedcb");
}

}  // namespace
}  // namespace tenon::canon
