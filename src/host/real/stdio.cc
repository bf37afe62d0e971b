#include "host/real/stdio.h"

namespace tenon::host::real {
namespace {

class RealInput final : public Input {
 public:
  explicit RealInput(int fd) : fd_(fd) { os::widen_pipe(fd); }
  Io<size_t> read(ReadBuffers buffers) override { return os::read(fd_, buffers); }
  Wait readable() const override { return Wait::readable(fd_); }
  bool is_terminal() const override { return os::is_terminal(fd_); }

 private:
  int fd_;
};

class RealOutput final : public Output {
 public:
  explicit RealOutput(int fd) : fd_(fd) {}
  Io<size_t> write(WriteBuffers buffers) override { return os::write(fd_, buffers); }
  Wait writable() const override { return Wait::writable(fd_); }
  bool is_terminal() const override { return os::is_terminal(fd_); }

 private:
  int fd_;
};

}  // namespace

std::unique_ptr<Input> standard_input() {
  return std::make_unique<RealInput>(0);
}
std::unique_ptr<Output> standard_output() {
  return std::make_unique<RealOutput>(1);
}
std::unique_ptr<Output> standard_error() {
  return std::make_unique<RealOutput>(2);
}

}  // namespace tenon::host::real
