#pragma once

#include <string>

#include "base/result.h"
#include "tenon/value.h"

// Values as WAVE text, in one line. Option fields of records are left out when they are none.
namespace tenon::component {

// Fails for resources, which have no text.
Result<std::string> to_wave(const Value& value);

}  // namespace tenon::component
