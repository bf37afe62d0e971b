#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "wasi/p2/io.h"

// The package wasi:cli@0.2.12 in C++, as far as the host offers it: `run` is what a program
// exports.
namespace tenon::wasi::p2::cli {

// wasi: wasi:cli/environment
struct Environment {
  virtual ~Environment() = default;
  virtual CallResult<std::vector<std::tuple<std::string, std::string>>> get_environment() = 0;
  virtual CallResult<std::vector<std::string>> get_arguments() = 0;
  virtual CallResult<std::optional<std::string>> initial_cwd() = 0;
};

// wasi: wasi:cli/exit
//
// Both always trap, with the code of an exit.
struct Exit {
  virtual ~Exit() = default;
  virtual CallResult<void> exit(std::expected<void, std::monostate> status) = 0;
  virtual CallResult<void> exit_with_code(uint8_t status_code) = 0;
};

// wasi: wasi:cli/stdin
struct Stdin {
  virtual ~Stdin() = default;
  virtual CallResult<Own<io::InputStream>> get_stdin() = 0;
};

// wasi: wasi:cli/stdout
struct Stdout {
  virtual ~Stdout() = default;
  virtual CallResult<Own<io::OutputStream>> get_stdout() = 0;
};

// wasi: wasi:cli/stderr
struct Stderr {
  virtual ~Stderr() = default;
  virtual CallResult<Own<io::OutputStream>> get_stderr() = 0;
};

// wasi: wasi:cli/terminal-input
class TerminalInput {
 public:
  virtual ~TerminalInput() = default;
};

// wasi: wasi:cli/terminal-output
class TerminalOutput {
 public:
  virtual ~TerminalOutput() = default;
};

// wasi: wasi:cli/terminal-stdin
struct TerminalStdin {
  virtual ~TerminalStdin() = default;
  virtual CallResult<std::optional<Own<TerminalInput>>> get_terminal_stdin() = 0;
};

// wasi: wasi:cli/terminal-stdout
struct TerminalStdout {
  virtual ~TerminalStdout() = default;
  virtual CallResult<std::optional<Own<TerminalOutput>>> get_terminal_stdout() = 0;
};

// wasi: wasi:cli/terminal-stderr
struct TerminalStderr {
  virtual ~TerminalStderr() = default;
  virtual CallResult<std::optional<Own<TerminalOutput>>> get_terminal_stderr() = 0;
};

}  // namespace tenon::wasi::p2::cli
