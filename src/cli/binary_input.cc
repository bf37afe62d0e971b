#include "cli/binary_input.h"

#include "os/input.h"
#include "toolchain/binary.h"

namespace tenon::cli {

Result<std::vector<uint8_t>> read_binary(const std::string& path) {
  return naming(path, toolchain::to_binary(path, TRY(os::read_input(path))));
}

}  // namespace tenon::cli
