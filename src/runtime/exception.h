#pragma once

#include "runtime/gc/roots.h"
#include "tenon/trap.h"

namespace tenon {

namespace runtime {
class Store;
}

// An exception that left a guest, as a Trap carries it: so that a host function can pass it on to
// the guest that called it. Its store keeps every one that a Trap may still hold, and takes the
// object out of it when the store ends; dropping it is safe on any thread.
class Exception {
 public:
  Exception(runtime::Store& store, runtime::Root root) : store_(&store), root_(std::move(root)) {}

  // Null once the store is gone.
  runtime::Store* store() const { return store_; }
  compiler::GcRef reference() const { return root_.get(); }
  void leave_store() {
    store_ = nullptr;
    root_.reset();
  }

 private:
  runtime::Store* store_;
  runtime::Root root_;
};

}  // namespace tenon
