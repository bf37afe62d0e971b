#pragma once

#include <string_view>

// Whether a trap is the one that a script expects. Scripts name traps by their words: those of the
// standard's test suite are ours; other runtimes' scripts have words of their own.
namespace tenon::wast {

// `reason`: Trap::reason. True when it has the words that the script expects, or the words that we
// have for the same trap.
bool is_expected_trap(std::string_view reason, std::string_view expected);

}  // namespace tenon::wast
