#include "wasm/canonical.h"

#include <map>

namespace tenon::wasm {

namespace {

// A value type needs 32 bits, or 32 and the id or position that stands for a type index.
class GroupWriter {
 public:
  GroupWriter(const RecGroup& group, std::span<const uint32_t> ids) : group_(group), ids_(ids) {}

  void sub_type(const SubType& type) {
    words_.push_back(static_cast<uint32_t>(type.kind) | (type.is_final ? 4u : 0u) |
                     static_cast<uint32_t>(type.supertypes.size()) << 3);
    for (TypeIndex super : type.supertypes) type_index(super);
    if (type.kind == SubType::Kind::func) {
      result_type(type.func.params);
      result_type(type.func.results);
      return;
    }
    words_.push_back(static_cast<uint32_t>(type.fields.size()));
    for (const FieldType& field : type.fields) {
      words_.push_back(static_cast<uint32_t>(field.packing) | (field.is_mutable ? 4u : 0u));
      val_type(field.type);
    }
  }

  std::vector<uint32_t> take() { return std::move(words_); }

 private:
  void result_type(const std::vector<ValType>& types) {
    words_.push_back(static_cast<uint32_t>(types.size()));
    for (ValType type : types) val_type(type);
  }

  void val_type(ValType type) {
    if (!type.is_ref() || !type.heap().is_concrete()) {
      words_.push_back(type.bits());
      return;
    }
    // No abstract type looks like a reference to type 0, so this word announces one more.
    words_.push_back(ValType::reference(HeapType(TypeIndex(0u)), type.is_nullable()).bits());
    type_index(type.heap().type());
  }

  void type_index(TypeIndex type) {
    if (type >= group_.first) {
      words_.push_back((type.index - group_.first.index) << 1 | 1);
    } else {
      words_.push_back(ids_[type.index] << 1);
    }
  }

  RecGroup group_;
  std::span<const uint32_t> ids_;
  std::vector<uint32_t> words_;
};

}  // namespace

CanonicalGroup canonical_group(std::span<const SubType> types, const RecGroup& group,
                               std::span<const uint32_t> ids) {
  GroupWriter writer(group, ids);
  for (const SubType& type : types.subspan(group.first.index, group.size)) writer.sub_type(type);
  return writer.take();
}

IdVector<TypeIndex, TypeIndex> canonical_types(const Module& module) {
  std::map<CanonicalGroup, TypeIndex> first_of;
  std::vector<uint32_t> ids;
  ids.reserve(module.types.size());
  for (const RecGroup& group : module.rec_groups) {
    TypeIndex first =
        first_of.try_emplace(canonical_group(module.types.items(), group, ids), group.first)
            .first->second;
    for (uint32_t i = 0; i < group.size; ++i) ids.push_back(first.index + i);
  }
  IdVector<TypeIndex, TypeIndex> result;
  result.reserve(ids.size());
  for (uint32_t id : ids) result.push_back(TypeIndex(id));
  return result;
}

}  // namespace tenon::wasm
