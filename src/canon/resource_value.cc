#include "canon/values.h"

namespace tenon {

CallResult<void> ResourceValue::drop() const {
  if (!state_->owned || state_->store_life.expired()) return {};
  state_->owned = false;
  if (auto trap = state_->store->drop_resource(*state_->type, state_->rep))
    return std::unexpected(std::move(*trap));
  return {};
}

namespace canon {

const char* problem_of(const ResourceValue& resource, const abi::ResourceType* type,
                       const abi::Embedder* store) {
  const ResourceValue::State& state = resource.state();
  if (state.store != store || state.store_life.expired() || state.type != type)
    return "a resource is of another type or another store than the function takes";
  return state.owned ? nullptr : "a resource has been given away already";
}

}  // namespace canon
}  // namespace tenon
