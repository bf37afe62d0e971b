#pragma once

#include <string>
#include <string_view>

#include "component/component.h"
#include "wasm/binary/reader.h"

// Parts of component definitions, read from the binary and written in one line as in the text
// format, with indices in place of names. Failures stay in the reader. Used by the listing of
// components alone.
namespace tenon::toolchain {

std::string core_val_type_text(wasm::ValType type);

// component: Binary.md#instance-definitions
std::string sort_index_text(wasm::Reader& in, component::Sort& sort);

// component: Binary.md#type-definitions
std::string val_type_text(wasm::Reader& in);
// A type that is neither of a function, a resource, an instance nor a component.
std::string value_type_text(wasm::Reader& in, uint8_t opcode, uint64_t start);
std::string func_type_text(wasm::Reader& in, bool is_async);
std::string resource_type_text(wasm::Reader& in);
std::string extern_type_text(wasm::Reader& in, component::Sort& sort);
std::string core_extern_type_text(wasm::Reader& in);

// component: Binary.md#canonical-definitions
std::string canon_text(wasm::Reader& in, component::Sort& defines);

// component: Binary.md#import-and-export-definitions
std::string extern_name_text(wasm::Reader& in);

}  // namespace tenon::toolchain
