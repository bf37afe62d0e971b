#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/engine.h"
#include "tenon/error.h"

// A component that has been decoded, validated and compiled. Immutable; cheap to copy; any number
// of threads may instantiate it at the same time.
namespace tenon {

class Component {
 public:
  class Impl;

  // A WebAssembly component in binary form.
  static Result<Component> from_file(const Engine& engine, const std::string& path);
  static Result<Component> from_bytes(const Engine& engine, std::span<const uint8_t> bytes);

  // What it asks for and what it offers: names of functions and interfaces at its root. Functions
  // of an interface are named `interface#function`, for instance `wasi:cli/run@0.2.0#run`.
  struct Item {
    std::string name;
    std::string type;  // as in WIT: `func(name: string) -> string`, `interface`, `resource`,
                       // `value string`
  };
  std::vector<Item> imports() const;
  std::vector<Item> exports() const;

  const Impl& impl() const { return *impl_; }
  explicit Component(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace tenon
