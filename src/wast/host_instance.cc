#include "wast/host_instance.h"

#include <fmt/format.h>

#include <string>

#include "wast/spectest.h"

namespace tenon::wast {
namespace {

struct Resource1 {
  uint32_t rep = 0;
  std::shared_ptr<HostInstance::Drops> drops;
};
struct Resource2 {};

}  // namespace
}  // namespace tenon::wast

namespace tenon::abi {

// What a guest drops is counted; what it gives to the host is not.
template <>
inline constexpr ResourceType host_resource_type<wast::Resource1>{
    [](void* object) {
      std::unique_ptr<wast::Resource1> dropped(static_cast<wast::Resource1*>(object));
      dropped->drops->count++;
      dropped->drops->last = dropped->rep;
    },
    nullptr};

}  // namespace tenon::abi

namespace tenon::wast {
namespace {

CallResult<void> check_rep(const Resource1& resource, uint32_t rep) {
  if (resource.rep == rep) return {};
  return trap(fmt::format("the resource was made with {}, not with {}", resource.rep, rep));
}

// Returns `value` when no guest can run.
template <typename T>
Completion<T> return_slowly(HostInstance::Slow& slow, T value) {
  return complete_later<T>([&](Completer<T> completer) {
    auto kept = std::make_shared<Completer<T>>(std::move(completer));
    slow.returns.emplace_back([kept, value] { kept->complete(value); });
  });
}

// What a store that waits does. False: there is nothing to return.
bool return_all(HostInstance::Slow& slow) {
  auto returns = std::exchange(slow.returns, {});
  for (const auto& each : returns) each();
  return !returns.empty();
}

class Definitions {
 public:
  Definitions(runtime::ComponentLinker& linker, std::shared_ptr<HostInstance::Drops> drops)
      : linker_(linker), drops_(std::move(drops)) {}

  void functions() {
    linker_.define("", "host-return-two", abi::make_host_function([] { return uint32_t{2}; }));
    linker_.define("", "host-echo-u32",
                   abi::make_host_function([](uint32_t value) { return value; }));
    define("return-three", [] { return uint32_t{3}; });
    define("return-hi", [] { return std::string("hi"); });
    linker_.define("host#nested", "return-four",
                   abi::make_host_function([] { return uint32_t{4}; }));
  }

  void resources() {
    linker_.define_resource(HostInstance::name, "resource1", abi::host_resource_type<Resource1>);
    linker_.define_resource(HostInstance::name, "resource1-again",
                            abi::host_resource_type<Resource1>);
    linker_.define_resource(HostInstance::name, "resource2", abi::host_resource_type<Resource2>);
    define("[constructor]resource1",
           [drops = drops_](uint32_t rep) { return make_own<Resource1>(Resource1{rep, drops}); });
    define("[static]resource1.assert",
           [](Own<Resource1> resource, uint32_t rep) { return check_rep(*resource, rep); });
    define("[static]resource1.last-drop", [drops = drops_] { return drops->last; });
    define("[static]resource1.drops", [drops = drops_] { return drops->count; });
    define("[method]resource1.simple",
           [](Borrow<Resource1> self, uint32_t rep) { return check_rep(*self, rep); });
    define("[method]resource1.take-borrow", [](Borrow<Resource1>, Borrow<Resource1>) {});
    define("[method]resource1.take-own", [](Borrow<Resource1>, Own<Resource1>) {});
  }

  void async_functions(const std::shared_ptr<HostInstance::Slow>& slow) {
    auto never = [slow] {
      return complete_later<void>(
          [&](Completer<void> completer) { slow->never.push_back(std::move(completer)); });
    };
    define("never-return", never);
    define("[method]resource1.never-return", [never](Borrow<Resource1>) { return never(); });
    define("return-two-slowly", [slow] { return return_slowly<int32_t>(*slow, 2); });
    define("echo-slowly", [slow](uint32_t value) { return return_slowly(*slow, value); });
  }

 private:
  template <typename F>
  void define(std::string_view name, F&& function) {
    linker_.define(HostInstance::name, name, abi::make_host_function(std::forward<F>(function)));
  }

  runtime::ComponentLinker& linker_;
  std::shared_ptr<HostInstance::Drops> drops_;
};

}  // namespace

void HostInstance::define(runtime::ComponentLinker& linker, runtime::ComponentStore& store) const {
  Definitions definitions(linker, drops_);
  definitions.functions();
  definitions.resources();
  definitions.async_functions(slow_);
  linker.define("wasmtime", "gc",
                abi::make_host_function([&core = store.core()] { collect_garbage(core); }));
  store.pending_calls().on_wait([slow = slow_] { return return_all(*slow); });
}

}  // namespace tenon::wast
