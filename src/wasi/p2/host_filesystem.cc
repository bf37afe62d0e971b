#include "wasi/p2/host_filesystem.h"

#include <algorithm>

#include "base/result.h"
#include "base/utf8.h"

namespace tenon::wasi::p2 {

using filesystem::ErrorCode;
using filesystem::FsResult;

// Errno starts with the cases of error-code, in their order.
static_assert(static_cast<uint8_t>(Errno::access) == static_cast<uint8_t>(ErrorCode::access));
static_assert(static_cast<uint8_t>(Errno::loop) == static_cast<uint8_t>(ErrorCode::loop));
static_assert(static_cast<uint8_t>(Errno::cross_device) ==
              static_cast<uint8_t>(ErrorCode::cross_device));

ErrorCode error_code(Errno error) {
  if (error == Errno::too_many_files) return ErrorCode::insufficient_memory;
  return static_cast<ErrorCode>(error);
}

namespace {

template <typename T>
FsResult<T> answer(Io<T> result) {
  using Value = std::expected<T, ErrorCode>;
  if (!result) return Value(std::unexpect, error_code(result.error()));
  if constexpr (std::is_void_v<T>) {
    return Value();
  } else {
    return Value(std::move(*result));
  }
}

// `return failure<T>(...)`: the function answers an error-code, it does not trap.
template <typename T>
FsResult<T> failure(Errno error) {
  return std::expected<T, ErrorCode>(std::unexpect, error_code(error));
}

// What a function that makes a resource answers: a trap where that failed.
template <typename T>
FsResult<Own<T>> resource(CallResult<Own<T>> made) {
  if (!made) return std::unexpected(std::move(made).error());
  return std::expected<Own<T>, ErrorCode>(std::move(*made));
}

filesystem::DescriptorType descriptor_type(host::FileType type) {
  return static_cast<filesystem::DescriptorType>(type);
}
static_assert(static_cast<uint8_t>(host::FileType::unknown) ==
              static_cast<uint8_t>(filesystem::DescriptorType::unknown));
static_assert(static_cast<uint8_t>(host::FileType::socket) ==
              static_cast<uint8_t>(filesystem::DescriptorType::socket));

std::optional<clocks::Datetime> datetime(host::Timestamp time) {
  if (time.seconds < 0) return std::nullopt;  // before 1970 there is no datetime
  return clocks::Datetime{static_cast<uint64_t>(time.seconds), time.nanoseconds};
}

filesystem::DescriptorStat descriptor_stat(const host::FileStat& stat) {
  return {
      .type = descriptor_type(stat.type),
      .link_count = stat.links,
      .size = stat.size,
      .data_access_timestamp = datetime(stat.accessed),
      .data_modification_timestamp = datetime(stat.modified),
      .status_change_timestamp = datetime(stat.changed),
  };
}

Io<host::NewTimestamp> new_timestamp(const filesystem::NewTimestamp& time) {
  using Kind = host::NewTimestamp::Kind;
  if (time.index() == filesystem::NewTimestamp::no_change) return host::NewTimestamp{};
  if (time.index() == filesystem::NewTimestamp::now) return host::NewTimestamp{Kind::now, {}};
  const auto& value = std::get<filesystem::NewTimestamp::timestamp>(time);
  if (value.nanoseconds >= 1'000'000'000) return std::unexpected(Errno::invalid);
  if (value.seconds > INT64_MAX) return std::unexpected(Errno::overflow);
  return host::NewTimestamp{Kind::value, {static_cast<int64_t>(value.seconds), value.nanoseconds}};
}

struct Times {
  host::NewTimestamp accessed;
  host::NewTimestamp modified;
};

Io<Times> new_times(const filesystem::NewTimestamp& accessed,
                    const filesystem::NewTimestamp& modified) {
  host::NewTimestamp first = TRY(new_timestamp(accessed));
  return Times{first, TRY(new_timestamp(modified))};
}

filesystem::MetadataHashValue hash_value(Context& context, const host::FileStat& stat) {
  MetadataHash hash = metadata_hash(context.hash_key(), stat);
  return {hash.lower, hash.upper};
}

// The descriptor behind the handle; there is no other implementation of the interface.
CallResult<HostDescriptor*> host_descriptor(const Borrow<filesystem::Descriptor>& descriptor) {
  auto* host = dynamic_cast<HostDescriptor*>(descriptor.get());
  if (host == nullptr) {
    return std::unexpected(Trap::host("a descriptor of another implementation of wasi:filesystem"));
  }
  return host;
}

class HostDirectoryEntryStream final : public filesystem::DirectoryEntryStream {
 public:
  HostDirectoryEntryStream(std::unique_ptr<host::Entries> entries, ResourceTicket ticket)
      : entries_(std::move(entries)), ticket_(std::move(ticket)) {}

  FsResult<std::optional<filesystem::DirectoryEntry>> read_directory_entry() override {
    return answer(next());
  }

 private:
  Io<std::optional<filesystem::DirectoryEntry>> next() {
    for (;;) {
      std::optional<host::DirectoryEntry> entry = TRY(entries_->next());
      if (!entry) return std::nullopt;
      // What has no UTF-8 name cannot be named by a guest.
      if (entry->name == "." || entry->name == ".." || !is_utf8(entry->name)) continue;
      return filesystem::DirectoryEntry{descriptor_type(entry->type), std::move(entry->name)};
    }
  }

  std::unique_ptr<host::Entries> entries_;
  ResourceTicket ticket_;
};

}  // namespace

FsResult<Own<io::InputStream>> HostDescriptor::read_via_stream(Filesize offset) {
  if (descriptor_.is_directory() || !descriptor_.access().read) {
    return failure<Own<io::InputStream>>(Errno::bad_descriptor);
  }
  return resource(make_input_stream(context_, file_input_stream(context_, descriptor_, offset)));
}

FsResult<Own<io::OutputStream>> HostDescriptor::write_via_stream(Filesize offset) {
  if (descriptor_.is_directory() || !descriptor_.access().write) {
    return failure<Own<io::OutputStream>>(Errno::bad_descriptor);
  }
  return resource(make_output_stream(context_, file_output_stream(context_, descriptor_, offset)));
}

FsResult<Own<io::OutputStream>> HostDescriptor::append_via_stream() {
  if (descriptor_.is_directory() || !descriptor_.access().write) {
    return failure<Own<io::OutputStream>>(Errno::bad_descriptor);
  }
  return resource(make_output_stream(context_, file_append_stream(context_, descriptor_)));
}

FsResult<void> HostDescriptor::advise(Filesize offset, Filesize length, filesystem::Advice advice) {
  static_assert(static_cast<uint8_t>(host::Advice::no_reuse) ==
                static_cast<uint8_t>(filesystem::Advice::no_reuse));
  return answer(descriptor_.advise(offset, length, static_cast<host::Advice>(advice)));
}

FsResult<void> HostDescriptor::sync_data() {
  return answer(descriptor_.sync_data());
}

FsResult<filesystem::DescriptorFlags> HostDescriptor::get_flags() {
  const Access& access = descriptor_.access();
  return std::expected<filesystem::DescriptorFlags, ErrorCode>(filesystem::DescriptorFlags{
      .read = access.read,
      .write = access.write,
      .file_integrity_sync = access.sync,
      .data_integrity_sync = access.data_sync,
      .requested_write_sync = false,
      .mutate_directory = descriptor_.is_directory() && !descriptor_.is_read_only(),
  });
}

FsResult<filesystem::DescriptorType> HostDescriptor::get_type() {
  Io<host::FileStat> found = descriptor_.stat();
  if (!found) return failure<filesystem::DescriptorType>(found.error());
  return std::expected<filesystem::DescriptorType, ErrorCode>(descriptor_type(found->type));
}

FsResult<void> HostDescriptor::set_size(Filesize size) {
  return answer(descriptor_.set_size(size));
}

FsResult<void> HostDescriptor::set_times(filesystem::NewTimestamp data_access_timestamp,
                                         filesystem::NewTimestamp data_modification_timestamp) {
  Io<Times> times = new_times(data_access_timestamp, data_modification_timestamp);
  if (!times) return failure<void>(times.error());
  return answer(descriptor_.set_times(times->accessed, times->modified));
}

FsResult<std::tuple<std::vector<uint8_t>, bool>> HostDescriptor::read(Filesize length,
                                                                      Filesize offset) {
  using Result = std::tuple<std::vector<uint8_t>, bool>;
  host::ReadBuffer buffer = context_.scratch().first(std::min(length, max_stream_read));
  Io<size_t> size = descriptor_.read_at({&buffer, 1}, offset);
  if (!size) return failure<Result>(size.error());
  std::vector<uint8_t> bytes(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(*size));
  bool at_end = length > 0 && *size == 0;
  return std::expected<Result, ErrorCode>(Result(std::move(bytes), at_end));
}

FsResult<filesystem::Filesize> HostDescriptor::write(std::span<const uint8_t> buffer,
                                                     Filesize offset) {
  Io<size_t> size = descriptor_.write_at({&buffer, 1}, offset);
  if (!size) return failure<Filesize>(size.error());
  return std::expected<Filesize, ErrorCode>(*size);
}

FsResult<Own<filesystem::DirectoryEntryStream>> HostDescriptor::read_directory() {
  using Stream = filesystem::DirectoryEntryStream;
  Io<std::unique_ptr<host::Entries>> entries = descriptor_.entries();
  if (!entries) return failure<Own<Stream>>(entries.error());
  ResourceTicket ticket = TRY(admit(context_));
  return resource<Stream>(
      make_own<HostDirectoryEntryStream>(std::move(*entries), std::move(ticket)));
}

FsResult<void> HostDescriptor::sync() {
  return answer(descriptor_.sync());
}

FsResult<void> HostDescriptor::create_directory_at(std::string_view path) {
  return answer(descriptor_.create_directory_at(path));
}

FsResult<filesystem::DescriptorStat> HostDescriptor::stat() {
  Io<host::FileStat> found = descriptor_.stat();
  if (!found) return failure<filesystem::DescriptorStat>(found.error());
  return std::expected<filesystem::DescriptorStat, ErrorCode>(descriptor_stat(*found));
}

FsResult<filesystem::DescriptorStat> HostDescriptor::stat_at(filesystem::PathFlags path_flags,
                                                             std::string_view path) {
  Io<host::FileStat> found = descriptor_.stat_at(path, path_flags.symlink_follow);
  if (!found) return failure<filesystem::DescriptorStat>(found.error());
  return std::expected<filesystem::DescriptorStat, ErrorCode>(descriptor_stat(*found));
}

FsResult<void> HostDescriptor::set_times_at(filesystem::PathFlags path_flags, std::string_view path,
                                            filesystem::NewTimestamp data_access_timestamp,
                                            filesystem::NewTimestamp data_modification_timestamp) {
  Io<Times> times = new_times(data_access_timestamp, data_modification_timestamp);
  if (!times) return failure<void>(times.error());
  return answer(
      descriptor_.set_times_at(path, path_flags.symlink_follow, times->accessed, times->modified));
}

FsResult<void> HostDescriptor::link_at(filesystem::PathFlags old_path_flags,
                                       std::string_view old_path,
                                       Borrow<filesystem::Descriptor> new_descriptor,
                                       std::string_view new_path) {
  HostDescriptor* target = TRY(host_descriptor(new_descriptor));
  if (old_path_flags.symlink_follow) return failure<void>(Errno::invalid);
  return answer(descriptor_.link_at(old_path, target->descriptor_, new_path));
}

FsResult<Own<filesystem::Descriptor>> HostDescriptor::open_at(filesystem::PathFlags path_flags,
                                                              std::string_view path,
                                                              filesystem::OpenFlags open_flags,
                                                              filesystem::DescriptorFlags flags) {
  using Handle = filesystem::Descriptor;
  if (flags.mutate_directory && descriptor_.is_read_only()) {
    return failure<Own<Handle>>(Errno::read_only);
  }
  OpenFlags open{open_flags.create, open_flags.directory, open_flags.exclusive,
                 open_flags.truncate};
  Access access{
      .read = flags.read,
      .write = flags.write,
      .sync = flags.file_integrity_sync || flags.requested_write_sync,
      .data_sync = flags.data_integrity_sync,
  };
  Io<wasi::Descriptor> opened = descriptor_.open_at(path, path_flags.symlink_follow, open, access);
  if (!opened) return failure<Own<Handle>>(opened.error());
  ResourceTicket ticket = TRY(admit(context_));
  return resource<Handle>(
      make_own<HostDescriptor>(context_, std::move(*opened), std::move(ticket)));
}

FsResult<std::string> HostDescriptor::readlink_at(std::string_view path) {
  Io<std::string> target = descriptor_.read_link_at(path);
  if (target && !is_utf8(*target)) return failure<std::string>(Errno::illegal_byte_sequence);
  return answer(std::move(target));
}

FsResult<void> HostDescriptor::remove_directory_at(std::string_view path) {
  return answer(descriptor_.remove_directory_at(path));
}

FsResult<void> HostDescriptor::rename_at(std::string_view old_path,
                                         Borrow<filesystem::Descriptor> new_descriptor,
                                         std::string_view new_path) {
  HostDescriptor* target = TRY(host_descriptor(new_descriptor));
  return answer(descriptor_.rename_at(old_path, target->descriptor_, new_path));
}

FsResult<void> HostDescriptor::symlink_at(std::string_view old_path, std::string_view new_path) {
  return answer(descriptor_.symlink_at(old_path, new_path));
}

FsResult<void> HostDescriptor::unlink_file_at(std::string_view path) {
  return answer(descriptor_.unlink_file_at(path));
}

CallResult<bool> HostDescriptor::is_same_object(Borrow<filesystem::Descriptor> other) {
  HostDescriptor* host = TRY(host_descriptor(other));
  Io<host::FileStat> mine = descriptor_.stat();
  Io<host::FileStat> theirs = host->descriptor_.stat();
  return mine && theirs && wasi::is_same_object(*mine, *theirs);
}

FsResult<filesystem::MetadataHashValue> HostDescriptor::metadata_hash() {
  Io<host::FileStat> found = descriptor_.stat();
  if (!found) return failure<filesystem::MetadataHashValue>(found.error());
  return std::expected<filesystem::MetadataHashValue, ErrorCode>(hash_value(context_, *found));
}

FsResult<filesystem::MetadataHashValue> HostDescriptor::metadata_hash_at(
    filesystem::PathFlags path_flags, std::string_view path) {
  Io<host::FileStat> found = descriptor_.stat_at(path, path_flags.symlink_follow);
  if (!found) return failure<filesystem::MetadataHashValue>(found.error());
  return std::expected<filesystem::MetadataHashValue, ErrorCode>(hash_value(context_, *found));
}

CallResult<std::optional<ErrorCode>> HostFilesystemTypes::filesystem_error_code(
    Borrow<io::Error> err) {
  auto* host = dynamic_cast<HostError*>(err.get());
  if (host == nullptr) return std::nullopt;
  return error_code(host->code());
}

CallResult<std::vector<std::tuple<Own<filesystem::Descriptor>, std::string>>>
HostPreopens::get_directories() {
  std::vector<std::tuple<Own<filesystem::Descriptor>, std::string>> result;
  for (const World::Directory& granted : context_.world().directories) {
    ResourceTicket ticket = TRY(admit(context_));
    wasi::Descriptor descriptor(granted.directory, granted.read_only);
    result.emplace_back(
        make_own<HostDescriptor>(context_, std::move(descriptor), std::move(ticket)),
        granted.guest_path);
  }
  return result;
}

}  // namespace tenon::wasi::p2
