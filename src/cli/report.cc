#include "cli/report.h"

#include <cxxabi.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "base/text.h"
#include "cli/rust_name.h"

namespace tenon::cli {
namespace {

// Names of C++ and Rust as in the source, whose older names are spelled like those of C++; others
// as they are.
std::string readable(const std::string& name) {
  if (std::optional<std::string> rust = readable_rust_name(name)) return *rust;
  if (!name.starts_with("_Z")) return name;
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 ? text.get() : name;
}

// Below the frames of each call into a component instance, which one it is: where there are
// several.
void print_call(const Frame& frame) {
  std::string path;
  for (const std::string& name : frame.component)
    path += (path.empty() ? "`" : " > `") + printable(name) + "`";
  fmt::print(stderr, "       in {}, export `{}`\n", path.empty() ? "the root" : "component " + path,
             printable(frame.called_export));
}

bool has_several_calls(const Trap& trap) {
  size_t calls = 0;
  for (const Frame& frame : trap.frames) calls += frame.called_export.empty() ? 0 : 1;
  return calls > 1;
}

void print_frames(const Trap& trap) {
  if (trap.frames.empty()) return;
  bool with_calls = has_several_calls(trap);
  fmt::print(stderr, "  wasm backtrace:\n");
  size_t number = 0;
  for (const Frame& frame : trap.frames) {
    std::string offset = frame.offset ? fmt::format("{:#x}", *frame.offset) : "?";
    std::string_view module = frame.module.empty() ? "<unknown>" : std::string_view(frame.module);
    std::string function = frame.function.empty()
                               ? fmt::format("<wasm function {}>", frame.function_index)
                               : readable(frame.function);
    fmt::print(stderr, "  {:>3}: {:>8} - {}!{}\n", number++, offset, printable(module),
               printable(function));
    if (with_calls && !frame.called_export.empty()) print_call(frame);
  }
}

}  // namespace

void print_error(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.to_string());
}

void print_warning(std::string_view text) {
  fmt::print(stderr, "warning: {}\n", text);
}

int report_trap(const Trap& trap, std::string_view program) {
  std::fflush(stdout);
  if (trap.code == TrapCode::exit) {
    // Preview 1 keeps 126 and above for the shell and for signals.
    return trap.exit_code;
  }
  bool by_host = trap.code == TrapCode::host;
  std::string place(program);
  if (!trap.context.empty()) place += ": " + printable(trap.context);
  fmt::print(stderr, "error: {}: {}{}\n", place,
             by_host ? "" : "wasm trap: ", printable(trap.reason()));
  print_frames(trap);
  return by_host ? exit_failure : exit_trap;
}

void report_live_handles(const std::vector<LiveHandles>& handles) {
  if (handles.empty()) return;
  uint64_t total = 0;
  for (const LiveHandles& it : handles) total += it.count;
  std::fflush(stdout);
  fmt::print(stderr, "resources: {} still alive at the end\n",
             total == 1 ? "1 handle is" : fmt::format("{} handles are", total));
  for (const LiveHandles& it : handles) {
    std::string maker = it.creator.empty() ? "" : fmt::format(" of {}", printable(it.creator));
    fmt::print(stderr, "  {:>5} {}{}{}, held by {}\n", it.count, it.is_borrowed ? "borrowed " : "",
               printable(it.type), maker, printable(it.holder));
  }
}

int perform(const Command& command, std::span<const std::string_view> arguments,
            const std::function<Result<void>(Operands)>& accept,
            const std::function<Result<int>()>& work) {
  auto refuse = [](const Error& error, int status) {
    print_error(error);
    return status;
  };
  auto parsed = parse(command, arguments);
  if (!parsed) return refuse(parsed.error(), exit_usage);
  if (parsed->help) {
    fmt::print("{}", help_text(command));
    return 0;
  }
  if (auto accepted = accept(parsed->operands); !accepted)
    return refuse(accepted.error(), exit_usage);
  auto status = work();
  return status ? *status : refuse(status.error(), exit_failure);
}

std::function<Result<void>(Operands)> one_file(std::string_view command, std::string& path) {
  return [command, &path](Operands operands) -> Result<void> {
    if (operands.size() != 1) {
      return std::unexpected(Error(ErrorCode::usage, "expected one WebAssembly file")
                                 .hint(fmt::format("see `tenon {} --help`", command)));
    }
    path = operands[0];
    return {};
  };
}

std::function<Result<void>(Operands)> file_or_stdin(std::string_view command, std::string& path) {
  return [given = one_file(command, path), &path](Operands operands) -> Result<void> {
    if (!operands.empty()) return given(operands);
    path = "-";
    return {};
  };
}

int finish_output(int status) {
  bool had_failed = std::ferror(stdout) != 0;
  if (std::fflush(stdout) == 0 && !had_failed) return status;
  // A reader that has seen enough, as in `tenon --help | head -1`, needs no message.
  if (errno != EPIPE) {
    fmt::print(stderr, "error: cannot write to standard output: {}\n", std::strerror(errno));
  }
  return status == 0 ? exit_failure : status;
}

ProgressLine::ProgressLine() : on_terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressLine::show(std::string_view text) {
  if (!on_terminal_) return;
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace tenon::cli
