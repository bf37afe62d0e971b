#include "tenon/store.h"

#include "api/engine_impl.h"
#include "api/store_impl.h"
#include "runtime/component/live_handles.h"

namespace tenon {

Store::Store(const Engine& engine, const StoreConfig& config)
    : impl_(std::make_unique<Impl>(*this, engine, config)) {}
Store::~Store() = default;

const Engine& Store::engine() const {
  return impl_->engine();
}

std::vector<LiveHandles> Store::live_handles() const {
  if (!impl_->status()) return {};
  return runtime::live_handles(impl_->components());
}

void Store::on_wait(std::function<bool()> wait) {
  if (impl_->status()) impl_->components().pending_calls().on_wait(std::move(wait));
}

CallResult<void> Store::run_until(const std::function<bool()>& is_done) {
  if (auto status = impl_->status(); !status)
    return std::unexpected(Trap::host(status.error().to_string()));
  auto ask = [](const void* of) { return (*static_cast<const std::function<bool()>*>(of))(); };
  if (auto trap = impl_->components().run_until(ask, &is_done))
    return std::unexpected(std::move(*trap));
  return {};
}

abi::HostEnds abi::make_ends(Store& store, CopyKind kind, const TypeDesc* item) {
  if (!store.impl().status()) return {};
  return store.impl().components().copies().make(kind == CopyKind::future,
                                                 canon::Payload::of_host(item));
}

void Store::attach(const void* key, std::shared_ptr<void> state) {
  impl_->attach(key, std::move(state));
}
void* Store::find_attached(const void* key) const {
  return impl_->find_attached(key);
}

Store::Impl::Impl(Store& owner, const Engine& engine, const StoreConfig& config) : engine_(engine) {
  const auto& runtime = engine.impl().runtime();
  if (!runtime) {
    problem_ = runtime.error();
    return;
  }
  constexpr uint64_t max_stack_bytes = uint64_t{1}
                                       << 40;  // more is more address space than there is
  if (config.stack_bytes > max_stack_bytes) {
    problem_ = Error(ErrorCode::limit, "a guest stack of more than 1 TiB");
    return;
  }
  runtime::StoreLimits limits;
  limits.max_memory_bytes = config.max_memory_bytes;
  limits.heap.limit = config.max_heap_bytes;
  // Programs that keep a few megabytes alive spend a third less time than with a quarter of this.
  limits.heap.min_growth = 32 << 20;
  if (config.stack_bytes != StoreConfig().stack_bytes) limits.stack_size = config.stack_bytes;
  auto core = runtime::Store::create(*runtime, limits);
  if (!core) {
    problem_ = std::move(core).error();
    return;
  }
  core_ = std::move(*core);
  runtime::ComponentStoreConfig component_config;
  component_config.max_call_bytes = config.max_host_call_bytes;
  components_.emplace(*core_, &owner, component_config);
}

Result<void> Store::Impl::status() const {
  if (problem_) return std::unexpected(*problem_);
  return {};
}

void Store::Impl::attach(const void* key, std::shared_ptr<void> state) {
  for (Attached& attached : attached_) {
    if (attached.key == key) {
      attached.state = std::move(state);
      return;
    }
  }
  attached_.push_back({key, std::move(state)});
}

void* Store::Impl::find_attached(const void* key) const {
  for (const Attached& attached : attached_) {
    if (attached.key == key) return attached.state.get();
  }
  return nullptr;
}

}  // namespace tenon
