#include "runtime/type_text.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace tenon::runtime {

namespace {

using wasm::HeapType;
using wasm::ValType;

std::string_view name_of(HeapType::Abstract heap) {
  switch (heap) {
    case HeapType::func: return "func";
    case HeapType::nofunc: return "nofunc";
    case HeapType::extern_: return "extern";
    case HeapType::noextern: return "noextern";
    case HeapType::any: return "any";
    case HeapType::none: return "none";
    case HeapType::eq: return "eq";
    case HeapType::i31: return "i31";
    case HeapType::struct_: return "struct";
    case HeapType::array: return "array";
    case HeapType::exn: return "exn";
    case HeapType::noexn: return "noexn";
  }
  return "?";
}

std::string text_of_list(std::string_view word, const std::vector<ValType>& types) {
  if (types.empty()) return "";
  std::string text = fmt::format(" ({}", word);
  for (ValType type : types) text += " " + text_of(type);
  return text + ")";
}

std::string text_of_limits(const wasm::Limits& limits) {
  std::string text = limits.is_64 ? "i64 " : "";
  text += fmt::to_string(limits.min);
  if (limits.has_max) text += fmt::format(" {}", limits.max);
  return text;
}

}  // namespace

std::string text_of(ValType type) {
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
  if (!heap.is_concrete() && type.is_nullable() &&
      (heap.abstract() == HeapType::func || heap.abstract() == HeapType::extern_ ||
       heap.abstract() == HeapType::exn))
    return fmt::format("{}ref", name_of(heap.abstract()));
  std::string name = heap.is_concrete() ? fmt::to_string(heap.type().index)
                                        : std::string(name_of(heap.abstract()));
  return fmt::format("(ref {}{})", type.is_nullable() ? "null " : "", name);
}

std::string text_of(const wasm::FuncType& type) {
  return "(func" + text_of_list("param", type.params) + text_of_list("result", type.results) + ")";
}

std::string text_of(const wasm::TableType& type) {
  return fmt::format("(table {} {})", text_of_limits(type.limits), text_of(type.element));
}

std::string text_of(const wasm::MemoryType& type) {
  return fmt::format("(memory {}{})", text_of_limits(type.limits), type.is_shared ? " shared" : "");
}

std::string text_of(const wasm::GlobalType& type) {
  return type.is_mutable ? fmt::format("(global (mut {}))", text_of(type.type))
                         : fmt::format("(global {})", text_of(type.type));
}

}  // namespace tenon::runtime
