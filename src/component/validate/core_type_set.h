#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/result.h"
#include "wasm/canonical.h"
#include "wasm/module.h"

// The defined types of core WebAssembly that a component and the modules in it have, each once:
// equal types of any module and of any core type space have one id. Types in here refer to each
// other by ids.
namespace tenon::component {

// An id in a CoreTypeSet, where a module has an index.
using CoreTypeId = wasm::TypeIndex;

class CoreTypeSet {
 public:
  // What an index of some core type space stands for, or why it is wrong.
  using Resolve = std::function<Result<CoreTypeId>(uint32_t index)>;

  // wasm: valid-rectype. The id of the first type of a recursion group; those of the others follow.
  // The types of the group have the indices from `first` on, and `resolve` knows those below.
  Result<CoreTypeId> add(std::span<const wasm::SubType> group, uint32_t first,
                         const Resolve& resolve);
  // The ids of all types of a valid module.
  Result<std::vector<CoreTypeId>> add(const wasm::Module& module);
  // That of a final type of its own, which mentions no others.
  Result<CoreTypeId> add(wasm::FuncType type);

  const wasm::SubType& operator[](CoreTypeId id) const { return types_.types[id]; }
  // Whether it is final, without a supertype, and in no group with others: such types are equal
  // when they look alike.
  bool is_plain(CoreTypeId id) const;
  // These types as those of a module without anything else, for the rules of matching
  // (wasm/validate/subtyping.h).
  const wasm::Module& as_module() const { return types_; }

 private:
  Result<void> append(std::span<const wasm::SubType> group, uint32_t first, const Resolve& resolve);
  Result<CoreTypeId> intern(uint32_t size);
  Result<void> check_from(uint32_t size);
  void truncate(uint32_t size);

  wasm::Module types_;
  std::map<wasm::CanonicalGroup, CoreTypeId> groups_;  // the first id of each
  std::vector<uint32_t> ids_;                          // each at its own place
  struct Facts {
    uint8_t depth = 0;  // of the chain of supertypes
    bool is_alone = false;
  };
  std::vector<Facts> facts_;
  uint64_t bytes_ = 0;
};

// A value type with ids in place of indices.
Result<wasm::ValType> resolve_val_type(wasm::ValType type, const CoreTypeSet::Resolve& resolve);

}  // namespace tenon::component
