#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What a module or component says about itself in custom sections: its name, who produced it (the
// producers section), and for registries one section of plain text per fact. Nothing of it decides
// what a binary does. Reading and writing can fail where such a section does not follow its format.
namespace tenon::toolchain {

struct Producer {
  std::string name;
  std::string version;  // may be empty
  friend bool operator==(const Producer&, const Producer&) = default;
};
struct ProducerField {
  std::string name;  // language, processed-by, sdk
  std::vector<Producer> values;
  friend bool operator==(const ProducerField&, const ProducerField&) = default;
};
using Producers = std::vector<ProducerField>;

// The registry's facts are custom sections of these names, in the order in which they are added.
enum class Fact : uint8_t { authors, description, licenses, source, homepage, revision, version };
constexpr std::array<std::string_view, 7> fact_names = {
    "authors", "description", "licenses", "source", "homepage", "revision", "version"};

struct Metadata {
  bool is_component = false;
  std::optional<std::string> name;
  std::optional<Producers> producers;
  std::array<std::optional<std::string>, fact_names.size()> facts;  // by Fact
  uint64_t start = 0;  // offsets in the outermost binary
  uint64_t end = 0;
  std::vector<Metadata> children;  // of a component, in order

  const std::optional<std::string>& fact(Fact which) const {
    return facts[static_cast<size_t>(which)];
  }
};

Result<Metadata> read_metadata(std::span<const uint8_t> binary);

// As people read it: an overview of all modules and components, then a table for each.
std::string metadata_tables(const Metadata& metadata);
// The same as one JSON value, in the form of `wasm-tools metadata show --json`.
std::string metadata_json(const Metadata& metadata);

struct MetadataEdit {
  // What becomes of a text: it stays unless one of these says otherwise.
  struct Text {
    std::optional<std::string> set;
    bool is_cleared = false;
    bool is_edit() const { return set || is_cleared; }
  };
  Text name;
  Producers producers;  // added to those there; a newer version takes the place of an older one
  std::array<Text, fact_names.size()> facts;
};

// Changes the metadata of the outermost module or component. A section that is there is written
// anew in its place, others are added behind all, and the rest keeps its bytes.
Result<std::vector<uint8_t>> edit_metadata(std::span<const uint8_t> binary,
                                           const MetadataEdit& edit);

// An absolute URL in its usual spelling: `HTTP://A.org` is `http://a.org/`.
Result<std::string> absolute_url(std::string_view text);
// An error unless `text` has the form of an SPDX license expression. Names of licenses are not
// looked up: their list grows.
Result<void> check_licenses(std::string_view text);

}  // namespace tenon::toolchain
