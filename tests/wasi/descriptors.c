// Descriptors: those that are not open, closed, renumbered onto themselves and beyond any table.
#include <fcntl.h>
#include <stdio.h>
#include <wasi/api.h>

static void show(const char* what, __wasi_errno_t error) {
  printf("%s: %s\n", what,
         error == 0                   ? "ok"
         : error == __WASI_ERRNO_BADF ? "bad descriptor"
                                      : "another error");
}

int main(void) {
  __wasi_prestat_t prestat;
  __wasi_fdstat_t status;
  show("prestat of 3", __wasi_fd_prestat_get(3, &prestat));
  show("prestat of 4", __wasi_fd_prestat_get(4, &prestat));
  show("close 100", __wasi_fd_close(100));
  show("close the largest", __wasi_fd_close(0xffffffffu));
  int fd = open("file", O_RDONLY);
  show("open", fd < 0 ? 1 : 0);
  show("renumber onto itself", __wasi_fd_renumber((__wasi_fd_t)fd, (__wasi_fd_t)fd));
  show("it still is", __wasi_fd_fdstat_get((__wasi_fd_t)fd, &status));
  show("renumber to the largest", __wasi_fd_renumber((__wasi_fd_t)fd, 0xffffffffu));
  __wasi_filedelta_t offset = 0;
  __wasi_filesize_t position;
  show("seek", __wasi_fd_seek((__wasi_fd_t)fd, offset, __WASI_WHENCE_END, &position));
  printf("size %llu\n", (unsigned long long)position);
  show("close", __wasi_fd_close((__wasi_fd_t)fd));
  show("close again", __wasi_fd_close((__wasi_fd_t)fd));
  show("read after close", __wasi_fd_fdstat_get((__wasi_fd_t)fd, &status));
  int failures = 0;
  for (int i = 0; i < 20000; ++i) {
    int opened = open("file", O_RDONLY);
    failures += opened < 0 || __wasi_fd_close((__wasi_fd_t)opened) != 0;
  }
  printf("failures of 20000: %d\n", failures);
  return 0;
}
