#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "tenon/abi/host_func.h"
#include "tenon/component.h"
#include "tenon/instance.h"
#include "tenon/store.h"
#include "tenon/value.h"

// What a host offers to components, by name. Filled once, then used by any number of threads to
// instantiate: functions are called on the thread of the store that calls them, so that those which
// share state between stores have to guard it.
//
//   linker.func("log", [](std::string_view message) { puts(std::string(message).c_str()); });
//   linker.instance("demo:store/table@1.2.0")
//       .resource<Table>("table")
//       .func("[method]table.get", [](Borrow<Table> table, std::string_view key) { return
//       table->get(key); });
//
// An import `demo:store/table@1.0.3` is satisfied by `@1.2.0` and the other way around: versions
// that semantic versioning calls compatible are, and the highest one offered wins. Functions are
// checked against the component's types when it is instantiated.
namespace tenon {

// Instantiating fails before guest code runs (an Error), or in a start function (a Trap).
class [[nodiscard]] InstantiationError {
 public:
  InstantiationError(Error error)
      : what_(std::move(error)) {}                           // NOLINT(google-explicit-constructor)
  InstantiationError(Trap trap) : what_(std::move(trap)) {}  // NOLINT(google-explicit-constructor)

  // One of them is not null.
  const Error* error() const { return std::get_if<Error>(&what_); }
  const Trap* trap() const { return std::get_if<Trap>(&what_); }
  std::string to_string() const;

 private:
  std::variant<Error, Trap> what_;
};

class Linker;
class Module;

// An instance of a linker, to add definitions to. A view of the linker.
class LinkerInstance {
 public:
  // Any callable that abi/host_func.h describes. A name can be defined once; what is wrong with a
  // definition is reported by `instantiate`.
  template <typename F>
  LinkerInstance& func(std::string_view name, F&& callable) {
    define(name, abi::make_host_function(std::forward<F>(callable)));
    return *this;
  }
  // A core module that the component instantiates itself.
  LinkerInstance& module(std::string_view name, const Module& module);
  // What the component imports as a value. Its type is checked as those of functions are.
  LinkerInstance& value(std::string_view name, Value value);
  // Objects of T stand for the resource; Own<T> and Borrow<T> are its handles.
  template <typename T>
  LinkerInstance& resource(std::string_view name) {
    define_resource(name, abi::host_resource_type<T>);
    return *this;
  }

 private:
  friend class Linker;
  LinkerInstance(Linker& linker, std::string_view name) : linker_(&linker), name_(name) {}
  void define(std::string_view name, abi::HostFunction function);
  void define_resource(std::string_view name, const abi::ResourceType& type);

  Linker* linker_;
  std::string name_;
};

class Linker {
 public:
  class Impl;

  explicit Linker(const Engine& engine);
  Linker(Linker&&) noexcept;
  Linker& operator=(Linker&&) noexcept;
  ~Linker();

  // What a component imports at its root.
  template <typename F>
  Linker& func(std::string_view name, F&& callable) {
    root().func(name, std::forward<F>(callable));
    return *this;
  }
  template <typename T>
  Linker& resource(std::string_view name) {
    root().resource<T>(name);
    return *this;
  }
  Linker& module(std::string_view name, const Module& module) {
    root().module(name, module);
    return *this;
  }
  Linker& value(std::string_view name, Value value) {
    root().value(name, std::move(value));
    return *this;
  }
  LinkerInstance root() { return LinkerInstance(*this, ""); }
  LinkerInstance instance(std::string_view name) { return LinkerInstance(*this, name); }

  // Imports that nothing defines become functions that trap, and fresh resource types.
  Linker& trap_on_unknown_imports(bool on = true);

  // Checks all imports, then instantiates. The error names the import, who wants it and what is
  // offered.
  std::expected<Instance, InstantiationError> instantiate(Store& store,
                                                          const Component& component) const;

  Impl& impl() const { return *impl_; }

 private:
  friend class LinkerInstance;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon
