#include "os/file_error.h"

#include <cerrno>

namespace tenon::os {

Errno errno_from_posix(int number) {
  switch (number) {
#define TENON_ERRNO(name, posix, text) \
  case posix: return Errno::name;
#include "os/file_error.def"
#undef TENON_ERRNO
    case ENFILE: return Errno::too_many_files;
    case ENOSYS: return Errno::unsupported;
    default: return Errno::io;
  }
}

Errno last_errno() {
  return errno_from_posix(errno);
}

std::string_view to_string(Errno error) {
  switch (error) {
#define TENON_ERRNO(name, posix, text) \
  case Errno::name: return text;
#include "os/file_error.def"
#undef TENON_ERRNO
  }
  return "unknown error";
}

}  // namespace tenon::os
