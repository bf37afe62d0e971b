#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tenon/linker.h"
#include "tenon/wasi.h"

// What the host defines is what the WIT of WASI says: every function, with as many parameters, and
// every resource.

namespace tenon {
namespace {

// "wasi:io/poll@0.2.12 poll/1", "wasi:io/poll@0.2.12 resource pollable"
using Names = std::set<std::string>;

Names& defined() {
  static Names names;
  return names;
}

}  // namespace

// The library's own linker is a layer above; this one takes notes.
class Linker::Impl {};
Linker::Linker(const Engine&) {}
Linker::~Linker() = default;
void LinkerInstance::define(std::string_view name, abi::HostFunction function) {
  std::string params = std::to_string(function.desc->params.size());
  defined().insert(name_ + " " + std::string(name) + "/" + params);
}
void LinkerInstance::define_resource(std::string_view name, const abi::ResourceType&) {
  defined().insert(name_ + " resource " + std::string(name));
}
void Store::attach(const void*, std::shared_ptr<void>) {}
void* Store::find_attached(const void*) const {
  return nullptr;
}

namespace {

// The same of a package in WIT, one item a line as in this project's files. Resources that an
// interface only uses count too, since it exports them.
Names declared(const std::string& package) {
  std::ifstream file(std::string(TENON_WIT_DIRECTORY) + "/" + package + ".wit");
  REQUIRE(file.good());
  const std::regex interface_line(R"(interface ([a-z0-9-]+) \{)");
  const std::regex resource_line(R"(  resource ([a-z0-9-]+)( \{|;))");
  const std::regex function_line(R"(( +)%?([a-z0-9-]+): func\((.*)\).*;)");
  const std::regex use_line(R"(  use .*\{(.*)\};)");
  const std::set<std::string> resources = {"error",          "pollable",   "input-stream",
                                           "output-stream",  "descriptor", "terminal-input",
                                           "terminal-output"};
  Names names;
  std::string interface;
  std::string resource;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (line.starts_with("world")) break;
    if (std::regex_match(line, match, interface_line)) {
      interface = "wasi:" + package + "/" + match[1].str() + "@0.2.12 ";
    } else if (std::regex_match(line, match, resource_line)) {
      resource = match[1];
      names.insert(interface + "resource " + resource);
    } else if (std::regex_match(line, match, use_line)) {
      std::istringstream used(match[1].str());
      for (std::string name; std::getline(used >> std::ws, name, ',');) {
        if (resources.contains(name)) names.insert(interface + "resource " + name);
      }
    } else if (std::regex_match(line, match, function_line)) {
      std::string params = match[3];
      bool is_method = match[1].length() == 4;
      auto count = std::ranges::count(params, ':') + (is_method ? 1 : 0);
      std::string name = is_method ? "[method]" + resource + "." + match[2].str() : match[2].str();
      names.insert(interface + name + "/" + std::to_string(count));
    }
  }
  return names;
}

TEST_CASE("the host defines WASI 0.2 as its WIT declares it") {
  alignas(Linker) char storage[sizeof(Linker)] = {};
  wasi::add_to_linker(*reinterpret_cast<Linker*>(storage));
  Names expected;
  for (const char* package : {"io", "clocks", "random", "cli", "filesystem"}) {
    for (const std::string& name : declared(package)) expected.insert(name);
  }
  expected.erase("wasi:cli/run@0.2.12 run/0");  // which programs export
  for (const std::string& name : expected) {
    CAPTURE(name);
    CHECK(defined().contains(name));
  }
  for (const std::string& name : defined()) {
    CAPTURE(name);
    CHECK(expected.contains(name));
  }
  CHECK(expected.size() > 80);
}

}  // namespace
}  // namespace tenon
