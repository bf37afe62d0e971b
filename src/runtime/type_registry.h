#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "compiler/gc_layout.h"
#include "runtime/gc/cast_rows.h"
#include "runtime/gc/object_types.h"
#include "wasm/canonical.h"
#include "wasm/types.h"

// The types of an engine. Equal recursion groups of any module get the same ids, so that types
// compare by id (wasm: the standard calls this rolling up). Ids count from
// compiler::first_defined_type_id, are never given twice, and live as long as the engine. Types in
// here are canonical: where one refers to a defined type, its TypeIndex is an id. With each id come
// its cast row and, for structs and arrays, what a heap knows of its objects. Threads may share it;
// what it returns by reference does not move or change.
namespace tenon::runtime {

class TypeRegistry {
 public:
  // For `capacity` types. Takes about 100 bytes of address space for each.
  static Result<std::unique_ptr<TypeRegistry>> create(uint32_t capacity);

  // The id of each type of a module.
  Result<std::vector<uint32_t>> add(std::span<const wasm::SubType> types,
                                    std::span<const wasm::RecGroup> groups);
  // The id of a final function type of its own, without references to defined types. Each host
  // function of each instance asks for its own: a type that is known takes no exclusive lock.
  Result<uint32_t> add(const wasm::FuncType& type);
  // Before an exception with a tag of this function type can be made.
  void add_exceptions(uint32_t function_type);

  const wasm::SubType& type(uint32_t id) const;

  // wasm: match-deftype
  bool is_subtype(uint32_t sub, uint32_t super) const;
  // wasm: match-valtype, of canonical types.
  bool matches(wasm::ValType sub, wasm::ValType super) const;

  // Of a struct type; of the exceptions of a function type that was given to add_exceptions.
  const compiler::StructLayout& struct_layout(uint32_t id) const;
  compiler::ArrayLayout array_layout(uint32_t id) const;

  // How a value lies in an object; of a canonical type.
  compiler::Storage storage(const wasm::FieldType& field) const;
  // Of a canonical type: whether a value of it is a GcRef.
  bool is_heap_reference(wasm::ValType type) const;

  const compiler::CastRow* cast_rows() const { return cast_rows_.data(); }
  const ObjectTypes& object_types() const { return object_types_; }

  // The module's type with ids in place of its type indices.
  static wasm::ValType canonical(wasm::ValType type, std::span<const uint32_t> ids);

 private:
  struct ByValues {
    bool operator()(const wasm::FuncType& a, const wasm::FuncType& b) const;
  };

  TypeRegistry(uint32_t capacity, CastRows cast_rows, ObjectTypes object_types)
      : capacity_(capacity),
        cast_rows_(std::move(cast_rows)),
        object_types_(std::move(object_types)) {}

  // All of these under the lock.
  uint32_t next_id() const {
    return compiler::first_defined_type_id + static_cast<uint32_t>(types_.size());
  }
  const wasm::SubType& at(uint32_t id) const {
    return types_[id - compiler::first_defined_type_id];
  }
  Result<void> make_room(uint32_t count);
  void describe(uint32_t id);
  compiler::Storage storage_of(const wasm::FieldType& field) const;
  std::vector<compiler::Storage> storages_of(std::span<const wasm::FieldType> fields) const;

  bool matches(wasm::HeapType sub, wasm::HeapType super) const;

  const uint32_t capacity_;
  mutable std::shared_mutex mutex_;
  std::map<wasm::CanonicalGroup, uint32_t> groups_;               // first id of each
  std::deque<wasm::SubType> types_;                               // by id, from the first on
  std::map<wasm::FuncType, uint32_t, ByValues> functions_;        // ids of those of their own
  std::unordered_map<uint32_t, compiler::StructLayout> layouts_;  // structs and exceptions
  CastRows cast_rows_;
  ObjectTypes object_types_;
};

}  // namespace tenon::runtime
