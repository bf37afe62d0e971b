#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/component/component_store.h"
#include "runtime/store.h"
#include "tenon/store.h"

// What is behind tenon::Store: the core store, and the state of components in it.
namespace tenon {

class Store::Impl {
 public:
  Impl(Store& owner, const Engine& engine, const StoreConfig& config);

  const Engine& engine() const { return engine_; }
  // Making a store cannot fail; using it can.
  Result<void> status() const;
  runtime::Store& core() { return *core_; }
  runtime::ComponentStore& components() { return *components_; }

  void attach(const void* key, std::shared_ptr<void> state);
  void* find_attached(const void* key) const;

 private:
  struct Attached {
    const void* key;
    std::shared_ptr<void> state;
  };

  const Engine engine_;
  std::optional<Error> problem_;
  // Destroyed from the last to the first: resources, instances, and then what they may refer to.
  std::vector<Attached> attached_;
  std::unique_ptr<runtime::Store> core_;
  std::optional<runtime::ComponentStore> components_;
};

}  // namespace tenon
