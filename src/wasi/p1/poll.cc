#include "base/limits.h"
#include "base/result.h"
#include "wasi/p1/process.h"

namespace tenon::wasi::p1 {
namespace {

// A subscription, as it lies in guest memory.
struct Subscription {
  uint64_t userdata = 0;
  EventType type = EventType::clock;
  ClockId clock = ClockId::realtime;
  uint64_t timeout = 0;
  bool absolute = false;
  uint32_t fd = 0;
};

Outcome<Subscription> parse(std::span<const uint8_t> bytes) {
  auto load = [&]<typename T>(size_t offset, T& to) {
    std::memcpy(&to, bytes.data() + offset, sizeof to);
  };
  Subscription result;
  load(0, result.userdata);
  uint8_t type = bytes[8];
  if (type > static_cast<uint8_t>(EventType::fd_write)) return std::unexpected(Error::inval);
  result.type = static_cast<EventType>(type);
  if (result.type != EventType::clock) {
    load(16, result.fd);
    return result;
  }
  uint32_t clock = 0;
  uint16_t flags = 0;
  load(16, clock);
  load(24, result.timeout);
  load(40, flags);
  if ((flags & ~subclockflags_abstime) != 0) return std::unexpected(Error::inval);
  result.clock = static_cast<ClockId>(clock);
  result.absolute = (flags & subclockflags_abstime) != 0;
  return result;
}

// What is known of a subscription when there is nothing to wait for.
struct Event {
  Error error = Error::success;
  uint64_t bytes = 1;  // that can be read or written, at least
};

struct Plan {
  host::Wait wait;
  Event event;
};

uint64_t saturating_add(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

Outcome<host::Wait> clock_wait(host::Clock& clock, const Subscription& subscription) {
  uint64_t now = clock.monotonic_now();
  if (subscription.clock != ClockId::realtime && subscription.clock != ClockId::monotonic) {
    return std::unexpected(Error::inval);
  }
  if (!subscription.absolute) return host::Wait::until(saturating_add(now, subscription.timeout));
  if (subscription.clock == ClockId::monotonic) return host::Wait::until(subscription.timeout);
  uint64_t wall = nanoseconds(clock.wall_now());
  uint64_t left = subscription.timeout > wall ? subscription.timeout - wall : 0;
  return host::Wait::until(saturating_add(now, left));
}

Plan input_plan(World& world) {
  if (world.input != nullptr) return {world.input->readable(), {}};
  return {{}, {.bytes = 0}};
}

Plan output_plan(host::Output* output) {
  if (output != nullptr) return {output->writable(), {}};
  return {};
}

Outcome<Plan> standard_plan(World& world, StandardStream stream, EventType type) {
  if ((stream == StandardStream::input) != (type == EventType::fd_read))
    return std::unexpected(Error::badf);
  switch (stream) {
    case StandardStream::input: return input_plan(world);
    case StandardStream::output: return output_plan(world.output.get());
    case StandardStream::error: break;
  }
  return output_plan(world.error.get());
}

Outcome<Plan> file_plan(const OpenObject& object, EventType type) {
  const Descriptor& descriptor = *object.descriptor();
  bool allowed = type == EventType::fd_read ? descriptor.access().read : descriptor.access().write;
  if (descriptor.is_directory() || !allowed) return std::unexpected(Error::badf);
  host::File* file = descriptor.file();
  if (!file->is_seekable())
    return Plan{type == EventType::fd_read ? file->readable() : file->writable(), {}};
  if (type == EventType::fd_write) return Plan{};
  host::FileStat stat = TRY(outcome(file->stat()));
  return Plan{{}, {.bytes = stat.size > object.position ? stat.size - object.position : 0}};
}

Outcome<Plan> plan(Process& process, const Subscription& subscription) {
  World& world = process.context.world();
  if (subscription.type == EventType::clock)
    return Plan{TRY(clock_wait(*world.clock, subscription)), {}};
  OpenObject* object = TRY(find_object(process, subscription.fd));
  if (const StandardStream* stream = object->standard_stream()) {
    return standard_plan(world, *stream, subscription.type);
  }
  return file_plan(*object, subscription.type);
}

void put_event(std::span<uint8_t> bytes, const Subscription& subscription, const Event& event,
               bool hangup) {
  auto store = [&]<typename T>(size_t offset, T value) {
    std::memcpy(bytes.data() + offset, &value, sizeof value);
  };
  std::memset(bytes.data(), 0, event_size);
  store(0, subscription.userdata);
  store(8, event.error);
  store(10, subscription.type);
  if (subscription.type == EventType::clock || event.error != Error::success) return;
  store(16, event.bytes);
  if (hangup) store(24, eventrwflags_hangup);
}

}  // namespace

Status poll_oneoff(Process& process, Guest& guest, uint32_t in, uint32_t out,
                   uint32_t nsubscriptions, uint32_t nevents) {
  if (nsubscriptions == 0) return std::unexpected(Error::inval);
  uint64_t in_size = uint64_t{nsubscriptions} * subscription_size;
  std::span<uint8_t> array = TRY(guest.bytes(in, in_size, alignof(uint64_t)));
  std::span<uint8_t> events =
      TRY(guest.bytes(out, uint64_t{nsubscriptions} * event_size, alignof(uint64_t)));
  TRY_VOID(guest.bytes(nevents, sizeof(uint32_t), alignof(uint32_t)));
  if (in_size > process.context.config().max_host_call_bytes) return std::unexpected(Error::nomem);
  std::vector<Subscription> subscriptions;
  std::vector<host::Wait> waits;
  std::vector<Event> planned;
  for (uint64_t at = 0; at < in_size; at += subscription_size) {
    Subscription subscription = TRY(parse(array.subspan(at, subscription_size)));
    Outcome<Plan> found = plan(process, subscription);
    // What cannot be waited for is an event at once.
    if (!found) found = Plan{{}, {.error = found.error(), .bytes = 0}};
    subscriptions.push_back(subscription);
    waits.push_back(found->wait);
    planned.push_back(found->event);
  }
  std::vector<host::WaitResult> results = TRY(outcome(process.context.world().poller->wait(waits)));
  uint32_t count = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].ready) continue;
    put_event(events.subspan(size_t{count} * event_size, event_size), subscriptions[i], planned[i],
              results[i].hangup);
    ++count;
  }
  return guest.store(nevents, count);
}

}  // namespace tenon::wasi::p1
