#pragma once

#include "toolchain/listing.h"
#include "toolchain/sections.h"

// Lists a custom section; see dump.h. Those of names and of producers are taken apart as far as
// they follow their format, what is left and all others are counted.
namespace tenon::toolchain {

Result<void> dump_custom(Listing& to, const Section& section, bool is_component);

}  // namespace tenon::toolchain
