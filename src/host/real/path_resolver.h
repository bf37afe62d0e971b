#pragma once

#include <string>

#include "host/path.h"
#include "os/file_path.h"

// Finds a guest's path below an open directory. There are two ways: the kernel's confined look-up,
// and a walk of our own over one component at a time for kernels (or filters of system calls) that
// lack it. In both, every symbolic link is resolved when it is met, from its text at that moment;
// nothing is decided on a name first and opened by it later, so a tree that changes under the
// look-up cannot lead it out.
namespace tenon::host::real {

enum class Resolver : uint8_t {
  automatic,  // the kernel's look-up where there is one
  kernel,
  walk,
};

// Leaving the base is `not_permitted`.
Io<os::FileDescriptor> open_path(int base, const PathText& path, os::OpenOptions options,
                                 Resolver resolver);

// Where the walk alone is meant.
Io<os::FileDescriptor> open_by_walk(int base, const std::string& path,
                                    const os::OpenOptions& options);

// An entry by the directory that holds it, for everything that works on names.
struct Entry {
  os::FileDescriptor parent;
  std::string name;
};

// `itself` is the answer where the path leads to an existing directory through `.` or `..` at its
// end.
Io<Entry> open_parent(int base, const EntryText& path, Errno itself, Resolver resolver);

}  // namespace tenon::host::real
