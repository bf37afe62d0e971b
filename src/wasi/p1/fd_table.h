#pragma once

#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <variant>
#include <vector>

#include "wasi/common/context.h"
#include "wasi/common/descriptor.h"
#include "wasi/p1/types.h"

// The file descriptors of a preview 1 process: small numbers, the lowest free one first.
namespace tenon::wasi::p1 {

enum class StandardStream : uint8_t { input, output, error };

// What a descriptor number stands for, as one object that calls work on.
struct OpenObject {
  std::variant<StandardStream, Descriptor> object;
  uint64_t position = 0;  // of a file
  uint32_t flags = 0;     // fdflags
  // The name under which a directory was granted.
  std::optional<std::string> preopen_name = {};
  // A directory that is being read, and the cookie of the entry that comes next.
  std::unique_ptr<host::Entries> entries = {};
  std::optional<uint64_t> next_cookie = {};

  const StandardStream* standard_stream() const { return std::get_if<StandardStream>(&object); }
  const Descriptor* descriptor() const { return std::get_if<Descriptor>(&object); }
};

class FdTable {
 public:
  // Standard streams at 0, 1 and 2, behind them the granted directories.
  explicit FdTable(Context& context);

  // The object stays where it is until its number is closed or renumbered. Null: not open.
  OpenObject* find(uint32_t fd);
  Outcome<uint32_t> insert(OpenObject object);
  Status close(uint32_t fd);
  // `to`, which must be open, is closed and stands for what `from` stood for; `from` is free.
  Status renumber(uint32_t from, uint32_t to);
  size_t open_count() const { return objects_.size() - free_.size(); }

 private:
  struct Slot {
    OpenObject object;
    ResourceTicket ticket;
  };

  Context& context_;
  std::vector<std::unique_ptr<Slot>> objects_;
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> free_;
};

}  // namespace tenon::wasi::p1
