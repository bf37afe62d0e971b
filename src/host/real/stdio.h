#pragma once

#include <memory>

#include "host/stdio.h"

// The standard streams of this process. The files behind them are shared with other processes, so
// their flags are left alone; reading and writing block.
namespace tenon::host::real {

std::unique_ptr<Input> standard_input();
std::unique_ptr<Output> standard_output();
std::unique_ptr<Output> standard_error();

}  // namespace tenon::host::real
