#pragma once

#include <string>

#include "base/result.h"
#include "tenon/value.h"
#include "wasm/text/script.h"

// Component values of scripts: `(u32.const 1)`, `(list.const (str.const "a"))`, and so on, as the
// values that functions take and give. Where the value of a core type has the same word
// (`f32.const`), it stands for the component value.
namespace tenon::wast {

// Fails for what is no component value, at its place in the script.
Result<Value> component_value(const wasm::text::Source& source,
                              const wasm::text::ScriptValue& value);

// Whether `found` is what a script expects: flags may be named in any order, and a NaN stands for
// any.
bool matches(const Value& expected, const Value& found);

// For messages.
std::string text_of(const Value& value);

}  // namespace tenon::wast
