#include "wasi/common/context.h"

#include <cstring>

#include "base/result.h"
#include "base/utf8.h"
#include "host/real/directory.h"
#include "host/real/machine.h"
#include "host/real/stdio.h"

namespace tenon::wasi {
namespace {

// Guests of preview 1 get these as C strings, those of 0.2 as Unicode.
Result<void> check_text(const std::string& text, const std::string& what) {
  if (text.find('\0') != std::string::npos) {
    return fail(ErrorCode::usage, what + " contains a zero byte");
  }
  if (!is_utf8(text)) return fail(ErrorCode::usage, what + " is not UTF-8");
  return {};
}

Result<void> check_texts(const WasiConfig& config) {
  for (size_t i = 0; i < config.args.size(); ++i) {
    TRY_VOID(check_text(config.args[i], "argument " + std::to_string(i)));
  }
  for (const auto& [name, value] : config.env) {
    if (name.empty() || name.find('=') != std::string::npos) {
      return fail(ErrorCode::usage, "`" + name + "` is not the name of an environment variable");
    }
    TRY_VOID(check_text(name, "the name of an environment variable"));
    TRY_VOID(check_text(value, "environment variable `" + name + "`"));
  }
  for (const PreopenedDirectory& directory : config.directories) {
    TRY_VOID(check_text(directory.guest_path, "the guest's name of a directory"));
  }
  return {};
}

Result<World::Directory> open_directory(const PreopenedDirectory& granted) {
  host::Io<std::unique_ptr<host::Directory>> directory =
      host::real::open_directory(granted.host_path);
  if (!directory) {
    std::string message = "cannot open directory `" + granted.host_path + "`: ";
    return std::unexpected(Error(ErrorCode::io, message.append(os::to_string(directory.error())))
                               .hint("a granted directory must exist and be readable"));
  }
  return World::Directory{std::move(*directory), granted.guest_path, granted.read_only};
}

}  // namespace

Result<std::unique_ptr<Context>> Context::create(WasiConfig config) {
  host::real::Time time = host::real::system_time();
  World world{
      .clock = std::move(time.clock),
      .poller = std::move(time.poller),
      .random = host::real::system_random(),
      .input = config.inherit_stdin ? host::real::standard_input() : nullptr,
      .output = config.inherit_stdout ? host::real::standard_output() : nullptr,
      .error = config.inherit_stderr ? host::real::standard_error() : nullptr,
      .directories = {},
  };
  for (const PreopenedDirectory& granted : config.directories) {
    world.directories.push_back(TRY(open_directory(granted)));
  }
  return create(std::move(config), std::move(world));
}

Result<std::unique_ptr<Context>> Context::create(WasiConfig config, World world) {
  TRY_VOID(check_texts(config));
  std::array<uint64_t, 4> seed = {};
  MacKey key = {};
  std::array<uint8_t, sizeof seed + sizeof key> bytes;
  if (host::Io<void> filled = world.random->fill(bytes); !filled) {
    std::string message = "cannot get random bytes: ";
    return fail(ErrorCode::io, message.append(os::to_string(filled.error())));
  }
  std::memcpy(seed.data(), bytes.data(), sizeof seed);
  std::memcpy(key.data(), bytes.data() + sizeof seed, sizeof key);
  return std::unique_ptr<Context>(
      new Context(std::move(config), std::move(world), InsecureRandom(seed), key));
}

Context::Context(WasiConfig config, World world, InsecureRandom random, const MacKey& key)
    : config_(std::move(config)),
      world_(std::move(world)),
      insecure_random_(random),
      hash_key_(key) {}

std::span<uint8_t> Context::scratch() {
  if (scratch_ == nullptr) scratch_ = std::make_unique_for_overwrite<uint8_t[]>(scratch_size);
  return {scratch_.get(), scratch_size};
}

std::optional<ResourceTicket> Context::admit_resource() {
  if (*live_resources_ >= config_.max_resources) return std::nullopt;
  return ResourceTicket(live_resources_);
}

}  // namespace tenon::wasi
