#pragma once

#include <cstddef>
#include <vector>

#include "wasm/text/context.h"

// The first look at a module: which fields there are, and which identifiers they define, so that
// everything may refer to what comes later. Contents are passed over.
namespace tenon::wasm::text {

// `type` and `rec` fields, as byte offsets of their parentheses.
struct FieldScan {
  std::vector<size_t> types;
};

// Reads to the end of the cursor's text. Gives each definition its index and puts the identifiers
// into the index spaces of `context`.
FieldScan scan_fields(Context& context);

}  // namespace tenon::wasm::text
