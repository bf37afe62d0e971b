#include "component/builtins.h"

#include <algorithm>
#include <iterator>

namespace tenon::component {
namespace {

constexpr BuiltinInfo builtins[] = {
#define TENON_BUILTIN(opcode, id, name, immediates, signature) \
  {opcode, Builtin::id, name, immediates, signature},
#include "component/builtins.def"
#undef TENON_BUILTIN
};

template <typename Value>
std::optional<Builtin> find(Value value, Value BuiltinInfo::* member) {
  const auto* found = std::ranges::find(builtins, value, member);
  if (found == std::end(builtins)) return std::nullopt;
  return found->builtin;
}

}  // namespace

const BuiltinInfo& info_of(Builtin builtin) {
  return builtins[static_cast<size_t>(builtin)];
}

std::optional<Builtin> builtin_of(uint8_t opcode) {
  return find(opcode, &BuiltinInfo::opcode);
}

std::optional<Builtin> builtin_of(std::string_view name) {
  return find(name, &BuiltinInfo::name);
}

}  // namespace tenon::component
