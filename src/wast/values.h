#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "compiler/contract.h"
#include "runtime/gc/roots.h"
#include "runtime/store.h"
#include "wasm/text/script.h"
#include "wasm/types.h"

// Values of scripts and values of guests. A reference of the host is known by a number alone: in a
// guest's hands it is an object of the store's heap that stands for the number.
namespace tenon::wast {

// None when the value cannot be an argument (a pattern, or a kind that guests do not have yet). May
// collect: what a caller made before is kept by `scope`, and so is this.
Result<std::optional<compiler::Slot>> argument(const wasm::text::ScriptValue& value,
                                               runtime::Store& store, runtime::RootScope& scope);

// Whether `found`, of type `type`, is what a script expects.
bool matches(const wasm::text::ScriptValue& expected, wasm::ValType type, compiler::Slot found,
             runtime::Store& store);

// Both as the text format writes them, for messages.
std::string text_of(const wasm::text::ScriptValue& value);
std::string text_of(wasm::ValType type, compiler::Slot value);

}  // namespace tenon::wast
