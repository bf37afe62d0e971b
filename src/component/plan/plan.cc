#include "component/plan/plan.h"

#include <algorithm>

namespace tenon::component {

const char* name_of(StringEncoding encoding) {
  static constexpr const char* names[] = {"utf8", "utf16", "latin1+utf16"};
  return names[static_cast<int>(encoding)];
}

const char* name_of(TranscodeOp op) {
  static constexpr const char* names[] = {
      "utf8-to-utf8",           "utf16-to-utf16",         "latin1-to-utf16",
      "utf8-to-utf16",          "latin1-to-utf8",         "utf16-to-utf8",
      "utf8-to-latin1",         "utf16-to-latin1",        "utf8-to-compact-utf16",
      "utf16-to-compact-utf16", "utf16-to-probably-utf16"};
  return names[static_cast<int>(op)];
}

const char* message_of(AdapterTrap trap) {
  switch (trap) {
    case AdapterTrap::cannot_leave: return "cannot leave component instance";
    case AdapterTrap::cannot_enter: return "cannot enter component instance";
    case AdapterTrap::unaligned_pointer: return "unaligned pointer";
    case AdapterTrap::pointer_out_of_bounds: return "pointer out of bounds of memory";
    case AdapterTrap::string_out_of_bounds: return "string content out-of-bounds";
    case AdapterTrap::string_too_long: return "string byte length exceeds the maximum";
    case AdapterTrap::list_out_of_bounds: return "list content out-of-bounds";
    case AdapterTrap::list_too_long: return "list byte length exceeds the maximum";
    case AdapterTrap::invalid_char: return "invalid `char` bit pattern";
    case AdapterTrap::invalid_discriminant: return "invalid variant discriminant";
  }
  return "unknown adapter trap";
}

wasm::ValType to_wasm(FlatType type) {
  static constexpr wasm::ValType::Kind kinds[] = {wasm::ValType::i32, wasm::ValType::i64,
                                                  wasm::ValType::f32, wasm::ValType::f64};
  return kinds[static_cast<int>(type)];
}

wasm::FuncType to_wasm(const CoreSignature& signature) {
  auto convert = [](const std::vector<FlatType>& types) {
    std::vector<wasm::ValType> result;
    for (FlatType type : types) result.push_back(to_wasm(type));
    return result;
  };
  return {convert(signature.params), convert(signature.results)};
}

std::optional<CoreSignature> from_wasm(const wasm::FuncType& type) {
  CoreSignature signature;
  auto convert = [](const std::vector<wasm::ValType>& from, std::vector<FlatType>& to) {
    for (wasm::ValType item : from) {
      if (item == wasm::ValType::i32) {
        to.push_back(FlatType::i32);
      } else if (item == wasm::ValType::i64) {
        to.push_back(FlatType::i64);
      } else if (item == wasm::ValType::f32) {
        to.push_back(FlatType::f32);
      } else if (item == wasm::ValType::f64) {
        to.push_back(FlatType::f64);
      } else {
        return false;
      }
    }
    return true;
  };
  if (!convert(type.params, signature.params) || !convert(type.results, signature.results))
    return std::nullopt;
  return signature;
}

const Export* Plan::find_export(const Path& path) const {
  for (const Export& item : exports) {
    if (item.path == path) return &item;
  }
  return nullptr;
}

Path Plan::path_of(InstanceId instance) const {
  Path path;
  for (InstanceId it = instance; instances[it].parent; it = *instances[it].parent)
    path.push_back(instances[it].name);
  std::ranges::reverse(path);
  return path;
}

const Lift* Plan::adapted(ModuleId module, uint32_t function) const {
  if (!modules.contains(module)) return nullptr;
  const std::vector<AdaptedFunction>& list = modules[module].adapted;
  auto found = std::ranges::lower_bound(list, function, {}, &AdaptedFunction::index);
  return found == list.end() || found->index != function ? nullptr : &lifts[found->callee];
}

}  // namespace tenon::component
