#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/check.h"
#include "canon/component_instance.h"
#include "canon/host_copies.h"
#include "tenon/abi/context.h"

// A guest without code, for tests: a memory and a realloc that a test can make as hostile as it
// likes.
namespace tenon::canon {

class FakeGuest final : public abi::Embedder {
 public:
  using Realloc = std::function<CallResult<uint64_t>(uint64_t, uint64_t, uint32_t, uint64_t)>;

  explicit FakeGuest(uint32_t memory_bytes = 1 << 16,
                     abi::StringEncoding encoding = abi::StringEncoding::utf8)
      : bytes(memory_bytes), instance(nullptr) {
    memory = {bytes.size(), bytes.data()};
    options.embedder = this;
    options.instance = &instance;
    options.may_leave = &instance.may_leave.value;
    options.memory = &memory;
    options.realloc = this;
    options.string_encoding = encoding;
  }

  CallResult<uint64_t> realloc(const abi::Options&, uint64_t old_pointer, uint64_t old_size,
                               uint32_t alignment, uint64_t new_size) override {
    CHECK(instance.may_leave.value == 0);
    reallocs++;
    if (hook) return hook(old_pointer, old_size, alignment, new_size);
    return bump(old_pointer, old_size, alignment, new_size);
  }
  std::unique_ptr<Trap> defer(abi::Context&, std::shared_ptr<abi::CompletionState>,
                              uint64_t) override {
    return std::make_unique<Trap>(Trap::host("nobody waits here"));
  }
  HostCopies& copies() override { return host_copies; }
  std::unique_ptr<Trap> run_until(bool (*is_done)(const void*), const void* of) override {
    if (is_done(of)) return nullptr;
    return std::make_unique<Trap>(Trap::host("nobody runs here"));
  }
  // An allocator that never frees.
  CallResult<uint64_t> bump(uint64_t old_pointer, uint64_t old_size, uint32_t alignment,
                            uint64_t new_size) {
    uint64_t start = abi::align_to(next, alignment);
    if (start + new_size > bytes.size())
      return std::unexpected(Trap{TrapCode::unreachable, {}, 0, {}});
    next = static_cast<uint32_t>(start + new_size);
    for (uint64_t i = 0; i < std::min(old_size, new_size); i++)
      bytes[start + i] = bytes[old_pointer + i];
    return start;
  }
  void raise(Trap trap) override { raised = std::move(trap); }
  [[noreturn]] Store& store() override { check_failed(__FILE__, __LINE__, "no store"); }
  ResourceTable& resources() override { return objects; }
  std::unique_ptr<Trap> drop_resource(const abi::ResourceType&, uint32_t rep) override {
    objects.destroy(rep);
    return nullptr;
  }
  std::weak_ptr<const void> life() const override { return alive; }
  CallScope* call_scope() override { return scope; }
  uint64_t max_call_bytes() const override { return call_bytes; }

  std::vector<uint8_t> bytes;
  abi::Memory memory;
  ComponentInstance instance;
  ResourceTable objects;
  RunQueue queue;
  ObjectPool pool{64};
  HostCopies host_copies{*this, pool, queue};
  CallScope* scope = nullptr;
  abi::Options options;
  Realloc hook;
  uint32_t next = 16;
  uint32_t reallocs = 0;
  uint64_t call_bytes = limits::max_host_call_bytes;
  std::optional<Trap> raised;
  std::shared_ptr<const int> alive = std::make_shared<int>();
};

}  // namespace tenon::canon
