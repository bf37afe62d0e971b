// make_seeds FOLDER MAX-BYTES SCRIPT...: writes the modules of test scripts to FOLDER, as binaries
// and as text, those of at most so many bytes. Equal ones get the same name.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>

#include "wasm/text/print_module.h"
#include "wasm/text/script.h"

namespace tenon::fuzz {
namespace {

class Seeds {
 public:
  Seeds(std::filesystem::path folder, size_t max_bytes)
      : folder_(std::move(folder)), max_bytes_(max_bytes) {}

  void add_script(const char* path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    wasm::text::Source source{path, text};
    auto script = wasm::text::parse_script(source);
    if (!script) return;
    write(text, ".wast");
    for (const wasm::text::ScriptCommand& command : *script) {
      if (!command.has_module || command.module.is_component) continue;
      auto binary = wasm::text::module_binary(source, command.module);
      if (!binary) continue;
      write({reinterpret_cast<const char*>(binary->data()), binary->size()}, ".wasm");
      if (auto printed = wasm::text::print_module(*binary)) write(*printed, ".wat");
    }
  }

 private:
  void write(std::string_view bytes, const char* extension) const {
    if (bytes.size() > max_bytes_) return;
    std::string name = std::to_string(std::hash<std::string_view>()(bytes)) + extension;
    std::ofstream(folder_ / name, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  std::filesystem::path folder_;
  size_t max_bytes_;
};

}  // namespace
}  // namespace tenon::fuzz

int main(int argc, char** argv) {
  size_t max_bytes = 0;
  if (argc < 4 ||
      std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), max_bytes).ec != std::errc()) {
    std::fprintf(stderr, "usage: make_seeds FOLDER MAX-BYTES SCRIPT...\n");
    return 2;
  }
  tenon::fuzz::Seeds seeds(argv[1], max_bytes);
  for (int i = 3; i < argc; ++i) seeds.add_script(argv[i]);
  return 0;
}
