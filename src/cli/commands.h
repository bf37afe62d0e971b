#pragma once

#include <span>
#include <string_view>

// The commands, one file each. Each gets the arguments behind its name and gives an exit status.
namespace tenon::cli {

int run_command(std::span<const std::string_view> arguments);
int compile_command(std::span<const std::string_view> arguments);
int validate_command(std::span<const std::string_view> arguments);
int parse_command(std::span<const std::string_view> arguments);
int print_command(std::span<const std::string_view> arguments);
int dump_command(std::span<const std::string_view> arguments);
int objdump_command(std::span<const std::string_view> arguments);
int inspect_command(std::span<const std::string_view> arguments);
int strip_command(std::span<const std::string_view> arguments);
int metadata_command(std::span<const std::string_view> arguments);
int wast_command(std::span<const std::string_view> arguments);

}  // namespace tenon::cli
