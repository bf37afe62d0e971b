#pragma once

#include <optional>
#include <string>

#include "compiler/contract.h"
#include "wasm/text/script.h"
#include "wasm/types.h"

// Values of scripts and values of guests. A reference of the host is known by a number alone: in a
// guest's hands it is that number plus one, so that null stays 0.
namespace tenon::wast {

// None when the value cannot be an argument (a pattern, or a kind that guests do not have yet).
std::optional<compiler::Slot> argument(const wasm::text::ScriptValue& value);

// Whether `found`, of type `type`, is what a script expects.
bool matches(const wasm::text::ScriptValue& expected, wasm::ValType type, compiler::Slot found);

// Both as the text format writes them, for messages.
std::string text_of(const wasm::text::ScriptValue& value);
std::string text_of(wasm::ValType type, compiler::Slot value);

}  // namespace tenon::wast
