#pragma once

#include <string_view>

#include "runtime/test_guest.h"

#include <doctest/doctest.h>

// For tests: modules written as text, linked by name in one store.
#define NEEDS_COMPILER()                            \
  if (test_tier() == nullptr) {                     \
    MESSAGE("skipped: this build has no compiler"); \
    return;                                         \
  }

namespace tenon::runtime {

struct TextWorld {
  std::shared_ptr<Engine> engine;
  std::unique_ptr<Store> store;
  Linker linker;
  compiler::OptLevel level = compiler::OptLevel::full;

  explicit TextWorld(const EngineConfig& config = {}, const StoreLimits& limits = {}) {
    auto made = Engine::create(config);
    REQUIRE(made.has_value());
    engine = *made;
    new_store(limits);
  }
  // Of the same engine as `other`.
  explicit TextWorld(const TextWorld& other) : engine(other.engine), level(other.level) {
    new_store({});
  }

  Result<Instance*> link(std::string_view text) {
    std::span bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    auto code = TRY(load_guest(engine, bytes, level));
    return linker.link(*store, code->module(0));
  }
  Instance* add(std::string_view text) {
    auto instance = link(text);
    if (!instance) FAIL(instance.error().to_string());
    auto done = (*instance)->initialize();
    if (!done) FAIL(done.error().to_string());
    return *instance;
  }
  std::string link_error(std::string_view text) {
    auto instance = link(text);
    return instance ? "linked" : instance.error().to_string();
  }
  template <typename Signature>
  TypedFunction<Signature> get(Instance* instance, std::string_view name) {
    auto item = instance->find_export(name);
    REQUIRE(item.has_value());
    auto typed = TypedFunction<Signature>::of(*store, std::get<compiler::FuncRef*>(*item));
    if (!typed) FAIL(typed.error().to_string());
    return *typed;
  }

 private:
  void new_store(const StoreLimits& limits) {
    auto made = Store::create(engine, limits);
    REQUIRE(made.has_value());
    store = std::move(*made);
  }
};

// Every way in which accesses are checked: with and without guard pages, optimized and not.
template <typename Test>
void in_every_mode(const Test& test) {
  for (auto mode : {compiler::MemoryMode::guarded, compiler::MemoryMode::checked}) {
    for (auto level : {compiler::OptLevel::none, compiler::OptLevel::full}) {
      TextWorld world({.memory_mode = mode});
      world.level = level;
      CAPTURE(static_cast<int>(mode));
      CAPTURE(static_cast<int>(level));
      test(world);
    }
  }
}

template <typename T>
TrapCode trap_of(const CallResult<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().code;
}

}  // namespace tenon::runtime
