#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "tenon/error.h"
#include "tenon/store.h"
#include "tenon/trap.h"

// What users see on standard error, and the exit status that goes with it.
namespace tenon::cli {

// Statuses as in Wasmtime, so that scripts carry over.
constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr int exit_trap = 134;

// "error: ..." in one line.
void print_error(const Error& error);
void print_warning(std::string_view text);

// The status of a run that ended with `trap`; prints why, with the backtrace, unless the guest just
// asked to exit.
int report_trap(const Trap& trap, std::string_view program);

// What --trace-resources says at the end; nothing where all handles were dropped.
void report_live_handles(const std::vector<LiveHandles>& handles);

// One command from its arguments to its exit status: parses, prints help where it was asked for,
// lets `accept` look at the operands (what it refuses is a wrong command line), then does the work.
using Operands = std::span<const std::string_view>;
int perform(const Command& command, std::span<const std::string_view> arguments,
            const std::function<Result<void>(Operands)>& accept,
            const std::function<Result<int>()>& work);

// For `perform`: the one operand of a command that takes a WebAssembly file.
std::function<Result<void>(Operands)> one_file(std::string_view command, std::string& path);
// The same for commands from file to file, where none stands for standard input, as `-` does.
std::function<Result<void>(Operands)> file_or_stdin(std::string_view command, std::string& path);

// What is left to write to standard output is written; where that fails, or has failed, the status
// says so.
int finish_output(int status);

// For people in front of a terminal: a line on standard error that is rewritten in place, and
// nothing elsewhere.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(std::string_view text);

 private:
  bool on_terminal_;
  bool shown_ = false;
};

}  // namespace tenon::cli
