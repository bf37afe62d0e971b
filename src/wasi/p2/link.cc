#include "base/result.h"
#include "tenon/linker.h"
#include "tenon/store.h"
#include "tenon/wasi.h"
#include "wasi/p2/host_filesystem.h"
#include "wasi/p2/host_program.h"

// Joins the interfaces of WASI 0.2 to a linker. The implementation of an interface is found in the
// store, under the interface's type.
namespace tenon::wasi {
namespace p2 {
namespace {

// A member function of an interface as a function of a linker.
template <auto function>
struct InterfaceFunction;

template <typename Interface, typename R, typename... Params,
          CallResult<R> (Interface::*function)(Params...)>
struct InterfaceFunction<function> {
  static CallResult<R> call(Store& store, Params... params) {
    auto* implementation = store.attached<Interface>();
    if (implementation == nullptr) {
      return std::unexpected(Trap::host("WASI is not attached to this store"));
    }
    return (implementation->*function)(std::move(params)...);
  }
};

// A member function of a resource, whose first parameter is the borrowed object.
template <auto function>
struct Method;

template <typename Resource, typename R, typename... Params, R (Resource::*function)(Params...)>
struct Method<function> {
  static R call(Borrow<Resource> self, Params... params) {
    return (self.get()->*function)(std::move(params)...);
  }
};

template <typename Resource, typename R, typename... Params,
          R (Resource::*function)(Params...) const>
struct Method<function> {
  static R call(Borrow<Resource> self, Params... params) {
    return (self.get()->*function)(std::move(params)...);
  }
};

template <auto function>
constexpr auto of = &InterfaceFunction<function>::call;
template <auto function>
constexpr auto method = &Method<function>::call;

void add_io(Linker& linker) {
  linker.instance("wasi:io/error@0.2.12")
      .resource<io::Error>("error")
      .func("[method]error.to-debug-string", method<&io::Error::to_debug_string>);
  linker.instance("wasi:io/poll@0.2.12")
      .resource<io::Pollable>("pollable")
      .func("[method]pollable.ready", method<&io::Pollable::ready>)
      .func("[method]pollable.block", method<&io::Pollable::block>)
      .func("poll", of<&io::Poll::poll>);
  using In = io::InputStream;
  using Out = io::OutputStream;
  linker.instance("wasi:io/streams@0.2.12")
      .resource<io::Error>("error")
      .resource<io::Pollable>("pollable")
      .resource<In>("input-stream")
      .func("[method]input-stream.read", method<&In::read>)
      .func("[method]input-stream.blocking-read", method<&In::blocking_read>)
      .func("[method]input-stream.skip", method<&In::skip>)
      .func("[method]input-stream.blocking-skip", method<&In::blocking_skip>)
      .func("[method]input-stream.subscribe", method<&In::subscribe>)
      .resource<Out>("output-stream")
      .func("[method]output-stream.check-write", method<&Out::check_write>)
      .func("[method]output-stream.write", method<&Out::write>)
      .func("[method]output-stream.blocking-write-and-flush",
            method<&Out::blocking_write_and_flush>)
      .func("[method]output-stream.flush", method<&Out::flush>)
      .func("[method]output-stream.blocking-flush", method<&Out::blocking_flush>)
      .func("[method]output-stream.subscribe", method<&Out::subscribe>)
      .func("[method]output-stream.write-zeroes", method<&Out::write_zeroes>)
      .func("[method]output-stream.blocking-write-zeroes-and-flush",
            method<&Out::blocking_write_zeroes_and_flush>)
      .func("[method]output-stream.splice", method<&Out::splice>)
      .func("[method]output-stream.blocking-splice", method<&Out::blocking_splice>);
}

void add_clocks_and_random(Linker& linker) {
  linker.instance("wasi:clocks/wall-clock@0.2.12")
      .func("now", of<&clocks::WallClock::now>)
      .func("resolution", of<&clocks::WallClock::resolution>);
  using Monotonic = clocks::MonotonicClock;
  linker.instance("wasi:clocks/monotonic-clock@0.2.12")
      .resource<io::Pollable>("pollable")
      .func("now", of<&Monotonic::now>)
      .func("resolution", of<&Monotonic::resolution>)
      .func("subscribe-instant", of<&Monotonic::subscribe_instant>)
      .func("subscribe-duration", of<&Monotonic::subscribe_duration>);
  linker.instance("wasi:random/random@0.2.12")
      .func("get-random-bytes", of<&random::Random::get_random_bytes>)
      .func("get-random-u64", of<&random::Random::get_random_u64>);
  linker.instance("wasi:random/insecure@0.2.12")
      .func("get-insecure-random-bytes", of<&random::Insecure::get_insecure_random_bytes>)
      .func("get-insecure-random-u64", of<&random::Insecure::get_insecure_random_u64>);
  linker.instance("wasi:random/insecure-seed@0.2.12")
      .func("insecure-seed", of<&random::InsecureSeed::insecure_seed>);
}

void add_cli(Linker& linker) {
  linker.instance("wasi:cli/environment@0.2.12")
      .func("get-environment", of<&cli::Environment::get_environment>)
      .func("get-arguments", of<&cli::Environment::get_arguments>)
      .func("initial-cwd", of<&cli::Environment::initial_cwd>);
  linker.instance("wasi:cli/exit@0.2.12")
      .func("exit", of<&cli::Exit::exit>)
      .func("exit-with-code", of<&cli::Exit::exit_with_code>);
  linker.instance("wasi:cli/stdin@0.2.12")
      .resource<io::InputStream>("input-stream")
      .func("get-stdin", of<&cli::Stdin::get_stdin>);
  linker.instance("wasi:cli/stdout@0.2.12")
      .resource<io::OutputStream>("output-stream")
      .func("get-stdout", of<&cli::Stdout::get_stdout>);
  linker.instance("wasi:cli/stderr@0.2.12")
      .resource<io::OutputStream>("output-stream")
      .func("get-stderr", of<&cli::Stderr::get_stderr>);
  linker.instance("wasi:cli/terminal-input@0.2.12").resource<cli::TerminalInput>("terminal-input");
  linker.instance("wasi:cli/terminal-output@0.2.12")
      .resource<cli::TerminalOutput>("terminal-output");
  linker.instance("wasi:cli/terminal-stdin@0.2.12")
      .resource<cli::TerminalInput>("terminal-input")
      .func("get-terminal-stdin", of<&cli::TerminalStdin::get_terminal_stdin>);
  linker.instance("wasi:cli/terminal-stdout@0.2.12")
      .resource<cli::TerminalOutput>("terminal-output")
      .func("get-terminal-stdout", of<&cli::TerminalStdout::get_terminal_stdout>);
  linker.instance("wasi:cli/terminal-stderr@0.2.12")
      .resource<cli::TerminalOutput>("terminal-output")
      .func("get-terminal-stderr", of<&cli::TerminalStderr::get_terminal_stderr>);
}

void add_filesystem(Linker& linker) {
  using filesystem::Descriptor;
  using filesystem::DirectoryEntryStream;
  linker.instance("wasi:filesystem/types@0.2.12")
      .resource<io::InputStream>("input-stream")
      .resource<io::OutputStream>("output-stream")
      .resource<io::Error>("error")
      .resource<Descriptor>("descriptor")
      .func("[method]descriptor.read-via-stream", method<&Descriptor::read_via_stream>)
      .func("[method]descriptor.write-via-stream", method<&Descriptor::write_via_stream>)
      .func("[method]descriptor.append-via-stream", method<&Descriptor::append_via_stream>)
      .func("[method]descriptor.advise", method<&Descriptor::advise>)
      .func("[method]descriptor.sync-data", method<&Descriptor::sync_data>)
      .func("[method]descriptor.get-flags", method<&Descriptor::get_flags>)
      .func("[method]descriptor.get-type", method<&Descriptor::get_type>)
      .func("[method]descriptor.set-size", method<&Descriptor::set_size>)
      .func("[method]descriptor.set-times", method<&Descriptor::set_times>)
      .func("[method]descriptor.read", method<&Descriptor::read>)
      .func("[method]descriptor.write", method<&Descriptor::write>)
      .func("[method]descriptor.read-directory", method<&Descriptor::read_directory>)
      .func("[method]descriptor.sync", method<&Descriptor::sync>)
      .func("[method]descriptor.create-directory-at", method<&Descriptor::create_directory_at>)
      .func("[method]descriptor.stat", method<&Descriptor::stat>)
      .func("[method]descriptor.stat-at", method<&Descriptor::stat_at>)
      .func("[method]descriptor.set-times-at", method<&Descriptor::set_times_at>)
      .func("[method]descriptor.link-at", method<&Descriptor::link_at>)
      .func("[method]descriptor.open-at", method<&Descriptor::open_at>)
      .func("[method]descriptor.readlink-at", method<&Descriptor::readlink_at>)
      .func("[method]descriptor.remove-directory-at", method<&Descriptor::remove_directory_at>)
      .func("[method]descriptor.rename-at", method<&Descriptor::rename_at>)
      .func("[method]descriptor.symlink-at", method<&Descriptor::symlink_at>)
      .func("[method]descriptor.unlink-file-at", method<&Descriptor::unlink_file_at>)
      .func("[method]descriptor.is-same-object", method<&Descriptor::is_same_object>)
      .func("[method]descriptor.metadata-hash", method<&Descriptor::metadata_hash>)
      .func("[method]descriptor.metadata-hash-at", method<&Descriptor::metadata_hash_at>)
      .resource<DirectoryEntryStream>("directory-entry-stream")
      .func("[method]directory-entry-stream.read-directory-entry",
            method<&DirectoryEntryStream::read_directory_entry>)
      .func("filesystem-error-code", of<&filesystem::Types::filesystem_error_code>);
  linker.instance("wasi:filesystem/preopens@0.2.12")
      .resource<Descriptor>("descriptor")
      .func("get-directories", of<&filesystem::Preopens::get_directories>);
}

template <typename Interface, typename Host>
void attach_as(Store& store, Context& context) {
  store.attach<Interface>(std::make_unique<Host>(context));
}

}  // namespace
}  // namespace p2

void add_to_linker(Linker& linker) {
  p2::add_io(linker);
  p2::add_clocks_and_random(linker);
  p2::add_cli(linker);
  p2::add_filesystem(linker);
}

Result<void> attach(Store& store, WasiConfig config) {
  Context& context = store.attach<Context>(TRY(Context::create(std::move(config))));
  p2::attach_as<p2::io::Poll, p2::HostPoll>(store, context);
  p2::attach_as<p2::clocks::WallClock, p2::HostWallClock>(store, context);
  p2::attach_as<p2::clocks::MonotonicClock, p2::HostMonotonicClock>(store, context);
  p2::attach_as<p2::random::Random, p2::HostRandom>(store, context);
  p2::attach_as<p2::random::Insecure, p2::HostInsecureRandom>(store, context);
  p2::attach_as<p2::random::InsecureSeed, p2::HostInsecureRandom>(store, context);
  p2::attach_as<p2::cli::Environment, p2::HostEnvironment>(store, context);
  store.attach<p2::cli::Exit>(std::make_unique<p2::HostExit>());
  p2::attach_as<p2::cli::Stdin, p2::HostStdio>(store, context);
  p2::attach_as<p2::cli::Stdout, p2::HostStdio>(store, context);
  p2::attach_as<p2::cli::Stderr, p2::HostStdio>(store, context);
  p2::attach_as<p2::cli::TerminalStdin, p2::HostStdio>(store, context);
  p2::attach_as<p2::cli::TerminalStdout, p2::HostStdio>(store, context);
  p2::attach_as<p2::cli::TerminalStderr, p2::HostStdio>(store, context);
  store.attach<p2::filesystem::Types>(std::make_unique<p2::HostFilesystemTypes>());
  p2::attach_as<p2::filesystem::Preopens, p2::HostPreopens>(store, context);
  return {};
}

}  // namespace tenon::wasi
