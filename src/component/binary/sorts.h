#pragma once

#include "component/component.h"
#include "wasm/binary/reader.h"

// component: Binary.md#component-definitions (core:sort, sort). What is none fails the reader at
// its place.
namespace tenon::component {

Sort read_core_sort(wasm::Reader& in);
// Of a core sort, too: those are two bytes.
Sort read_sort(wasm::Reader& in);

}  // namespace tenon::component
