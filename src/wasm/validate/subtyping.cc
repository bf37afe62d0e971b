#include "wasm/validate/subtyping.h"

#include <fmt/format.h>

#include "wasm/heap_types.h"

namespace tenon::wasm {

HeapType::Abstract abstract_above(SubType::Kind kind) {
  switch (kind) {
    case SubType::Kind::func: return HeapType::func;
    case SubType::Kind::struct_: return HeapType::struct_;
    case SubType::Kind::array: return HeapType::array;
  }
  return HeapType::func;
}

HeapType::Abstract abstract_below(SubType::Kind kind) {
  return kind == SubType::Kind::func ? HeapType::nofunc : HeapType::none;
}

bool abstract_matches(HeapType::Abstract sub, HeapType::Abstract super) {
  if (sub == super) return true;
  switch (super) {
    case HeapType::any:
      return sub == HeapType::eq || sub == HeapType::i31 || sub == HeapType::struct_ ||
             sub == HeapType::array || sub == HeapType::none;
    case HeapType::eq:
      return sub == HeapType::i31 || sub == HeapType::struct_ || sub == HeapType::array ||
             sub == HeapType::none;
    case HeapType::i31:
    case HeapType::struct_:
    case HeapType::array: return sub == HeapType::none;
    case HeapType::func: return sub == HeapType::nofunc;
    case HeapType::extern_: return sub == HeapType::noextern;
    case HeapType::exn: return sub == HeapType::noexn;
    case HeapType::none:
    case HeapType::nofunc:
    case HeapType::noextern:
    case HeapType::noexn: return false;
  }
  return false;
}

namespace {

bool field_matches(const Module& module, const FieldType& sub, const FieldType& super) {
  if (sub.is_mutable != super.is_mutable || !storage_matches(module, sub, super)) return false;
  return !sub.is_mutable || val_matches(module, super.type, sub.type);
}

}  // namespace

bool type_matches(const Module& module, TypeIndex sub, TypeIndex super) {
  TypeIndex wanted = module.canonical_types[super];
  // A supertype has a lower index than its subtype, so the chain ends; its length is limited by
  // validation.
  for (TypeIndex at = sub;;) {
    if (module.canonical_types[at] == wanted) return true;
    const auto& above = module.types[at].supertypes;
    if (above.empty()) return false;
    at = above[0];
  }
}

bool heap_matches(const Module& module, HeapType sub, HeapType super) {
  if (sub == super || sub.is_bottom()) return true;
  if (sub.is_concrete() && super.is_concrete())
    return type_matches(module, sub.type(), super.type());
  if (sub.is_concrete())
    return abstract_matches(abstract_above(module.types[sub.type()].kind), super.abstract());
  if (!super.is_concrete()) return abstract_matches(sub.abstract(), super.abstract());
  return sub.abstract() == abstract_below(module.types[super.type()].kind);
}

// wasm: match-reftype
bool ref_matches(const Module& module, ValType sub, ValType super) {
  if (sub.is_nullable() && !super.is_nullable()) return false;
  return heap_matches(module, sub.heap(), super.heap());
}

bool results_match(const Module& module, std::span<const ValType> sub,
                   std::span<const ValType> super) {
  if (sub.size() != super.size()) return false;
  for (size_t i = 0; i < sub.size(); ++i) {
    if (!val_matches(module, sub[i], super[i])) return false;
  }
  return true;
}

bool storage_matches(const Module& module, const FieldType& sub, const FieldType& super) {
  return sub.packing == super.packing && val_matches(module, sub.type, super.type);
}

bool composite_matches(const Module& module, const SubType& sub, const SubType& super) {
  if (sub.kind != super.kind) return false;
  switch (sub.kind) {
    case SubType::Kind::func:
      return results_match(module, super.func.params, sub.func.params) &&
             results_match(module, sub.func.results, super.func.results);
    case SubType::Kind::struct_:
      if (sub.fields.size() < super.fields.size()) return false;
      for (size_t i = 0; i < super.fields.size(); ++i) {
        if (!field_matches(module, sub.fields[i], super.fields[i])) return false;
      }
      return true;
    case SubType::Kind::array: return field_matches(module, sub.fields[0], super.fields[0]);
  }
  return false;
}

HeapType::Abstract top_of(const Module& module, HeapType heap) {
  HeapType::Abstract type =
      heap.is_concrete() ? abstract_above(module.types[heap.type()].kind) : heap.abstract();
  for (auto top : {HeapType::func, HeapType::extern_, HeapType::exn}) {
    if (abstract_matches(type, top)) return top;
  }
  return HeapType::any;
}

std::string to_string(ValType type) {
  switch (type.kind()) {
    case ValType::i32: return "i32";
    case ValType::i64: return "i64";
    case ValType::f32: return "f32";
    case ValType::f64: return "f64";
    case ValType::v128: return "v128";
    case ValType::bottom: return "any type";
    case ValType::ref: break;
  }
  HeapType heap = type.heap();
  if (heap.is_bottom()) return "a reference of any type";
  const char* null = type.is_nullable() ? "null " : "";
  if (heap.is_concrete()) return fmt::format("(ref {}{})", null, heap.type().index);
  bool has_short_name = heap == HeapType::func || heap == HeapType::extern_ ||
                        heap == HeapType::exn || heap == HeapType::any || heap == HeapType::eq;
  if (type.is_nullable() && has_short_name) return std::string(describe(heap.abstract()).reference);
  return fmt::format("(ref {}{})", null, describe(heap.abstract()).text);
}

}  // namespace tenon::wasm
