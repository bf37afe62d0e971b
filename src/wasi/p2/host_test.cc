#include <doctest/doctest.h>

#include "wasi/common/test_world.h"
#include "wasi/p2/host_filesystem.h"
#include "wasi/p2/host_program.h"

// The interfaces of WASI 0.2, as a linker calls them.
namespace tenon::wasi::p2 {
namespace {

std::span<const uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string text(const std::vector<uint8_t>& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

template <typename T>
bool is_closed(const io::StreamResult<T>& result) {
  return result.has_value() && !result->has_value() &&
         result->error().index() == io::StreamError::closed;
}

template <typename T>
std::string trap_of(const CallResult<T>& result) {
  return result ? "" : result.error().message;
}

// The error-code of a filesystem function; nothing where it succeeded or trapped.
template <typename T>
std::optional<filesystem::ErrorCode> code_of(const filesystem::FsResult<T>& result) {
  if (!result || result->has_value()) return std::nullopt;
  return result->error();
}

using filesystem::ErrorCode;
using Handle = Own<filesystem::Descriptor>;

struct Files : TestWorld {
  explicit Files(WasiConfig config = {}) : TestWorld(std::move(config)) {
    auto granted = HostPreopens(*context).get_directories();
    REQUIRE(granted.has_value());
    whole = std::move(std::get<0>((*granted)[0]));
    fixed = std::move(std::get<0>((*granted)[1]));
    CHECK(std::get<1>((*granted)[1]) == "/fixed");
  }
  Handle open(std::string_view path, filesystem::DescriptorFlags flags,
              filesystem::OpenFlags how = {}) {
    auto opened = whole->open_at({.symlink_follow = true}, path, how, flags);
    REQUIRE(opened.has_value());
    REQUIRE(opened->has_value());
    return std::move(**opened);
  }
  Handle make(std::string_view path, std::string_view content) {
    Handle file = open(path, {.read = true, .write = true}, {.create = true});
    auto written = file->write(bytes(content), 0);
    REQUIRE(**written == content.size());
    return file;
  }

  Handle whole;
  Handle fixed;
};

TEST_CASE("standard input is read to its end, and closed from then on") {
  TestWorld world({}, "0123456789");
  HostStdio stdio(*world.context);
  Own<io::InputStream> in = std::move(*stdio.get_stdin());
  CHECK(text(**in->read(4)) == "0123");
  CHECK((**in->read(0)).empty());
  CHECK(**in->skip(2) == 2);
  CHECK(text(**in->blocking_read(UINT64_MAX)) == "6789");
  CHECK(is_closed(in->read(1)));
  CHECK(is_closed(in->blocking_read(1)));
  CHECK(is_closed(in->blocking_skip(1)));
  CHECK(*(*in->subscribe())->ready());
}

TEST_CASE("writing needs a permit") {
  TestWorld world;
  Own<io::OutputStream> out = std::move(*HostStdio(*world.context).get_stdout());
  CHECK_FALSE(trap_of(out->write(bytes("x"))).empty());
  uint64_t permit = **out->check_write();
  CHECK(permit >= 4'096);
  CHECK((**out->check_write()) == permit);
  REQUIRE(out->write(bytes("hello")).has_value());
  CHECK(world.output == "hello");
  REQUIRE(out->blocking_flush().has_value());
  CHECK_FALSE(trap_of(out->write_zeroes(permit)).empty());
  REQUIRE(out->blocking_write_and_flush(bytes(std::string(4'096, 'x'))).has_value());
  CHECK_FALSE(trap_of(out->blocking_write_and_flush(bytes(std::string(4'097, 'x')))).empty());
  REQUIRE(out->blocking_write_zeroes_and_flush(4'096).has_value());
  CHECK_FALSE(trap_of(out->blocking_write_zeroes_and_flush(UINT64_MAX)).empty());
  CHECK(world.output.size() == 5 + 4'096 + 4'096);
}

TEST_CASE("a failed write says why once, then the stream is closed") {
  TestWorld world({}, "", 3);
  Own<io::OutputStream> out = std::move(*HostStdio(*world.context).get_stdout());
  auto failed = out->blocking_write_and_flush(bytes("hello"));
  REQUIRE(failed.has_value());
  REQUIRE_FALSE(failed->has_value());
  auto* error = std::get_if<io::StreamError::last_operation_failed>(&failed->error());
  REQUIRE(error != nullptr);
  CHECK((*error)->to_debug_string() == "no space left on device");
  CHECK(**HostFilesystemTypes().filesystem_error_code(Borrow(**error)) ==
        ErrorCode::insufficient_space);
  CHECK(is_closed(out->check_write()));
  CHECK(is_closed(out->blocking_write_and_flush(bytes("x"))));
  CHECK(is_closed(out->flush()));
}

TEST_CASE("splicing moves what there is") {
  TestWorld world({}, "from in to out");
  HostStdio stdio(*world.context);
  Own<io::InputStream> in = std::move(*stdio.get_stdin());
  Own<io::OutputStream> out = std::move(*stdio.get_stdout());
  CHECK(**out->splice(Borrow(*in), 4) == 4);
  CHECK(**out->blocking_splice(Borrow(*in), UINT64_MAX) == 10);
  CHECK(world.output == "from in to out");
  CHECK(is_closed(out->splice(Borrow(*in), 1)));
}

TEST_CASE("polling answers with those that are ready") {
  TestWorld world({}, "x");
  HostPoll poll(*world.context);
  HostMonotonicClock clock(*world.context);
  CHECK_FALSE(trap_of(poll.poll({})).empty());
  Own<io::Pollable> late = std::move(*clock.subscribe_duration(1'000));
  Own<io::Pollable> soon = std::move(*clock.subscribe_instant(500));
  Own<io::Pollable> never = std::move(*clock.subscribe_duration(UINT64_MAX));
  CHECK_FALSE(*soon->ready());
  std::vector<Borrow<io::Pollable>> list = {Borrow(*late), Borrow(*soon), Borrow(*soon),
                                            Borrow(*never)};
  CHECK(*poll.poll(list) == std::vector<uint32_t>{1, 2});
  CHECK(*clock.now() == 500);
  REQUIRE(late->block().has_value());
  CHECK(*clock.now() == 1'000);
  CHECK_FALSE(*never->ready());
  // A pollable may outlive its stream.
  Own<io::InputStream> in = std::move(*HostStdio(*world.context).get_stdin());
  Own<io::Pollable> readable = std::move(*in->subscribe());
  in = Own<io::InputStream>();
  CHECK(*readable->ready());
}

TEST_CASE("resources are bounded, and free again when they are dropped") {
  TestWorld world({.max_resources = 3});
  HostStdio stdio(*world.context);
  HostMonotonicClock clock(*world.context);
  std::vector<Own<io::OutputStream>> streams;
  for (int i = 0; i < 3; ++i) streams.push_back(std::move(*stdio.get_stdout()));
  CHECK(trap_of(stdio.get_stdout()).find("too many WASI resources") != std::string::npos);
  CHECK_FALSE(trap_of(clock.subscribe_duration(1)).empty());
  CHECK_FALSE(trap_of(HostPreopens(*world.context).get_directories()).empty());
  streams.pop_back();
  CHECK(stdio.get_stdin().has_value());
}

TEST_CASE("random bytes by one call are bounded") {
  TestWorld world({.max_random_bytes = 1'000});
  HostRandom random(*world.context);
  HostInsecureRandom insecure(*world.context);
  CHECK((*random.get_random_bytes(1'000)).size() == 1'000);
  CHECK_FALSE(trap_of(random.get_random_bytes(1'001)).empty());
  CHECK_FALSE(trap_of(random.get_random_bytes(UINT64_MAX)).empty());
  CHECK_FALSE(trap_of(insecure.get_insecure_random_bytes(UINT64_MAX)).empty());
  CHECK((*insecure.get_insecure_random_bytes(7)).size() == 7);
  CHECK(*random.get_random_u64() != *random.get_random_u64());
  CHECK(insecure.insecure_seed().has_value());
}

TEST_CASE("arguments, environment and exit") {
  TestWorld world({.args = {"p", "a"}, .env = {{"K", "V"}}, .cwd = "/w"});
  HostEnvironment environment(*world.context);
  CHECK(*environment.get_arguments() == std::vector<std::string>{"p", "a"});
  CHECK((*environment.get_environment())[0] == std::tuple<std::string, std::string>("K", "V"));
  CHECK(**environment.initial_cwd() == "/w");
  HostExit exit;
  CHECK(exit.exit({}).error().code == TrapCode::exit);
  CHECK(exit.exit({}).error().exit_code == 0);
  CHECK(exit.exit(std::unexpected(std::monostate())).error().exit_code == 1);
  CHECK(exit.exit_with_code(255).error().exit_code == 255);
  CHECK_FALSE((*HostStdio(*world.context).get_terminal_stdin()).has_value());
  CHECK_FALSE((*HostStdio(*world.context).get_terminal_stderr()).has_value());
  CHECK((*HostWallClock(*world.context).now()).seconds == 1'600'000'000);
}

TEST_CASE("files: reading, writing, appending, by position and by stream") {
  Files files;
  Handle file = files.make("f", "0123456789");
  auto read = file->read(4, 3);
  CHECK(text(std::get<0>(**read)) == "3456");
  CHECK_FALSE(std::get<1>(**read));
  // A length that no memory has room for.
  read = file->read(UINT64_MAX, 8);
  CHECK(text(std::get<0>(**read)) == "89");
  read = file->read(10, 10);
  CHECK(std::get<1>(**read));
  Own<io::OutputStream> out = std::move(**file->write_via_stream(8));
  REQUIRE(out->blocking_write_and_flush(bytes("ABCD")).has_value());
  Own<io::OutputStream> end = std::move(**file->append_via_stream());
  REQUIRE(end->blocking_write_and_flush(bytes("!")).has_value());
  Own<io::InputStream> in = std::move(**file->read_via_stream(6));
  CHECK(text(**in->read(100)) == "67ABCD!");
  CHECK(is_closed(in->read(100)));
  CHECK((**file->stat()).size == 13);
  REQUIRE((*file->set_size(5)).has_value());
  CHECK((**file->stat()).size == 5);
  CHECK(**file->get_type() == filesystem::DescriptorType::regular_file);
  CHECK((**file->get_flags()).write);
  CHECK((*file->advise(0, 5, filesystem::Advice::sequential)).has_value());
  CHECK((*file->sync()).has_value());
}

TEST_CASE("descriptors do what they were opened for") {
  Files files;
  files.make("f", "content");
  Handle reader = files.open("f", {.read = true});
  CHECK(code_of(reader->write(bytes("x"), 0)) == ErrorCode::bad_descriptor);
  CHECK(code_of(reader->write_via_stream(0)) == ErrorCode::bad_descriptor);
  CHECK(code_of(reader->append_via_stream()) == ErrorCode::bad_descriptor);
  CHECK(code_of(reader->read_directory()) == ErrorCode::not_directory);
  CHECK(code_of(reader->create_directory_at("x")) == ErrorCode::not_directory);
  Handle writer = files.open("f", {.write = true});
  CHECK(code_of(writer->read(1, 0)) == ErrorCode::bad_descriptor);
  CHECK(code_of(writer->read_via_stream(0)) == ErrorCode::bad_descriptor);
  CHECK(code_of(files.whole->read(1, 0)) == ErrorCode::bad_descriptor);
  CHECK(code_of(files.whole->set_size(0)) == ErrorCode::bad_descriptor);
}

TEST_CASE("what was granted for reading stays as it is") {
  Files files;
  files.make("f", "kept");
  filesystem::Descriptor& fixed = *files.fixed;
  CHECK_FALSE((**fixed.get_flags()).mutate_directory);
  CHECK((**files.whole->get_flags()).mutate_directory);
  CHECK(code_of(fixed.open_at({}, "f", {}, {.write = true})) == ErrorCode::read_only);
  CHECK(code_of(fixed.open_at({}, "f", {.truncate = true}, {.read = true})) ==
        ErrorCode::read_only);
  CHECK(code_of(fixed.open_at({}, "n", {.create = true}, {.read = true})) == ErrorCode::read_only);
  CHECK(code_of(fixed.open_at({}, ".", {}, {.mutate_directory = true})) == ErrorCode::read_only);
  CHECK(code_of(fixed.create_directory_at("d")) == ErrorCode::read_only);
  CHECK(code_of(fixed.unlink_file_at("f")) == ErrorCode::read_only);
  CHECK(code_of(fixed.remove_directory_at("d")) == ErrorCode::read_only);
  CHECK(code_of(fixed.symlink_at("f", "l")) == ErrorCode::read_only);
  CHECK(code_of(fixed.set_times({}, {})) == ErrorCode::read_only);
  CHECK(code_of(fixed.set_times_at({}, "f", {}, {})) == ErrorCode::read_only);
  CHECK(code_of(fixed.rename_at("f", Borrow(*files.whole), "g")) == ErrorCode::read_only);
  CHECK(code_of(files.whole->rename_at("f", Borrow(fixed), "g")) == ErrorCode::read_only);
  CHECK(code_of(fixed.link_at({}, "f", Borrow(*files.whole), "g")) == ErrorCode::read_only);
  CHECK(code_of(files.whole->link_at({}, "f", Borrow(fixed), "g")) == ErrorCode::read_only);
  auto opened = fixed.open_at({}, "f", {}, {.read = true});
  CHECK(code_of((**opened)->set_times({}, {})) == ErrorCode::read_only);
  CHECK(code_of((**opened)->set_size(0)) == ErrorCode::read_only);
}

TEST_CASE("directories are listed without the two that mean others") {
  Files files;
  files.make("a", "");
  files.make("b", "");
  REQUIRE((*files.whole->create_directory_at("c")).has_value());
  Own<filesystem::DirectoryEntryStream> stream = std::move(**files.whole->read_directory());
  std::string names;
  while (auto entry = std::move(**stream->read_directory_entry())) names += entry->name;
  CHECK(names == "abc");
}

TEST_CASE("paths, links and identity") {
  Files files;
  Handle file = files.make("f", "x");
  REQUIRE((*files.whole->symlink_at("f", "l")).has_value());
  CHECK(**files.whole->readlink_at("l") == "f");
  CHECK(code_of(files.whole->symlink_at("/etc", "m")) == ErrorCode::not_permitted);
  CHECK((**files.whole->stat_at({}, "l")).type == filesystem::DescriptorType::symbolic_link);
  CHECK((**files.whole->stat_at({.symlink_follow = true}, "l")).type ==
        filesystem::DescriptorType::regular_file);
  for (const char* path : {"../f", "/f", "l/../../f"}) {
    CAPTURE(path);
    auto found = files.whole->stat_at({.symlink_follow = true}, path);
    CHECK(code_of(found).has_value());
  }
  CHECK(code_of(files.whole->link_at({.symlink_follow = true}, "l", Borrow(*files.whole), "g")) ==
        ErrorCode::invalid);
  REQUIRE((*files.whole->link_at({}, "f", Borrow(*files.whole), "g")).has_value());
  Handle same = files.open("g", {.read = true});
  CHECK(*file->is_same_object(Borrow(*same)));
  CHECK_FALSE(*file->is_same_object(Borrow(*files.whole)));
  auto hash = **file->metadata_hash();
  CHECK((**files.whole->metadata_hash_at({}, "g")).lower == hash.lower);
  REQUIRE((*file->write(bytes("longer"), 0)).has_value());
  CHECK((**file->metadata_hash()).lower != hash.lower);
}

TEST_CASE("times that no file can have") {
  Files files;
  Handle file = files.make("f", "x");
  auto at = [](uint64_t seconds, uint32_t nanoseconds) {
    return filesystem::NewTimestamp(std::in_place_index<filesystem::NewTimestamp::timestamp>,
                                    clocks::Datetime{seconds, nanoseconds});
  };
  CHECK(code_of(file->set_times(at(1, 1'000'000'000), {})) == ErrorCode::invalid);
  CHECK(code_of(file->set_times(at(UINT64_MAX, 0), {})) == ErrorCode::overflow);
  REQUIRE((*file->set_times(at(5, 6), at(7, 8))).has_value());
  auto stat = **file->stat();
  CHECK(stat.data_access_timestamp->seconds == 5);
  CHECK(stat.data_modification_timestamp->nanoseconds == 8);
}

}  // namespace
}  // namespace tenon::wasi::p2
