#include "wasi/p2/host_program.h"

#include <cstring>
#include <new>

#include "base/result.h"

namespace tenon::wasi::p2 {
namespace {

class HostTerminalInput final : public cli::TerminalInput {
 public:
  explicit HostTerminalInput(ResourceTicket ticket) : ticket_(std::move(ticket)) {}

 private:
  ResourceTicket ticket_;
};

class HostTerminalOutput final : public cli::TerminalOutput {
 public:
  explicit HostTerminalOutput(ResourceTicket ticket) : ticket_(std::move(ticket)) {}

 private:
  ResourceTicket ticket_;
};

CallResult<std::optional<Own<cli::TerminalOutput>>> terminal_output(Context& context,
                                                                    const host::Output* output) {
  if (output == nullptr || !output->is_terminal()) return std::nullopt;
  ResourceTicket ticket = TRY(admit(context));
  return Own<cli::TerminalOutput>(make_own<HostTerminalOutput>(std::move(ticket)));
}

clocks::Datetime datetime(host::Timestamp time) {
  return {time.seconds < 0 ? 0 : static_cast<uint64_t>(time.seconds), time.nanoseconds};
}

// Room for `len` random bytes, if the guest may have that many by one call and there is memory.
CallResult<std::vector<uint8_t>> random_buffer(Context& context, uint64_t len) {
  uint64_t limit = context.config().max_random_bytes;
  if (len > limit) {
    return std::unexpected(Trap::host(std::to_string(len) +
                                      " random bytes asked for by one call: at most " +
                                      std::to_string(limit)));
  }
  void* probe = ::operator new(len, std::nothrow);
  ::operator delete(probe);
  if (probe == nullptr) return std::unexpected(Trap::host("out of memory for random bytes"));
  return std::vector<uint8_t>(len);
}

}  // namespace

CallResult<std::vector<std::tuple<std::string, std::string>>> HostEnvironment::get_environment() {
  std::vector<std::tuple<std::string, std::string>> result;
  for (const auto& [name, value] : context_.config().env) result.emplace_back(name, value);
  return result;
}

CallResult<std::vector<std::string>> HostEnvironment::get_arguments() {
  return context_.config().args;
}

CallResult<std::optional<std::string>> HostEnvironment::initial_cwd() {
  return context_.config().cwd;
}

CallResult<void> HostExit::exit(std::expected<void, std::monostate> status) {
  return std::unexpected(Trap::exit(status ? 0 : 1));
}

CallResult<void> HostExit::exit_with_code(uint8_t status_code) {
  return std::unexpected(Trap::exit(status_code));
}

CallResult<Own<io::InputStream>> HostStdio::get_stdin() {
  return make_input_stream(context_, standard_input_stream(context_));
}

CallResult<Own<io::OutputStream>> HostStdio::get_stdout() {
  return make_output_stream(context_, standard_output_stream(context_, StandardOutput::output));
}

CallResult<Own<io::OutputStream>> HostStdio::get_stderr() {
  return make_output_stream(context_, standard_output_stream(context_, StandardOutput::error));
}

CallResult<std::optional<Own<cli::TerminalInput>>> HostStdio::get_terminal_stdin() {
  const host::Input* input = context_.world().input.get();
  if (input == nullptr || !input->is_terminal()) return std::nullopt;
  ResourceTicket ticket = TRY(admit(context_));
  return Own<cli::TerminalInput>(make_own<HostTerminalInput>(std::move(ticket)));
}

CallResult<std::optional<Own<cli::TerminalOutput>>> HostStdio::get_terminal_stdout() {
  return terminal_output(context_, context_.world().output.get());
}

CallResult<std::optional<Own<cli::TerminalOutput>>> HostStdio::get_terminal_stderr() {
  return terminal_output(context_, context_.world().error.get());
}

CallResult<clocks::Datetime> HostWallClock::now() {
  return datetime(context_.world().clock->wall_now());
}

CallResult<clocks::Datetime> HostWallClock::resolution() {
  return datetime(context_.world().clock->wall_resolution());
}

CallResult<clocks::Instant> HostMonotonicClock::now() {
  return context_.world().clock->monotonic_now();
}

CallResult<clocks::Duration> HostMonotonicClock::resolution() {
  return context_.world().clock->monotonic_resolution();
}

CallResult<Own<io::Pollable>> HostMonotonicClock::subscribe_instant(clocks::Instant when) {
  return make_pollable(context_, Pollable(when));
}

CallResult<Own<io::Pollable>> HostMonotonicClock::subscribe_duration(clocks::Duration when) {
  uint64_t deadline = 0;
  if (__builtin_add_overflow(context_.world().clock->monotonic_now(), when, &deadline)) {
    deadline = UINT64_MAX;
  }
  return make_pollable(context_, Pollable(deadline));
}

CallResult<std::vector<uint8_t>> HostRandom::get_random_bytes(uint64_t len) {
  std::vector<uint8_t> bytes = TRY(random_buffer(context_, len));
  Io<void> filled = context_.world().random->fill(bytes);
  if (!filled) return std::unexpected(Trap::host("no random bytes to be had"));
  return bytes;
}

CallResult<uint64_t> HostRandom::get_random_u64() {
  std::vector<uint8_t> bytes = TRY(get_random_bytes(sizeof(uint64_t)));
  uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

CallResult<std::vector<uint8_t>> HostInsecureRandom::get_insecure_random_bytes(uint64_t len) {
  std::vector<uint8_t> bytes = TRY(random_buffer(context_, len));
  context_.insecure_random().fill(bytes);
  return bytes;
}

CallResult<uint64_t> HostInsecureRandom::get_insecure_random_u64() {
  return context_.insecure_random().next();
}

CallResult<std::tuple<uint64_t, uint64_t>> HostInsecureRandom::insecure_seed() {
  uint64_t first = context_.insecure_random().next();
  return std::tuple(first, context_.insecure_random().next());
}

}  // namespace tenon::wasi::p2
