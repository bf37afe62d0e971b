#include <fmt/format.h>

#include <iterator>

#include "toolchain/json.h"
#include "toolchain/metadata.h"

namespace tenon::toolchain {

namespace {

class JsonWriter {
 public:
  // Recursion is bounded by the depth that read_metadata() allows.
  void metadata(const Metadata& metadata) {
    if (!metadata.is_component) {
      out_ += "{\"module\":";
      own(metadata);
      out_ += '}';
      return;
    }
    out_ += "{\"component\":{\"metadata\":";
    own(metadata);
    out_ += ",\"children\":[";
    for (size_t i = 0; i < metadata.children.size(); ++i) {
      if (i > 0) out_ += ',';
      this->metadata(metadata.children[i]);
    }
    out_ += "]}}";
  }

  std::string take() { return std::move(out_); }

 private:
  void string(std::string_view text) { append_json_string(out_, text); }

  void optional(const std::optional<std::string>& text) {
    if (text) {
      string(*text);
    } else {
      out_ += "null";
    }
  }

  void producers(const Producers& fields) {
    out_ += '[';
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) out_ += ',';
      out_ += '[';
      string(fields[i].name);
      out_ += ",{";
      for (size_t k = 0; k < fields[i].values.size(); ++k) {
        if (k > 0) out_ += ',';
        string(fields[i].values[k].name);
        out_ += ':';
        string(fields[i].values[k].version);
      }
      out_ += "}]";
    }
    out_ += ']';
  }

  void own(const Metadata& metadata) {
    out_ += "{\"name\":";
    optional(metadata.name);
    out_ += ",\"producers\":";
    if (metadata.producers) {
      producers(*metadata.producers);
    } else {
      out_ += "null";
    }
    for (size_t i = 0; i < fact_names.size(); ++i) {
      fmt::format_to(std::back_inserter(out_), ",\"{}\":", fact_names[i]);
      optional(metadata.facts[i]);
    }
    // Lists of dependencies, which some builds of Rust programs embed, are not read.
    fmt::format_to(std::back_inserter(out_),
                   ",\"range\":{{\"start\":{},\"end\":{}}},\"dependencies\":null}}", metadata.start,
                   metadata.end);
  }

  std::string out_;
};

}  // namespace

std::string metadata_json(const Metadata& metadata) {
  JsonWriter writer;
  writer.metadata(metadata);
  return writer.take();
}

}  // namespace tenon::toolchain
