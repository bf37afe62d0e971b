// Works on files below the directory that is its first argument: writes, appends, reads back,
// seeks, renames, makes a directory, lists, links, removes. Prints what it sees; the first failure
// ends it with status 1.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path_buffer[2][256];

static const char* at(int which, const char* folder, const char* name) {
  snprintf(path_buffer[which], sizeof path_buffer[which], "%s/%s", folder, name);
  return path_buffer[which];
}

static void require(int holds, const char* what) {
  if (holds) return;
  printf("%s: %s\n", what, strerror(errno));
  exit(1);
}

static void write_text(const char* path, const char* mode, const char* text) {
  FILE* file = fopen(path, mode);
  require(file != NULL, "open for writing");
  require(fputs(text, file) >= 0 && fclose(file) == 0, "write");
}

static void print_text(const char* path) {
  char text[256];
  FILE* file = fopen(path, "r");
  require(file != NULL, "open for reading");
  size_t size = fread(text, 1, sizeof text - 1, file);
  text[size] = 0;
  fclose(file);
  printf("%s", text);
}

static int compare(const void* a, const void* b) {
  return strcmp(*(const char* const*)a, *(const char* const*)b);
}

static void list(const char* folder) {
  char* names[64];
  size_t count = 0;
  DIR* directory = opendir(folder);
  require(directory != NULL, "opendir");
  for (struct dirent* entry; count < 64 && (entry = readdir(directory));) {
    if (entry->d_name[0] != '.') names[count++] = strdup(entry->d_name);
  }
  closedir(directory);
  qsort(names, count, sizeof *names, compare);
  printf("list:");
  for (size_t i = 0; i < count; ++i) printf(" %s", names[i]);
  printf("\n");
}

int main(int argc, char** argv) {
  const char* folder = argc > 1 ? argv[1] : ".";
  struct stat status;
  write_text(at(0, folder, "first.txt"), "w", "one\n");
  write_text(at(0, folder, "first.txt"), "a", "two\n");
  print_text(path_buffer[0]);
  require(stat(path_buffer[0], &status) == 0, "stat");
  printf("size %lld, %s\n", (long long)status.st_size,
         S_ISREG(status.st_mode) ? "a file" : "no file");

  int fd = open(path_buffer[0], O_RDWR);
  require(fd >= 0, "open");
  require(lseek(fd, 4, SEEK_SET) == 4 && write(fd, "TWO", 3) == 3, "write at an offset");
  require(ftruncate(fd, 7) == 0 && fsync(fd) == 0 && close(fd) == 0, "truncate");
  print_text(path_buffer[0]);
  printf("\n");

  require(mkdir(at(0, folder, "inner"), 0777) == 0, "mkdir");
  require(mkdir(path_buffer[0], 0777) != 0 && errno == EEXIST, "mkdir twice");
  require(rename(at(0, folder, "first.txt"), at(1, folder, "inner/second.txt")) == 0, "rename");
  list(folder);
  list(at(0, folder, "inner"));
  require(open(at(0, folder, "first.txt"), O_RDONLY) < 0 && errno == ENOENT,
          "open what was renamed");
  require(symlink("second.txt", at(0, folder, "inner/link")) == 0, "symlink");
  char target[64];
  require(readlink(path_buffer[0], target, sizeof target) == 10, "readlink");
  print_text(path_buffer[0]);
  printf("\n");
  require(rmdir(at(1, folder, "inner")) != 0 && errno == ENOTEMPTY, "rmdir of what is not empty");
  require(unlink(path_buffer[0]) == 0, "unlink a link");
  require(unlink(at(0, folder, "inner/second.txt")) == 0, "unlink");
  require(rmdir(at(0, folder, "inner")) == 0, "rmdir");
  list(folder);
  return 0;
}
