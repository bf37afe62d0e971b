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

  static void run(Process& process, Guest& guest, abi::CoreCall& call) {
    run_with(process, guest, call, std::index_sequence_for<Params...>());
  }

 private:
  template <size_t... I>
  static void run_with(Process& process, Guest& guest, abi::CoreCall& call,
                       std::index_sequence<I...>) {
    uint64_t values[sizeof...(Params) + 1];
    abi::read_params<params()>(call, values);
    Status status = function(process, guest, static_cast<Params>(values[I])...);
    Error error = status ? Error::success : status.error();
    abi::value_at(call, {abi::Place::int_register, 0}) = static_cast<uint16_t>(error);
  }
};

template <auto function>
constexpr Function entry(std::string_view name) {
  return {name, Glue<function>::params(), name != "proc_exit", Glue<function>::run};
}

}  // namespace

#define TENON_P1_FUNCTIONS(X)                                                                     \
  X(args_get)                                                                                     \
  X(args_sizes_get)                                                                               \
  X(environ_get)                                                                                  \
  X(environ_sizes_get) X(clock_res_get) X(clock_time_get) X(fd_advise) X(fd_allocate) X(fd_close) \
      X(fd_datasync) X(fd_fdstat_get) X(fd_fdstat_set_flags) X(fd_fdstat_set_rights)              \
          X(fd_filestat_get) X(fd_filestat_set_size) X(fd_filestat_set_times) X(fd_pread)         \
              X(fd_prestat_get) X(fd_prestat_dir_name) X(fd_pwrite) X(fd_read) X(fd_readdir)      \
                  X(fd_renumber) X(fd_seek) X(fd_sync) X(fd_tell) X(fd_write)                     \
                      X(path_create_directory) X(path_filestat_get) X(path_filestat_set_times)    \
                          X(path_link) X(path_open) X(path_readlink) X(path_remove_directory)     \
                              X(path_rename) X(path_symlink) X(path_unlink_file) X(poll_oneoff)   \
                                  X(proc_exit) X(proc_raise) X(sched_yield) X(random_get)         \
                                      X(sock_accept) X(sock_recv) X(sock_send) X(sock_shutdown)

std::span<const Function> functions() {
#define X(name) entry<name>(#name),
  static constexpr Function table[] = {TENON_P1_FUNCTIONS(X)};
#undef X
  return table;
}

}  // namespace tenon::wasi::p1
