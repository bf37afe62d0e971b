#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "wasi/p2/clocks.h"
#include "wasi/p2/io.h"

// The package wasi:filesystem@0.2.12 in C++.
namespace tenon::wasi::p2::filesystem {

// wasi: wasi:filesystem/types
using Filesize = uint64_t;
using LinkCount = uint64_t;

enum class DescriptorType : uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  fifo,
  symbolic_link,
  regular_file,
  socket,
};

struct DescriptorFlags {
  bool read = false;
  bool write = false;
  bool file_integrity_sync = false;
  bool data_integrity_sync = false;
  bool requested_write_sync = false;
  bool mutate_directory = false;
};

struct DescriptorStat {
  DescriptorType type = DescriptorType::unknown;
  LinkCount link_count = 0;
  Filesize size = 0;
  std::optional<clocks::Datetime> data_access_timestamp;
  std::optional<clocks::Datetime> data_modification_timestamp;
  std::optional<clocks::Datetime> status_change_timestamp;
};

struct PathFlags {
  bool symlink_follow = false;
};

struct OpenFlags {
  bool create = false;
  bool directory = false;
  bool exclusive = false;
  bool truncate = false;
};

struct NewTimestamp : std::variant<std::monostate, std::monostate, clocks::Datetime> {
  using variant::variant;
  enum Case : size_t { no_change, now, timestamp };
};

struct DirectoryEntry {
  DescriptorType type = DescriptorType::unknown;
  std::string name;
};

enum class ErrorCode : uint8_t {
  access,
  would_block,
  already,
  bad_descriptor,
  busy,
  deadlock,
  quota,
  exist,
  file_too_large,
  illegal_byte_sequence,
  in_progress,
  interrupted,
  invalid,
  io,
  is_directory,
  loop,
  too_many_links,
  message_size,
  name_too_long,
  no_device,
  no_entry,
  no_lock,
  insufficient_memory,
  insufficient_space,
  not_directory,
  not_empty,
  not_recoverable,
  unsupported,
  no_tty,
  no_such_device,
  overflow,
  not_permitted,
  pipe,
  read_only,
  invalid_seek,
  text_file_busy,
  cross_device,
};

enum class Advice : uint8_t { normal, sequential, random, will_need, dont_need, no_reuse };

struct MetadataHashValue {
  uint64_t lower = 0;
  uint64_t upper = 0;
};

// canon: trap or result<T, error-code>
template <typename T>
using FsResult = CallResult<std::expected<T, ErrorCode>>;

class DirectoryEntryStream {
 public:
  virtual ~DirectoryEntryStream() = default;
  virtual FsResult<std::optional<DirectoryEntry>> read_directory_entry() = 0;
};

class Descriptor {
 public:
  virtual ~Descriptor() = default;
  virtual FsResult<Own<io::InputStream>> read_via_stream(Filesize offset) = 0;
  virtual FsResult<Own<io::OutputStream>> write_via_stream(Filesize offset) = 0;
  virtual FsResult<Own<io::OutputStream>> append_via_stream() = 0;
  virtual FsResult<void> advise(Filesize offset, Filesize length, Advice advice) = 0;
  virtual FsResult<void> sync_data() = 0;
  virtual FsResult<DescriptorFlags> get_flags() = 0;
  virtual FsResult<DescriptorType> get_type() = 0;
  virtual FsResult<void> set_size(Filesize size) = 0;
  virtual FsResult<void> set_times(NewTimestamp data_access_timestamp,
                                   NewTimestamp data_modification_timestamp) = 0;
  virtual FsResult<std::tuple<std::vector<uint8_t>, bool>> read(Filesize length,
                                                                Filesize offset) = 0;
  virtual FsResult<Filesize> write(std::span<const uint8_t> buffer, Filesize offset) = 0;
  virtual FsResult<Own<DirectoryEntryStream>> read_directory() = 0;
  virtual FsResult<void> sync() = 0;
  virtual FsResult<void> create_directory_at(std::string_view path) = 0;
  virtual FsResult<DescriptorStat> stat() = 0;
  virtual FsResult<DescriptorStat> stat_at(PathFlags path_flags, std::string_view path) = 0;
  virtual FsResult<void> set_times_at(PathFlags path_flags, std::string_view path,
                                      NewTimestamp data_access_timestamp,
                                      NewTimestamp data_modification_timestamp) = 0;
  virtual FsResult<void> link_at(PathFlags old_path_flags, std::string_view old_path,
                                 Borrow<Descriptor> new_descriptor, std::string_view new_path) = 0;
  virtual FsResult<Own<Descriptor>> open_at(PathFlags path_flags, std::string_view path,
                                            OpenFlags open_flags, DescriptorFlags flags) = 0;
  virtual FsResult<std::string> readlink_at(std::string_view path) = 0;
  virtual FsResult<void> remove_directory_at(std::string_view path) = 0;
  virtual FsResult<void> rename_at(std::string_view old_path, Borrow<Descriptor> new_descriptor,
                                   std::string_view new_path) = 0;
  virtual FsResult<void> symlink_at(std::string_view old_path, std::string_view new_path) = 0;
  virtual FsResult<void> unlink_file_at(std::string_view path) = 0;
  virtual CallResult<bool> is_same_object(Borrow<Descriptor> other) = 0;
  virtual FsResult<MetadataHashValue> metadata_hash() = 0;
  virtual FsResult<MetadataHashValue> metadata_hash_at(PathFlags path_flags,
                                                       std::string_view path) = 0;
};

struct Types {
  virtual ~Types() = default;
  virtual CallResult<std::optional<ErrorCode>> filesystem_error_code(Borrow<io::Error> err) = 0;
};

// wasi: wasi:filesystem/preopens
struct Preopens {
  virtual ~Preopens() = default;
  virtual CallResult<std::vector<std::tuple<Own<Descriptor>, std::string>>> get_directories() = 0;
};

}  // namespace tenon::wasi::p2::filesystem

TENON_ENUM(tenon::wasi::p2::filesystem::DescriptorType, unknown, block_device, character_device,
           directory, fifo, symbolic_link, regular_file, socket)
TENON_FLAGS(tenon::wasi::p2::filesystem::DescriptorFlags, read, write, file_integrity_sync,
            data_integrity_sync, requested_write_sync, mutate_directory)
TENON_RECORD(tenon::wasi::p2::filesystem::DescriptorStat, type, link_count, size,
             data_access_timestamp, data_modification_timestamp, status_change_timestamp)
TENON_FLAGS(tenon::wasi::p2::filesystem::PathFlags, symlink_follow)
TENON_FLAGS(tenon::wasi::p2::filesystem::OpenFlags, create, directory, exclusive, truncate)
TENON_VARIANT(tenon::wasi::p2::filesystem::NewTimestamp, no_change, now, timestamp)
TENON_RECORD(tenon::wasi::p2::filesystem::DirectoryEntry, type, name)
TENON_ENUM(tenon::wasi::p2::filesystem::ErrorCode, access, would_block, already, bad_descriptor,
           busy, deadlock, quota, exist, file_too_large, illegal_byte_sequence, in_progress,
           interrupted, invalid, io, is_directory, loop, too_many_links, message_size,
           name_too_long, no_device, no_entry, no_lock, insufficient_memory, insufficient_space,
           not_directory, not_empty, not_recoverable, unsupported, no_tty, no_such_device, overflow,
           not_permitted, pipe, read_only, invalid_seek, text_file_busy, cross_device)
TENON_ENUM(tenon::wasi::p2::filesystem::Advice, normal, sequential, random, will_need, dont_need,
           no_reuse)
TENON_RECORD(tenon::wasi::p2::filesystem::MetadataHashValue, lower, upper)
