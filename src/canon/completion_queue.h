#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "tenon/abi/completion_state.h"

// Through which any thread tells a store's that calls of host functions have been completed.
namespace tenon::abi {

class CompletionQueue {
 public:
  using States = std::vector<std::shared_ptr<CompletionState>>;

  void add(std::shared_ptr<CompletionState> state);
  // Those that have come, in their order.
  States take();
  bool is_empty() const;
  // Until there is one.
  void wait();

 private:
  mutable std::mutex mutex_;
  std::condition_variable has_come_;
  States states_;
};

}  // namespace tenon::abi
