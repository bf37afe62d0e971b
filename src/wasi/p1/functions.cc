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

std::span<const Function> functions() {
#define ENTRY(name) entry<name>(#name)
  static constexpr Function table[] = {
      ENTRY(args_get),
      ENTRY(args_sizes_get),
      ENTRY(environ_get),
      ENTRY(environ_sizes_get),
      ENTRY(clock_res_get),
      ENTRY(clock_time_get),
      ENTRY(fd_advise),
      ENTRY(fd_allocate),
      ENTRY(fd_close),
      ENTRY(fd_datasync),
      ENTRY(fd_fdstat_get),
      ENTRY(fd_fdstat_set_flags),
      ENTRY(fd_fdstat_set_rights),
      ENTRY(fd_filestat_get),
      ENTRY(fd_filestat_set_size),
      ENTRY(fd_filestat_set_times),
      ENTRY(fd_pread),
      ENTRY(fd_prestat_get),
      ENTRY(fd_prestat_dir_name),
      ENTRY(fd_pwrite),
      ENTRY(fd_read),
      ENTRY(fd_readdir),
      ENTRY(fd_renumber),
      ENTRY(fd_seek),
      ENTRY(fd_sync),
      ENTRY(fd_tell),
      ENTRY(fd_write),
      ENTRY(path_create_directory),
      ENTRY(path_filestat_get),
      ENTRY(path_filestat_set_times),
      ENTRY(path_link),
      ENTRY(path_open),
      ENTRY(path_readlink),
      ENTRY(path_remove_directory),
      ENTRY(path_rename),
      ENTRY(path_symlink),
      ENTRY(path_unlink_file),
      ENTRY(poll_oneoff),
      ENTRY(proc_exit),
      ENTRY(proc_raise),
      ENTRY(sched_yield),
      ENTRY(random_get),
      ENTRY(sock_accept),
      ENTRY(sock_recv),
      ENTRY(sock_send),
      ENTRY(sock_shutdown),
  };
#undef ENTRY
  return table;
}

}  // namespace tenon::wasi::p1
