#pragma once

#include "wasi/p2/cli.h"
#include "wasi/p2/clocks.h"
#include "wasi/p2/host_io.h"
#include "wasi/p2/random.h"

// wasi:cli, wasi:clocks and wasi:random over the Context of a store.
namespace tenon::wasi::p2 {

class HostEnvironment final : public cli::Environment {
 public:
  explicit HostEnvironment(Context& context) : context_(context) {}
  CallResult<std::vector<std::tuple<std::string, std::string>>> get_environment() override;
  CallResult<std::vector<std::string>> get_arguments() override;
  CallResult<std::optional<std::string>> initial_cwd() override;

 private:
  Context& context_;
};

class HostExit final : public cli::Exit {
 public:
  CallResult<void> exit(std::expected<void, std::monostate> status) override;
  CallResult<void> exit_with_code(uint8_t status_code) override;
};

// All of the standard streams, and whether they are terminals.
class HostStdio final : public cli::Stdin,
                        public cli::Stdout,
                        public cli::Stderr,
                        public cli::TerminalStdin,
                        public cli::TerminalStdout,
                        public cli::TerminalStderr {
 public:
  explicit HostStdio(Context& context) : context_(context) {}
  CallResult<Own<io::InputStream>> get_stdin() override;
  CallResult<Own<io::OutputStream>> get_stdout() override;
  CallResult<Own<io::OutputStream>> get_stderr() override;
  CallResult<std::optional<Own<cli::TerminalInput>>> get_terminal_stdin() override;
  CallResult<std::optional<Own<cli::TerminalOutput>>> get_terminal_stdout() override;
  CallResult<std::optional<Own<cli::TerminalOutput>>> get_terminal_stderr() override;

 private:
  Context& context_;
};

class HostWallClock final : public clocks::WallClock {
 public:
  explicit HostWallClock(Context& context) : context_(context) {}
  CallResult<clocks::Datetime> now() override;
  CallResult<clocks::Datetime> resolution() override;

 private:
  Context& context_;
};

class HostMonotonicClock final : public clocks::MonotonicClock {
 public:
  explicit HostMonotonicClock(Context& context) : context_(context) {}
  CallResult<clocks::Instant> now() override;
  CallResult<clocks::Duration> resolution() override;
  CallResult<Own<io::Pollable>> subscribe_instant(clocks::Instant when) override;
  CallResult<Own<io::Pollable>> subscribe_duration(clocks::Duration when) override;

 private:
  Context& context_;
};

class HostRandom final : public random::Random {
 public:
  explicit HostRandom(Context& context) : context_(context) {}
  CallResult<std::vector<uint8_t>> get_random_bytes(uint64_t len) override;
  CallResult<uint64_t> get_random_u64() override;

 private:
  Context& context_;
};

class HostInsecureRandom final : public random::Insecure, public random::InsecureSeed {
 public:
  explicit HostInsecureRandom(Context& context) : context_(context) {}
  CallResult<std::vector<uint8_t>> get_insecure_random_bytes(uint64_t len) override;
  CallResult<uint64_t> get_insecure_random_u64() override;
  CallResult<std::tuple<uint64_t, uint64_t>> insecure_seed() override;

 private:
  Context& context_;
};

}  // namespace tenon::wasi::p2
