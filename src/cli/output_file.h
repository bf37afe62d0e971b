#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

// Where a command's result goes: a regular file is made beside its place and renamed when it is
// whole, so that a stop leaves the old file or the new one; anything else, as a pipe or a device,
// is written to. `-` is standard output.
namespace tenon::cli {

class OutputFile {
 public:
  // Before the work, so that none is done for a place that cannot be written.
  static Result<OutputFile> create(std::string path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  Result<void> finish(std::span<const uint8_t> bytes);

 private:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}
  std::unexpected<Error> io_error(const char* verb, int code) const;

  std::string path_;
  std::string temporary_;  // empty where nothing is to be renamed
  int fd_ = -1;
};

}  // namespace tenon::cli
