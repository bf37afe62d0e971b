#pragma once

#include "wasi/common/context.h"
#include "wasi/p1/fd_table.h"
#include "wasi/p1/guest.h"

// A preview 1 process, and the functions of wasi_snapshot_preview1 as C++ functions: parameters are
// those of the core signature, and a result goes to guest memory through the pointers at their end.
// functions.h has them as a table.
namespace tenon::wasi::p1 {

struct Process {
  explicit Process(Context& wasi) : context(wasi), fds(wasi) {}
  Context& context;
  FdTable fds;
};

// process.cc
Status args_get(Process&, Guest&, uint32_t argv, uint32_t argv_buf);
Status args_sizes_get(Process&, Guest&, uint32_t argc, uint32_t argv_buf_size);
Status environ_get(Process&, Guest&, uint32_t environ, uint32_t environ_buf);
Status environ_sizes_get(Process&, Guest&, uint32_t count, uint32_t buf_size);
Status clock_res_get(Process&, Guest&, uint32_t id, uint32_t resolution);
Status clock_time_get(Process&, Guest&, uint32_t id, uint64_t precision, uint32_t time);
// Always leaves with a trap.
Status proc_exit(Process&, Guest&, uint32_t rval);
Status proc_raise(Process&, Guest&, uint32_t sig);
Status sched_yield(Process&, Guest&);
Status random_get(Process&, Guest&, uint32_t buf, uint32_t buf_len);

// fd_io.cc
Status fd_pread(Process&, Guest&, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint64_t offset,
                uint32_t nread);
Status fd_pwrite(Process&, Guest&, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint64_t offset,
                 uint32_t nwritten);
Status fd_read(Process&, Guest&, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t nread);
Status fd_write(Process&, Guest&, uint32_t fd, uint32_t iovs, uint32_t iovs_len, uint32_t nwritten);
Status fd_seek(Process&, Guest&, uint32_t fd, int64_t offset, uint32_t whence, uint32_t newoffset);
Status fd_tell(Process&, Guest&, uint32_t fd, uint32_t offset);
Status fd_readdir(Process&, Guest&, uint32_t fd, uint32_t buf, uint32_t buf_len, uint64_t cookie,
                  uint32_t bufused);

// fd.cc
Status fd_advise(Process&, Guest&, uint32_t fd, uint64_t offset, uint64_t len, uint32_t advice);
Status fd_allocate(Process&, Guest&, uint32_t fd, uint64_t offset, uint64_t len);
Status fd_close(Process&, Guest&, uint32_t fd);
Status fd_datasync(Process&, Guest&, uint32_t fd);
Status fd_fdstat_get(Process&, Guest&, uint32_t fd, uint32_t stat);
Status fd_fdstat_set_flags(Process&, Guest&, uint32_t fd, uint32_t flags);
Status fd_fdstat_set_rights(Process&, Guest&, uint32_t fd, uint64_t rights_base,
                            uint64_t rights_inheriting);
Status fd_filestat_get(Process&, Guest&, uint32_t fd, uint32_t stat);
Status fd_filestat_set_size(Process&, Guest&, uint32_t fd, uint64_t size);
Status fd_filestat_set_times(Process&, Guest&, uint32_t fd, uint64_t atim, uint64_t mtim,
                             uint32_t fst_flags);
Status fd_prestat_get(Process&, Guest&, uint32_t fd, uint32_t prestat);
Status fd_prestat_dir_name(Process&, Guest&, uint32_t fd, uint32_t path, uint32_t path_len);
Status fd_renumber(Process&, Guest&, uint32_t fd, uint32_t to);
Status fd_sync(Process&, Guest&, uint32_t fd);

// path.cc
Status path_create_directory(Process&, Guest&, uint32_t fd, uint32_t path, uint32_t path_len);
Status path_filestat_get(Process&, Guest&, uint32_t fd, uint32_t flags, uint32_t path,
                         uint32_t path_len, uint32_t stat);
Status path_filestat_set_times(Process&, Guest&, uint32_t fd, uint32_t flags, uint32_t path,
                               uint32_t path_len, uint64_t atim, uint64_t mtim, uint32_t fst_flags);
Status path_link(Process&, Guest&, uint32_t old_fd, uint32_t old_flags, uint32_t old_path,
                 uint32_t old_path_len, uint32_t new_fd, uint32_t new_path, uint32_t new_path_len);
Status path_open(Process&, Guest&, uint32_t fd, uint32_t dirflags, uint32_t path, uint32_t path_len,
                 uint32_t open_flags, uint64_t rights_base, uint64_t rights_inheriting,
                 uint32_t fd_flags, uint32_t opened_fd);
Status path_readlink(Process&, Guest&, uint32_t fd, uint32_t path, uint32_t path_len, uint32_t buf,
                     uint32_t buf_len, uint32_t bufused);
Status path_remove_directory(Process&, Guest&, uint32_t fd, uint32_t path, uint32_t path_len);
Status path_rename(Process&, Guest&, uint32_t fd, uint32_t old_path, uint32_t old_path_len,
                   uint32_t new_fd, uint32_t new_path, uint32_t new_path_len);
Status path_symlink(Process&, Guest&, uint32_t old_path, uint32_t old_path_len, uint32_t fd,
                    uint32_t new_path, uint32_t new_path_len);
Status path_unlink_file(Process&, Guest&, uint32_t fd, uint32_t path, uint32_t path_len);

// poll.cc
Status poll_oneoff(Process&, Guest&, uint32_t in, uint32_t out, uint32_t nsubscriptions,
                   uint32_t nevents);

// socket.cc
Status sock_accept(Process&, Guest&, uint32_t fd, uint32_t flags, uint32_t opened_fd);
Status sock_recv(Process&, Guest&, uint32_t fd, uint32_t ri_data, uint32_t ri_data_len,
                 uint32_t ri_flags, uint32_t ro_datalen, uint32_t ro_flags);
Status sock_send(Process&, Guest&, uint32_t fd, uint32_t si_data, uint32_t si_data_len,
                 uint32_t si_flags, uint32_t so_datalen);
Status sock_shutdown(Process&, Guest&, uint32_t fd, uint32_t how);

// Shared by these files: what `fd` stands for.
Outcome<OpenObject*> find_object(Process& process, uint32_t fd);
// A file or directory; a standard stream is `badf`.
Outcome<const Descriptor*> find_descriptor(Process& process, uint32_t fd);
Outcome<std::pair<host::NewTimestamp, host::NewTimestamp>> new_times(uint64_t atim, uint64_t mtim,
                                                                     uint32_t fst_flags);
Status store_filestat(Guest& guest, uint32_t pointer, const host::FileStat& stat);
// Nanoseconds since 1970, cut to what fits.
uint64_t nanoseconds(host::Timestamp time);

}  // namespace tenon::wasi::p1
