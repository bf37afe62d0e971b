#pragma once

#include <expected>
#include <utility>

#include "tenon/error.h"

// TRY(expr) is the value of a Result (or any std::expected); on failure it returns the error from
// the enclosing function. One TRY per expression level; not usable in coroutines.
#define TRY(...)                                                            \
  __extension__({                                                           \
    auto try_result = (__VA_ARGS__);                                        \
    if (!try_result) return std::unexpected(std::move(try_result).error()); \
    std::move(*try_result);                                                 \
  })

// The same for std::expected<void, E>.
#define TRY_VOID(...)                                                       \
  do {                                                                      \
    auto try_result = (__VA_ARGS__);                                        \
    if (!try_result) return std::unexpected(std::move(try_result).error()); \
  } while (false)

namespace tenon {

// `return fail(ErrorCode::malformed, "...")` from a function that returns a Result.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error(code, std::move(message)));
}

}  // namespace tenon
