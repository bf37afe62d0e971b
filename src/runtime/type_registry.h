#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <shared_mutex>
#include <span>
#include <vector>

#include "base/result.h"
#include "wasm/canonical.h"
#include "wasm/types.h"

// The types of an engine. Equal recursion groups of any module get the same ids, so that types
// compare by id (wasm: the standard calls this rolling up). Ids count from 1, are never given
// twice, and live as long as the engine. Types in here are canonical: where one refers to a defined
// type, its TypeIndex is an id. Threads may share it; what it returns by reference does not move or
// change.
namespace tenon::runtime {

class TypeRegistry {
 public:
  static constexpr uint32_t max_types = 1 << 24;

  // The id of each type of a module.
  Result<std::vector<uint32_t>> add(std::span<const wasm::SubType> types,
                                    std::span<const wasm::RecGroup> groups);
  // The id of a final function type of its own, without references to defined types. Each host
  // function of each instance asks for its own: a type that is known takes no exclusive lock.
  Result<uint32_t> add(const wasm::FuncType& type);

  const wasm::SubType& type(uint32_t id) const;

  // wasm: match-deftype
  bool is_subtype(uint32_t sub, uint32_t super) const;
  // wasm: match-valtype, of canonical types.
  bool matches(wasm::ValType sub, wasm::ValType super) const;

  // The module's type with ids in place of its type indices.
  static wasm::ValType canonical(wasm::ValType type, std::span<const uint32_t> ids);

 private:
  struct ByValues {
    bool operator()(const wasm::FuncType& a, const wasm::FuncType& b) const;
  };

  bool matches(wasm::HeapType sub, wasm::HeapType super) const;
  uint32_t next_id() const { return static_cast<uint32_t>(types_.size()) + 1; }

  mutable std::shared_mutex mutex_;
  std::map<wasm::CanonicalGroup, uint32_t> groups_;         // first id of each
  std::deque<wasm::SubType> types_;                         // by id - 1
  std::map<wasm::FuncType, uint32_t, ByValues> functions_;  // ids of those of their own
};

}  // namespace tenon::runtime
