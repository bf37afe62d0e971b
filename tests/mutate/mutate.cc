// mutate --from N --to N [--progress FILE] [--save FILE] SEED.wasm...
//
// Decodes and validates mutants number N to N of the seeds; what is valid and below 4 KB is
// compiled at level 0, too. Prints how many ended where, and a hash over all outcomes: two runs of
// the same range print the same. The number of the mutant at hand is in FILE at all times, so that
// a crash can be told and repeated; --save writes the last mutant.
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "component/binary/decode.h"
#include "component/validate/validate.h"
#include "tenon/component.h"
#include "tenon/engine.h"
#include "tenon/module.h"
#include "tests/mutate/mutator.h"
#include "wasm/binary/decode_module.h"
#include "wasm/validate/module.h"

namespace tenon::mutate {
namespace {

constexpr size_t max_compiled_size = 4096;

struct Options {
  uint64_t from = 0;
  uint64_t to = 1000;
  const char* progress = nullptr;
  const char* save = nullptr;
  std::vector<Bytes> seeds;
};

struct Tally {
  uint64_t malformed = 0;
  uint64_t invalid = 0;
  uint64_t valid = 0;
  uint64_t compiled = 0;
  uint64_t refused = 0;  // valid, but not compiled: a limit, or what is unsupported
  uint64_t unclear = 0;  // errors that are no single clear line
  uint64_t hash = 0xcbf29ce484222325;

  void add(std::string_view text) {
    for (char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  }
  void failed(uint64_t& counter, const Error& error) {
    std::string text = error.to_string();
    if (text.empty() || text.find('\n') != std::string::npos) {
      ++unclear;
      std::fprintf(stderr, "not one clear line: %s\n", text.c_str());
    }
    ++counter;
    add(text);
  }
};

template <class Compiled>
void compile(const Engine& engine, const Bytes& bytes, Tally& tally) {
  ++tally.valid;
  if (bytes.size() >= max_compiled_size) return;
  auto compiled = Compiled::from_bytes(engine, bytes);
  if (compiled) {
    ++tally.compiled;
    tally.add("compiled");
  } else {
    tally.failed(tally.refused, compiled.error());
  }
}

void judge(const Engine& engine, const Bytes& bytes, Tally& tally) {
  if (component::is_component(bytes)) {
    auto decoded = component::decode(bytes);
    if (!decoded) return tally.failed(tally.malformed, decoded.error());
    auto validated = component::validate(*decoded);
    if (!validated) return tally.failed(tally.invalid, validated.error());
    return compile<Component>(engine, bytes, tally);
  }
  auto decoded = wasm::decode_module(bytes);
  if (!decoded) return tally.failed(tally.malformed, decoded.error());
  auto validated = wasm::validate_module(*decoded, wasm::Features::defaults());
  if (!validated) return tally.failed(tally.invalid, validated.error());
  compile<Module>(engine, bytes, tally);
}

bool parse_number(const char* text, uint64_t& number) {
  const char* end = text + std::strlen(text);
  return std::from_chars(text, end, number).ptr == end;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    bool has_value = i + 1 < argc;
    if (word == "--from" && has_value) {
      if (!parse_number(argv[++i], options.from)) return false;
    } else if (word == "--to" && has_value) {
      if (!parse_number(argv[++i], options.to)) return false;
    } else if (word == "--progress" && has_value) {
      options.progress = argv[++i];
    } else if (word == "--save" && has_value) {
      options.save = argv[++i];
    } else {
      std::ifstream file(argv[i], std::ios::binary);
      if (!file) return false;
      options.seeds.emplace_back(std::istreambuf_iterator<char>(file),
                                 std::istreambuf_iterator<char>());
    }
  }
  return !options.seeds.empty();
}

int run(const Options& options) {
  EngineConfig config;
  config.opt_level = 0;
  config.compile_threads = 1;
  Engine engine(config);
  int progress =
      options.progress ? open(options.progress, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
  Tally tally;
  Bytes bytes;
  for (uint64_t number = options.from; number < options.to; ++number) {
    if (progress >= 0 && pwrite(progress, &number, sizeof number, 0) != sizeof number) return 1;
    bytes = Mutator(options.seeds, number).make();
    judge(engine, bytes, tally);
  }
  if (options.save) {
    std::ofstream(options.save, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  std::printf(
      "%llu malformed, %llu invalid, %llu valid, %llu of them compiled and %llu refused; hash "
      "%016llx\n",
      static_cast<unsigned long long>(tally.malformed),
      static_cast<unsigned long long>(tally.invalid), static_cast<unsigned long long>(tally.valid),
      static_cast<unsigned long long>(tally.compiled),
      static_cast<unsigned long long>(tally.refused), static_cast<unsigned long long>(tally.hash));
  return tally.unclear ? 1 : 0;
}

}  // namespace
}  // namespace tenon::mutate

int main(int argc, char** argv) {
  tenon::mutate::Options options;
  if (!tenon::mutate::parse(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: mutate --from N --to N [--progress FILE] [--save FILE] SEED.wasm...\n");
    return 2;
  }
  return tenon::mutate::run(options);
}
