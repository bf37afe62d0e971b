#include "wasi/p1/process.h"

#include <algorithm>
#include <thread>

#include "base/result.h"

namespace tenon::wasi::p1 {
namespace {

// A list of C strings: how many, and their bytes with the zero bytes.
struct Sizes {
  uint32_t count = 0;
  uint32_t bytes = 0;
};

Outcome<Sizes> sizes(const std::vector<std::string>& strings) {
  uint64_t bytes = 0;
  for (const std::string& string : strings) bytes += string.size() + 1;
  if (strings.size() > UINT32_MAX || bytes > UINT32_MAX) return std::unexpected(Error::overflow);
  return Sizes{static_cast<uint32_t>(strings.size()), static_cast<uint32_t>(bytes)};
}

Status store_sizes(Guest& guest, const std::vector<std::string>& strings, uint32_t count,
                   uint32_t bytes) {
  Sizes result = TRY(sizes(strings));
  TRY_VOID(guest.store(count, result.count));
  return guest.store(bytes, result.bytes);
}

Status store_strings(Guest& guest, const std::vector<std::string>& strings, uint32_t pointers,
                     uint32_t buffer) {
  Sizes total = TRY(sizes(strings));
  TRY_VOID(guest.bytes(pointers, uint64_t{total.count} * sizeof(uint32_t), alignof(uint32_t)));
  std::span<uint8_t> bytes = TRY(guest.bytes(buffer, total.bytes));
  size_t used = 0;
  for (const std::string& string : strings) {
    TRY_VOID(guest.store(pointers, static_cast<uint32_t>(buffer + used)));
    pointers += sizeof(uint32_t);
    std::memcpy(bytes.data() + used, string.c_str(), string.size() + 1);
    used += string.size() + 1;
  }
  return {};
}

std::vector<std::string> environment(const Process& process) {
  std::vector<std::string> result;
  for (const auto& [name, value] : process.context.config().env) {
    result.push_back(std::string(name).append("=").append(value));
  }
  return result;
}

// Exit codes from here on are what shells use for signals.
constexpr uint32_t first_reserved_exit_code = 126;

}  // namespace

Outcome<OpenObject*> find_object(Process& process, uint32_t fd) {
  OpenObject* object = process.fds.find(fd);
  if (object == nullptr) return std::unexpected(Error::badf);
  return object;
}

Outcome<const Descriptor*> find_descriptor(Process& process, uint32_t fd) {
  OpenObject* object = TRY(find_object(process, fd));
  if (object->descriptor() == nullptr) return std::unexpected(Error::badf);
  return object->descriptor();
}

uint64_t nanoseconds(host::Timestamp time) {
  if (time.seconds < 0) return 0;
  uint64_t result = 0;
  if (__builtin_mul_overflow(static_cast<uint64_t>(time.seconds), uint64_t{1'000'000'000},
                             &result) ||
      __builtin_add_overflow(result, uint64_t{time.nanoseconds}, &result)) {
    return UINT64_MAX;
  }
  return result;
}

Status args_get(Process& process, Guest& guest, uint32_t argv, uint32_t argv_buf) {
  return store_strings(guest, process.context.config().args, argv, argv_buf);
}

Status args_sizes_get(Process& process, Guest& guest, uint32_t argc, uint32_t argv_buf_size) {
  return store_sizes(guest, process.context.config().args, argc, argv_buf_size);
}

Status environ_get(Process& process, Guest& guest, uint32_t environ, uint32_t environ_buf) {
  return store_strings(guest, environment(process), environ, environ_buf);
}

Status environ_sizes_get(Process& process, Guest& guest, uint32_t count, uint32_t buf_size) {
  return store_sizes(guest, environment(process), count, buf_size);
}

Status clock_res_get(Process& process, Guest& guest, uint32_t id, uint32_t resolution) {
  host::Clock& clock = *process.context.world().clock;
  switch (static_cast<ClockId>(id)) {
    case ClockId::realtime: return guest.store(resolution, nanoseconds(clock.wall_resolution()));
    case ClockId::monotonic: return guest.store(resolution, clock.monotonic_resolution());
    case ClockId::process_cputime_id:
    case ClockId::thread_cputime_id: break;
  }
  return std::unexpected(Error::inval);
}

Status clock_time_get(Process& process, Guest& guest, uint32_t id, uint64_t, uint32_t time) {
  host::Clock& clock = *process.context.world().clock;
  switch (static_cast<ClockId>(id)) {
    case ClockId::realtime: return guest.store(time, nanoseconds(clock.wall_now()));
    case ClockId::monotonic: return guest.store(time, clock.monotonic_now());
    case ClockId::process_cputime_id:
    case ClockId::thread_cputime_id: break;
  }
  return std::unexpected(Error::inval);
}

Status proc_exit(Process&, Guest& guest, uint32_t rval) {
  if (rval >= first_reserved_exit_code) {
    return std::unexpected(
        guest.raise(Trap::host("exit with invalid exit status outside of [0..126)")));
  }
  return std::unexpected(guest.raise(Trap::exit(static_cast<int32_t>(rval))));
}

Status proc_raise(Process&, Guest&, uint32_t) {
  return std::unexpected(Error::notsup);
}

Status sched_yield(Process&, Guest&) {
  std::this_thread::yield();
  return {};
}

Status random_get(Process& process, Guest& guest, uint32_t buf, uint32_t buf_len) {
  std::span<uint8_t> bytes = TRY(guest.bytes(buf, buf_len));
  if (buf_len > process.context.config().max_random_bytes) return std::unexpected(Error::inval);
  return outcome(process.context.world().random->fill(bytes));
}

}  // namespace tenon::wasi::p1
