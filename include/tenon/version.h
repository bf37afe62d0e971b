#pragma once

namespace tenon {

constexpr const char* version = "0.1.0";

}  // namespace tenon
