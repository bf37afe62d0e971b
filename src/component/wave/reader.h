#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/types.h"
#include "tenon/value.h"

// Reads values and calls written in WAVE, against component types. Lenient as wasm-wave is: fields
// of records come in any order, those that the type does not have are ignored, option fields and
// trailing option arguments may be left out, and a plain value stands for `some(value)` or
// `ok(value)`. Errors show the text with a caret.
namespace tenon::component {

// One value and nothing else.
Result<Value> parse_wave(const ComponentTypes& types, ValType type, std::string_view text);

// `function(arguments)` or `package/interface.function@version(arguments)`. Views into the text.
struct WaveCall {
  std::string interface;  // with its version; empty when none was named
  std::string function;
  std::string_view name;       // both, as written
  std::string_view arguments;  // from the opening parenthesis on
};
Result<WaveCall> parse_wave_call(std::string_view text);

// `text` is what the call was part of.
Result<std::vector<Value>> parse_wave_arguments(const ComponentTypes& types,
                                                const FuncType& function, const WaveCall& call,
                                                std::string_view text);

}  // namespace tenon::component
