#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/error.h"

// Command lines by table: a command says which flags it takes, and from that one table come the
// parser, the error texts and --help. Flags stand before the operands; the first operand ends them,
// so that everything behind a WebAssembly file belongs to the guest, unless a command says
// otherwise.
namespace tenon::cli {

struct Flag {
  std::string names;        // "-o, --output"
  std::string placeholder;  // "FILE"; empty for a switch
  std::string help;
  std::function<Result<void>(std::string_view value)> apply;  // switches get an empty value
};

// One key of a -O, -W, ... group: `-W KEY[=VALUE][,KEY...]`.
struct Key {
  std::string name;
  std::string placeholder;  // "[=y|n]", "=N", ...
  std::string help;
  std::function<Result<void>(std::string_view value)> apply;  // a bare key gets an empty value
};

struct Group {
  std::string names;  // "-W, --wasm"
  std::string title;
  std::vector<Key> keys;
  // Keys of Wasmtime that are not there yet, and those that cannot be turned off, to say so.
  std::vector<std::string> planned = {};
  std::vector<std::string> always_on = {};
};

struct Command {
  std::string name;      // empty: the program itself
  std::string operands;  // "[OPTIONS] WASM [ARGS]..."
  std::string summary;
  std::vector<Flag> flags;
  std::vector<Group> groups;
  std::vector<std::string> planned = {};  // options of Wasmtime that are not there yet: "-g, --x"
  std::string epilogue;                   // more help, after the flags
  bool flags_behind_operands = false;     // for commands that pass nothing on to a guest
};

struct Parsed {
  bool help = false;                       // --help was given, or `help` for one group
  std::vector<std::string_view> operands;  // from the first one on, verbatim
};

// Applies flags in order. An error is about the command line (ErrorCode::usage).
Result<Parsed> parse(const Command& command, std::span<const std::string_view> arguments);

std::string help_text(const Command& command);

// Setters for the usual kinds of value.
std::function<Result<void>(std::string_view)> set_string(std::string& target);
std::function<Result<void>(std::string_view)> set_true(bool& target);
// Bare, y, yes, true; n, no, false.
std::function<Result<void>(std::string_view)> set_bool(bool& target);
Result<uint64_t> parse_number(std::string_view text);  // decimal or 0x, `_` between digits
std::function<Result<void>(std::string_view)> set_number(uint64_t& target);

}  // namespace tenon::cli
