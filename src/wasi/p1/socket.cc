#include "base/result.h"
#include "wasi/p1/process.h"

// Preview 1 cannot make a socket, and none is granted: no descriptor is one.
namespace tenon::wasi::p1 {
namespace {

Status not_a_socket(Process& process, uint32_t fd) {
  TRY_VOID(find_object(process, fd));
  return std::unexpected(Error::notsock);
}

}  // namespace

Status sock_accept(Process& process, Guest&, uint32_t fd, uint32_t, uint32_t) {
  return not_a_socket(process, fd);
}

Status sock_recv(Process& process, Guest&, uint32_t fd, uint32_t, uint32_t, uint32_t, uint32_t,
                 uint32_t) {
  return not_a_socket(process, fd);
}

Status sock_send(Process& process, Guest&, uint32_t fd, uint32_t, uint32_t, uint32_t, uint32_t) {
  return not_a_socket(process, fd);
}

Status sock_shutdown(Process& process, Guest&, uint32_t fd, uint32_t) {
  return not_a_socket(process, fd);
}

}  // namespace tenon::wasi::p1
