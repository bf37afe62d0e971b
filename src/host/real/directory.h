#pragma once

#include <memory>
#include <string>

#include "host/directory.h"
#include "host/real/path_resolver.h"
#include "os/file_path.h"

// Directories and files of the machine.
namespace tenon::host::real {

class RealFile final : public File {
 public:
  RealFile(os::FileDescriptor file, FileType type);

  bool is_seekable() const override { return seekable_; }
  Io<size_t> read_at(ReadBuffers buffers, uint64_t offset) override;
  Io<size_t> write_at(WriteBuffers buffers, uint64_t offset) override;
  Io<size_t> append(WriteBuffers buffers) override;
  Wait readable() const override;
  Wait writable() const override;
  bool is_terminal() const override { return os::is_terminal(file_.get()); }
  Io<FileStat> stat() override { return os::stat(file_.get()); }
  Io<void> set_times(NewTimestamp accessed, NewTimestamp modified) override;
  Io<void> set_size(uint64_t size) override { return os::set_size(file_.get(), size); }
  Io<void> allocate(uint64_t offset, uint64_t length) override;
  Io<void> advise(uint64_t offset, uint64_t length, Advice advice) override;
  Io<void> sync() override { return os::sync(file_.get()); }
  Io<void> sync_data() override { return os::sync_data(file_.get()); }

 private:
  os::FileDescriptor file_;
  bool seekable_;
};

class RealDirectory final : public Directory {
 public:
  RealDirectory(os::FileDescriptor directory, Resolver resolver)
      : directory_(std::move(directory)), resolver_(resolver) {}

  Io<Opened> open(std::string_view path, const OpenHow& how) override;
  Io<std::unique_ptr<Entries>> entries() override;
  Io<FileStat> stat() override { return os::stat(directory_.get()); }
  Io<FileStat> stat_at(std::string_view path, bool follow) override;
  Io<void> set_times(NewTimestamp accessed, NewTimestamp modified) override;
  Io<void> set_times_at(std::string_view path, bool follow, NewTimestamp accessed,
                        NewTimestamp modified) override;
  Io<void> sync() override { return os::sync(directory_.get()); }
  Io<void> sync_data() override { return os::sync_data(directory_.get()); }
  Io<void> create_directory(std::string_view path) override;
  Io<void> remove_directory(std::string_view path) override;
  Io<void> unlink_file(std::string_view path) override;
  Io<void> rename(std::string_view from, Directory& to, std::string_view to_path) override;
  Io<void> link(std::string_view from, Directory& to, std::string_view to_path) override;
  Io<void> symlink(std::string_view target, std::string_view path) override;
  Io<std::string> read_link(std::string_view path) override;

 private:
  Io<os::FileDescriptor> open_handle(std::string_view path, bool follow);
  Io<Entry> entry(const EntryText& path, Errno itself);
  Io<void> check_directory(std::string_view path, const EntryText& text, const Entry& at);

  os::FileDescriptor directory_;
  Resolver resolver_;
};

// The directory at `path` on the host, which may be any path. `resolver` is for tests.
Io<std::unique_ptr<Directory>> open_directory(const std::string& path,
                                              Resolver resolver = Resolver::automatic);

}  // namespace tenon::host::real
