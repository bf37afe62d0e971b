// Opens, reads, makes and removes things below `d` as often as its argument says, while someone
// outside exchanges `d` for a link that leads out. Prints how often it saw what is outside: never.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int outside(const char* path) {
  char text[32] = {0};
  int fd = open(path, O_RDONLY);
  if (fd < 0) return 0;
  ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  return count > 0 && !strncmp(text, "outside", 7);
}

int main(int argc, char** argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1000, escapes = 0, seen = 0;
  for (int i = 0; i < rounds; ++i) {
    struct stat status;
    escapes += outside("d/secret") + outside("d/inner/secret");
    seen += stat("d/secret", &status) == 0;
    if (mkdir("d/made", 0777) == 0) rmdir("d/made");
    unlink("d/victim");
    rename("d/secret", "d/secret");
  }
  printf("escapes: %d, seen: %s\n", escapes, seen > 0 ? "some" : "none");
  return escapes != 0;
}
