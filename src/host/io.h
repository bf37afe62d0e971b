#pragma once

#include "os/clock.h"
#include "os/file.h"
#include "os/file_error.h"

// The words in which the interfaces of the outside world speak.
namespace tenon::host {

using os::Advice;
using os::Errno;
using os::FileStat;
using os::FileType;
using os::Io;
using os::NewTimestamp;
using os::ReadBuffer;
using os::Timestamp;
using os::WriteBuffer;

using ReadBuffers = std::span<const ReadBuffer>;
using WriteBuffers = std::span<const WriteBuffer>;

}  // namespace tenon::host
