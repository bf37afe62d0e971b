#include "runtime/type_text.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "wasm/validate/subtyping.h"

namespace tenon::runtime {

namespace {

using wasm::ValType;

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
  return wasm::to_string(type);
}

std::string text_of(const wasm::FuncType& type) {
  return "(func" + text_of_list("param", type.params) + text_of_list("result", type.results) + ")";
}

std::string text_of(const wasm::TableType& type) {
  return fmt::format("(table {} {})", text_of_limits(type.limits), text_of(type.element));
}

std::string text_of(const wasm::MemoryType& type) {
  std::string text = "(memory " + text_of_limits(type.limits);
  if (type.is_shared) text += " shared";
  if (type.page_size_log2 != 16)
    text += fmt::format(" (pagesize {})", uint64_t{1} << type.page_size_log2);
  return text + ")";
}

std::string text_of(const wasm::GlobalType& type) {
  return type.is_mutable ? fmt::format("(global (mut {}))", text_of(type.type))
                         : fmt::format("(global {})", text_of(type.type));
}

std::string text_of_tag(const wasm::FuncType& type) {
  return "(tag" + text_of_list("param", type.params) + ")";
}

}  // namespace tenon::runtime
