#pragma once

#include <string>

#include "wasm/types.h"

// Types as the text format writes them, for messages.
namespace tenon::runtime {

std::string text_of(wasm::ValType type);
std::string text_of(const wasm::FuncType& type);   // (func (param i32) (result i64))
std::string text_of(const wasm::TableType& type);  // (table 1 10 funcref)
std::string text_of(const wasm::MemoryType& type);
std::string text_of(const wasm::GlobalType& type);
std::string text_of_tag(const wasm::FuncType& type);  // (tag (param i32))

}  // namespace tenon::runtime
