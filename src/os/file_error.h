#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

// What the operating system answers when it says no, as a closed set. Interfaces of the outside
// world (host/) and all of WASI speak in these; only this layer knows error numbers.
namespace tenon::os {

enum class Errno : uint8_t {
#define TENON_ERRNO(name, number, text) name,
#include "os/file_error.def"
#undef TENON_ERRNO
};

// Input and output that may fail.
template <typename T>
using Io = std::expected<T, Errno>;

// The Errno for a POSIX error number; numbers that have no name of their own become `io`.
Errno errno_from_posix(int number);
// The Errno for the calling thread's `errno`.
Errno last_errno();

std::string_view to_string(Errno error);

}  // namespace tenon::os
