#include "wasi/p1/functions.h"

#include <type_traits>
#include <utility>

namespace tenon::wasi::p1 {
namespace {

// Makes a table entry of a C++ function: its core signature, and a call that takes core values.
template <auto function>
struct Glue;

template <typename... Params, Status (*function)(Process&, Guest&, Params...)>
struct Glue<function> {
  static constexpr abi::FlatTypes params() {
    abi::FlatTypes types;
    (types.push(sizeof(Params) == sizeof(uint64_t) ? abi::CoreType::i64 : abi::CoreType::i32), ...);
    return types;
  }

  static uint32_t call(Process& process, Guest& guest, const uint64_t* values) {
    return call_with(process, guest, values, std::index_sequence_for<Params...>());
  }

 private:
  template <size_t... I>
  static uint32_t call_with(Process& process, Guest& guest, [[maybe_unused]] const uint64_t* values,
                            std::index_sequence<I...>) {
    Status status = function(process, guest, static_cast<Params>(values[I])...);
    return static_cast<uint32_t>(status ? Error::success : status.error());
  }
};

template <auto function>
constexpr Function entry(std::string_view name) {
  return {name, Glue<function>::params(), name != "proc_exit", Glue<function>::call};
}

}  // namespace

#define TENON_P1_FUNCTIONS(X)                                                                   \
  X(args_get)                                                                                   \
  X(args_sizes_get)                                                                             \
  X(environ_get)                                                                                \
  X(environ_sizes_get)                                                                          \
  X(clock_res_get)                                                                              \
  X(clock_time_get) X(fd_advise) X(fd_allocate) X(fd_close) X(fd_datasync) X(fd_fdstat_get)     \
      X(fd_fdstat_set_flags) X(fd_fdstat_set_rights) X(fd_filestat_get) X(fd_filestat_set_size) \
          X(fd_filestat_set_times) X(fd_pread) X(fd_prestat_get) X(fd_prestat_dir_name)         \
              X(fd_pwrite) X(fd_read) X(fd_readdir) X(fd_renumber) X(fd_seek) X(fd_sync)        \
                  X(fd_tell) X(fd_write) X(path_create_directory) X(path_filestat_get)          \
                      X(path_filestat_set_times) X(path_link) X(path_open) X(path_readlink)     \
                          X(path_remove_directory) X(path_rename) X(path_symlink)               \
                              X(path_unlink_file) X(poll_oneoff) X(proc_exit) X(proc_raise)     \
                                  X(sched_yield) X(random_get) X(sock_accept) X(sock_recv)      \
                                      X(sock_send) X(sock_shutdown)

std::span<const Function> functions() {
#define X(name) entry<name>(#name),
  static constexpr Function table[] = {TENON_P1_FUNCTIONS(X)};
#undef X
  return table;
}

}  // namespace tenon::wasi::p1
