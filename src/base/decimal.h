#pragma once

#include <string>

namespace tenon {

// The fewest digits that read back as the same number, without an exponent; `nan`, `inf`, `-inf`.
std::string decimal_text(float value);
std::string decimal_text(double value);

}  // namespace tenon
