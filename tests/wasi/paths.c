// Does to a directory what its arguments say, each of the form VERB:PATH or VERB:PATH>PATH, with
// paths passed to the host as they are: no libc resolves them first. Directory descriptors are 3,
// 4, ... in the order that the directories were granted; `@N` changes the one that paths start
// from, and `@PATH` opens the one that is meant. `list` lists it, and `wait` waits for a
// byte on standard input. Prints one line per argument, with what was read or the name of the
// error; `denied` stands for every error that means "not yours".
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

IMPORT("path_open")
int32_t path_open(int32_t fd, int32_t lookup, const char* path, size_t length, int32_t oflags,
                  uint64_t rights, uint64_t inherited, int32_t fdflags, int32_t* opened);
IMPORT("fd_readdir")
int32_t fd_readdir(int32_t fd, void* buffer, size_t size, uint64_t cookie, size_t* used);
IMPORT("path_filestat_get")
int32_t path_filestat_get(int32_t fd, int32_t lookup, const char* path, size_t length,
                          __wasi_filestat_t* status);
IMPORT("path_filestat_set_times")
int32_t path_filestat_set_times(int32_t fd, int32_t lookup, const char* path, size_t length,
                                uint64_t accessed, uint64_t modified, int32_t flags);
IMPORT("path_readlink")
int32_t path_readlink(int32_t fd, const char* path, size_t length, char* buffer, size_t size,
                      size_t* used);
IMPORT("path_create_directory")
int32_t path_create_directory(int32_t fd, const char* path, size_t length);
IMPORT("path_unlink_file") int32_t path_unlink_file(int32_t fd, const char* path, size_t length);
IMPORT("path_remove_directory")
int32_t path_remove_directory(int32_t fd, const char* path, size_t length);
IMPORT("path_rename")
int32_t path_rename(int32_t from, const char* path, size_t length, int32_t to, const char* new_path,
                    size_t new_length);
IMPORT("path_link")
int32_t path_link(int32_t from, int32_t lookup, const char* path, size_t length, int32_t to,
                  const char* new_path, size_t new_length);
IMPORT("path_symlink")
int32_t path_symlink(const char* target, size_t target_length, int32_t fd, const char* path,
                     size_t length);

static int32_t directory = 3;

static const struct {
  int32_t code;
  const char* name;
} errors[] = {
    {__WASI_ERRNO_SUCCESS, "ok"},
    {__WASI_ERRNO_PERM, "denied"},
    {__WASI_ERRNO_NOTCAPABLE, "denied"},
    {__WASI_ERRNO_ACCES, "denied"},
    {__WASI_ERRNO_ROFS, "denied"},
    {__WASI_ERRNO_XDEV, "denied"},
    {__WASI_ERRNO_BADF, "bad descriptor"},
    {__WASI_ERRNO_LOOP, "loop"},
    {__WASI_ERRNO_NOENT, "no entry"},
    {__WASI_ERRNO_NOTDIR, "not a directory"},
    {__WASI_ERRNO_EXIST, "exists"},
    {__WASI_ERRNO_ISDIR, "is a directory"},
    {__WASI_ERRNO_INVAL, "invalid"},
    {__WASI_ERRNO_ILSEQ, "not utf-8"},
    {__WASI_ERRNO_NAMETOOLONG, "name too long"},
    {__WASI_ERRNO_NOTEMPTY, "not empty"},
    {__WASI_ERRNO_BUSY, "busy"},
};

static const char* name_of(int32_t error) {
  static char other[32];
  for (size_t i = 0; i < sizeof errors / sizeof *errors; ++i) {
    if (errors[i].code == error) return errors[i].name;
  }
  snprintf(other, sizeof other, "error %d", (int)error);
  return other;
}

struct Path {
  const char* text;
  size_t length;
};

// `%0`, `%b` and `%l` stand for a NUL, a byte that is not UTF-8, and 5,000 letters.
static struct Path expand(const char* text) {
  static char buffers[2][8192];
  static int next;
  char* out = buffers[next = 1 - next];
  size_t length = 0;
  for (const char* at = text; *at; ++at) {
    if (*at != '%') {
      out[length++] = *at;
    } else if (*++at == 'l') {
      memset(out + length, 'x', 5000);
      length += 5000;
    } else {
      out[length++] = *at == '0' ? 0 : (char)0xff;
    }
  }
  return (struct Path){out, length};
}

static const uint64_t reading = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_READDIR;
static const uint64_t writing = __WASI_RIGHTS_FD_WRITE;

// Opens, and says what is there: the first bytes of a file, or that it is a directory.
static void open_path(struct Path path, int follow, int32_t oflags, uint64_t rights) {
  int32_t fd = -1;
  int32_t error = path_open(directory, follow, path.text, path.length, oflags, rights, 0, 0, &fd);
  if (error) {
    printf("%s\n", name_of(error));
    return;
  }
  if (rights & writing) {
    __wasi_ciovec_t written = {(const uint8_t*)"written\n", 8};
    __wasi_size_t count;
    printf("write: %s\n", name_of(__wasi_fd_write(fd, &written, 1, &count)));
  } else {
    static uint8_t content[64];
    __wasi_iovec_t vector = {content, sizeof content - 1};
    __wasi_size_t count = 0;
    error = __wasi_fd_read(fd, &vector, 1, &count);
    content[count] = 0;
    char* end = strchr((char*)content, '\n');
    if (end) *end = 0;
    if (error) {
      printf("opened; read: %s\n", error == __WASI_ERRNO_BADF ? "is a directory" : name_of(error));
    } else {
      printf("read: %s\n", content);
    }
  }
  __wasi_fd_close(fd);
}

static void print_status(struct Path path, int follow) {
  __wasi_filestat_t status;
  int32_t error = path_filestat_get(directory, follow, path.text, path.length, &status);
  static const char* const types[] = {"unknown", "block device",    "character device", "directory",
                                      "file",    "datagram socket", "stream socket",    "link"};
  printf("%s\n", error ? name_of(error) : types[status.filetype]);
}

static void print_link(struct Path path) {
  char target[256];
  size_t used = 0;
  int32_t error = path_readlink(directory, path.text, path.length, target, sizeof target, &used);
  if (error) {
    printf("%s\n", name_of(error));
  } else {
    printf("-> %.*s\n", (int)used, target);
  }
}

static int compare_names(const void* a, const void* b) {
  return strcmp(*(const char* const*)a, *(const char* const*)b);
}

// The names in the directory that paths start from, sorted; entry by entry, in a buffer that holds
// one. What `..` is, nobody is told: it has the inode of the directory itself.
static void list(void) {
  static char storage[64][64];
  const char* names[64];
  size_t count = 0;
  uint64_t cookie = 0, self = 0, parent = 0;
  for (;;) {
    struct {
      __wasi_dirent_t entry;
      char name[64];
    } buffer;
    size_t used = 0;
    int32_t error = fd_readdir(directory, &buffer, sizeof buffer, cookie, &used);
    if (error || used < sizeof buffer.entry || count == 64) {
      if (error) printf("%s ", name_of(error));
      break;
    }
    size_t length = buffer.entry.d_namlen < 63 ? buffer.entry.d_namlen : 63;
    memcpy(storage[count], buffer.name, length);
    storage[count][length] = 0;
    if (!strcmp(storage[count], ".")) self = buffer.entry.d_ino;
    if (!strcmp(storage[count], "..")) parent = buffer.entry.d_ino;
    names[count] = storage[count];
    ++count;
    cookie = buffer.entry.d_next;
  }
  qsort(names, count, sizeof *names, compare_names);
  for (size_t i = 0; i < count; ++i) printf("%s ", names[i]);
  printf("(%s)\n", self && self == parent ? "parent hidden" : "parent seen");
}

// PATH>N:PATH names a path of another directory.
static int32_t second_directory(const char** text) {
  const char* colon = strchr(*text, ':');
  if (!colon) return directory;
  int32_t fd = atoi(*text);
  *text = colon + 1;
  return fd;
}

static int32_t two_paths(const char* verb, char* first_text) {
  char* separator = strchr(first_text, '>');
  if (!separator) return __WASI_ERRNO_INVAL;
  *separator = 0;
  const char* second_text = separator + 1;
  int32_t to = second_directory(&second_text);
  struct Path first = expand(first_text), second = expand(second_text);
  if (!strcmp(verb, "rename")) {
    return path_rename(directory, first.text, first.length, to, second.text, second.length);
  }
  if (!strcmp(verb, "symlink")) {
    return path_symlink(first.text, first.length, to, second.text, second.length);
  }
  int follow = !strcmp(verb, "linkf");
  return path_link(directory, follow, first.text, first.length, to, second.text, second.length);
}

static void act(const char* verb, char* text) {
  if (strchr(text, '>')) {
    printf("%s\n", name_of(two_paths(verb, text)));
    return;
  }
  struct Path path = expand(text);
  if (!strcmp(verb, "open")) return open_path(path, 1, 0, reading);
  if (!strcmp(verb, "openn")) return open_path(path, 0, 0, reading);
  if (!strcmp(verb, "opendir")) return open_path(path, 1, __WASI_OFLAGS_DIRECTORY, reading);
  if (!strcmp(verb, "opendirn")) return open_path(path, 0, __WASI_OFLAGS_DIRECTORY, reading);
  if (!strcmp(verb, "creat")) return open_path(path, 1, __WASI_OFLAGS_CREAT, reading | writing);
  if (!strcmp(verb, "excl")) {
    return open_path(path, 1, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL, reading | writing);
  }
  if (!strcmp(verb, "trunc")) return open_path(path, 1, __WASI_OFLAGS_TRUNC, reading);
  if (!strcmp(verb, "write")) return open_path(path, 1, 0, writing);
  if (!strcmp(verb, "stat")) return print_status(path, 1);
  if (!strcmp(verb, "statn")) return print_status(path, 0);
  if (!strcmp(verb, "readlink")) return print_link(path);
  int32_t error = __WASI_ERRNO_NOSYS;
  if (!strcmp(verb, "mkdir")) error = path_create_directory(directory, path.text, path.length);
  if (!strcmp(verb, "unlink")) error = path_unlink_file(directory, path.text, path.length);
  if (!strcmp(verb, "rmdir")) error = path_remove_directory(directory, path.text, path.length);
  if (!strcmp(verb, "times")) {
    error =
        path_filestat_set_times(directory, 1, path.text, path.length, 0, 0, __WASI_FSTFLAGS_MTIM);
  }
  printf("%s\n", name_of(error));
}

static void start_from(const char* text) {
  if (*text >= '0' && *text <= '9') {
    directory = atoi(text);
    return;
  }
  int32_t fd = -1;
  int32_t error = path_open(directory, 1, text, strlen(text), __WASI_OFLAGS_DIRECTORY, reading,
                            reading, 0, &fd);
  if (error) printf("@%s: %s\n", text, name_of(error));
  if (!error) directory = fd;
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] == '@') {
      start_from(argv[i] + 1);
      continue;
    }
    if (!strcmp(argv[i], "wait")) {
      fflush(stdout);
      getchar();
      continue;
    }
    if (!strcmp(argv[i], "list")) {
      printf("list: ");
      list();
      continue;
    }
    printf("%s: ", argv[i]);
    char* colon = strchr(argv[i], ':');
    if (!colon) return 2;
    *colon = 0;
    act(argv[i], colon + 1);
  }
  return 0;
}
