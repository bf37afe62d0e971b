#pragma once

#include "wasi/common/descriptor.h"
#include "wasi/p2/filesystem.h"
#include "wasi/p2/host_io.h"

// wasi:filesystem over the descriptors of common/.
namespace tenon::wasi::p2 {

filesystem::ErrorCode error_code(Errno error);

class HostDescriptor final : public filesystem::Descriptor {
 public:
  template <typename T>
  using FsResult = filesystem::FsResult<T>;
  using Filesize = filesystem::Filesize;

  HostDescriptor(Context& context, wasi::Descriptor descriptor, ResourceTicket ticket)
      : context_(context), descriptor_(std::move(descriptor)), ticket_(std::move(ticket)) {}

  FsResult<Own<io::InputStream>> read_via_stream(Filesize offset) override;
  FsResult<Own<io::OutputStream>> write_via_stream(Filesize offset) override;
  FsResult<Own<io::OutputStream>> append_via_stream() override;
  FsResult<void> advise(Filesize offset, Filesize length, filesystem::Advice advice) override;
  FsResult<void> sync_data() override;
  FsResult<filesystem::DescriptorFlags> get_flags() override;
  FsResult<filesystem::DescriptorType> get_type() override;
  FsResult<void> set_size(Filesize size) override;
  FsResult<void> set_times(filesystem::NewTimestamp data_access_timestamp,
                           filesystem::NewTimestamp data_modification_timestamp) override;
  FsResult<std::tuple<std::vector<uint8_t>, bool>> read(Filesize length, Filesize offset) override;
  FsResult<Filesize> write(std::span<const uint8_t> buffer, Filesize offset) override;
  FsResult<Own<filesystem::DirectoryEntryStream>> read_directory() override;
  FsResult<void> sync() override;
  FsResult<void> create_directory_at(std::string_view path) override;
  FsResult<filesystem::DescriptorStat> stat() override;
  FsResult<filesystem::DescriptorStat> stat_at(filesystem::PathFlags path_flags,
                                               std::string_view path) override;
  FsResult<void> set_times_at(filesystem::PathFlags path_flags, std::string_view path,
                              filesystem::NewTimestamp data_access_timestamp,
                              filesystem::NewTimestamp data_modification_timestamp) override;
  FsResult<void> link_at(filesystem::PathFlags old_path_flags, std::string_view old_path,
                         Borrow<filesystem::Descriptor> new_descriptor,
                         std::string_view new_path) override;
  FsResult<Own<filesystem::Descriptor>> open_at(filesystem::PathFlags path_flags,
                                                std::string_view path,
                                                filesystem::OpenFlags open_flags,
                                                filesystem::DescriptorFlags flags) override;
  FsResult<std::string> readlink_at(std::string_view path) override;
  FsResult<void> remove_directory_at(std::string_view path) override;
  FsResult<void> rename_at(std::string_view old_path, Borrow<filesystem::Descriptor> new_descriptor,
                           std::string_view new_path) override;
  FsResult<void> symlink_at(std::string_view old_path, std::string_view new_path) override;
  FsResult<void> unlink_file_at(std::string_view path) override;
  CallResult<bool> is_same_object(Borrow<filesystem::Descriptor> other) override;
  FsResult<filesystem::MetadataHashValue> metadata_hash() override;
  FsResult<filesystem::MetadataHashValue> metadata_hash_at(filesystem::PathFlags path_flags,
                                                           std::string_view path) override;

 private:
  Context& context_;
  wasi::Descriptor descriptor_;
  ResourceTicket ticket_;
};

class HostFilesystemTypes final : public filesystem::Types {
 public:
  CallResult<std::optional<filesystem::ErrorCode>> filesystem_error_code(
      Borrow<io::Error> err) override;
};

class HostPreopens final : public filesystem::Preopens {
 public:
  explicit HostPreopens(Context& context) : context_(context) {}
  CallResult<std::vector<std::tuple<Own<filesystem::Descriptor>, std::string>>> get_directories()
      override;

 private:
  Context& context_;
};

}  // namespace tenon::wasi::p2
