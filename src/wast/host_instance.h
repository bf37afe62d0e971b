#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "runtime/component/component_linker.h"
#include "runtime/component/component_store.h"

// What `spectest` is for modules of scripts, for components: the instance `host`, and two functions
// at the root. The names and types are those that scripts of other projects import:
//
//   host-return-two: func() -> u32              host-echo-u32: func(u32) -> u32
//   host#return-three: func() -> u32            host#nested#return-four: func() -> u32
//   host#return-hi: func() -> string            host#simple-module: `host_module_text`
//   host#resource1, host#resource1-again (the same type), host#resource2: resources
//   host#[constructor]resource1: func(rep: u32) -> own<resource1>
//   host#[static]resource1.assert: func(own<resource1>, rep: u32)      traps when they differ
//   host#[static]resource1.last-drop, host#[static]resource1.drops: func() -> u32
//   host#[method]resource1.simple: func(borrow<resource1>, rep: u32)   traps when they differ
//   host#[method]resource1.take-borrow: func(borrow<resource1>, borrow<resource1>)
//   host#[method]resource1.take-own: func(borrow<resource1>, own<resource1>)
//   host#[method]resource1.never-return: async func(borrow<resource1>)
//   host#never-return: async func()             host#return-two-slowly: async func() -> s32
//   host#echo-slowly: async func(u32) -> u32    the last two return when no guest can run
//   wasmtime#gc: func()                         collects garbage
namespace tenon::wast {

class HostInstance {
 public:
  static constexpr std::string_view name = "host";

  // All but the core module. `store` outlives what is linked; its Store::on_wait is taken.
  void define(runtime::ComponentLinker& linker, runtime::ComponentStore& store) const;

  struct Drops {
    uint32_t count = 0;
    uint32_t last = 0;  // what the object was made with
  };
  // Calls that have not returned.
  struct Slow {
    std::vector<std::function<void()>> returns;
    std::vector<Completer<void>> never;
  };

 private:
  std::shared_ptr<Drops> drops_ = std::make_shared<Drops>();
  std::shared_ptr<Slow> slow_ = std::make_shared<Slow>();
};

constexpr std::string_view host_module_text = R"(
  (module
    (global (export "g") i32 (i32.const 100))
    (func (export "f") (result i32) (i32.const 101))))";

}  // namespace tenon::wast
