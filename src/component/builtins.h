#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// The canonical built-ins of builtins.def: functions that a component can ask for beside those
// that it lifts and lowers.
namespace tenon::component {

enum class Builtin : uint8_t {
#define TENON_BUILTIN(opcode, id, name, immediates, signature) id,
#include "component/builtins.def"
#undef TENON_BUILTIN
};

struct BuiltinInfo {
  uint8_t opcode;
  Builtin builtin;
  std::string_view name;        // "stream.new"
  std::string_view immediates;  // letters of builtins.def
  std::string_view signature;   // letters of builtins.def
};

const BuiltinInfo& info_of(Builtin builtin);
std::optional<Builtin> builtin_of(uint8_t opcode);
std::optional<Builtin> builtin_of(std::string_view name);

}  // namespace tenon::component
