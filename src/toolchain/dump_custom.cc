#include "toolchain/dump_custom.h"

#include <fmt/format.h>

#include "toolchain/metadata_sections.h"

namespace tenon::toolchain {

namespace {

// By id. wasm: binary-namesubsection
constexpr const char* name_words[] = {"module", "func", "local", "label", "type", "table", "memory",
                                      "global", "elem", "data",  "field", "tag",  "param"};
constexpr uint8_t local_names = 2;
constexpr uint8_t label_names = 3;
constexpr uint8_t field_names = 10;
constexpr uint8_t param_names = 12;

class CustomDump {
 public:
  CustomDump(Listing& to, ByteReader& in) : to_(to), in_(in) {}

  // wasm: binary-namesec
  void module_names() {
    subsections([&](uint8_t id, ByteReader& in) {
      if (id >= std::size(name_words)) return;
      if (id == own_name_subsection) {
        own_name(in);
      } else if (id == local_names || id == label_names || id == field_names || id == param_names) {
        uint32_t n = count(in);
        for (uint32_t i = 0; i < n && in.ok(); ++i) {
          uint32_t index = in.u32();
          if (in.ok()) to_.item(in, fmt::format("of {}", index));
          map(in);
        }
      } else {
        map(in);
      }
    });
  }

  void component_names() {
    subsections([&](uint8_t id, ByteReader& in) {
      if (id == own_name_subsection) return own_name(in);
      if (id != sort_names) return;
      uint8_t sort = in.byte();
      if (sort == core_sort) in.byte();
      if (in.ok()) to_.item(in, "names of a sort");
      map(in);
    });
  }

  void producers() {
    uint32_t fields = count(in_);
    for (uint32_t i = 0; i < fields && in_.ok(); ++i) {
      std::string_view field = in_.name();
      if (in_.ok()) to_.item(in_, fmt::format("field {}", quoted(field)));
      uint32_t values = count(in_);
      for (uint32_t k = 0; k < values && in_.ok(); ++k) {
        std::string_view name = in_.name();
        std::string_view version = in_.name();
        if (in_.ok()) to_.item(in_, fmt::format("{} {}", quoted(name), quoted(version)));
      }
    }
  }

 private:
  static constexpr uint8_t sort_names = 1;
  static constexpr uint8_t core_sort = 0;

  template <typename Read>
  void subsections(Read read) {
    while (in_.ok() && !in_.at_end() && !to_.is_full()) {
      uint8_t id = in_.byte();
      uint32_t size = in_.count();
      if (!in_.ok()) return;
      const char* word = id < std::size(name_words) ? name_words[id] : "unknown";
      to_.item(in_, fmt::format("subsection {} ({}), {} bytes", id, word, size));
      ByteReader content = in_.slice(size);
      to_.indent();
      read(id, content);
      to_.outdent();
      // What has not been listed yet.
      to_.rest(in_);
    }
  }

  uint32_t count(ByteReader& in) {
    uint32_t n = in.count();
    if (in.ok()) to_.item(in, fmt::format("{} count", n));
    return n;
  }

  void own_name(ByteReader& in) {
    std::string_view name = in.name();
    if (in.ok()) to_.item(in, quoted(name));
  }

  // wasm: binary-namemap
  void map(ByteReader& in) {
    uint32_t n = count(in);
    for (uint32_t i = 0; i < n && in.ok() && !to_.is_full(); ++i) {
      uint32_t index = in.u32();
      std::string_view name = in.name();
      if (in.ok()) to_.item(in, fmt::format("{} {}", index, quoted(name)));
    }
  }

  Listing& to_;
  ByteReader& in_;
};

}  // namespace

Result<void> dump_custom(Listing& to, const Section& section, bool is_component) {
  CustomSection custom = TRY(custom_section(section));
  ByteReader in(custom.bytes, custom.offset);
  to.item(in, fmt::format("name {}", quoted(custom.name)));
  CustomDump dump(to, in);
  if (custom.name == producers_section_name) {
    dump.producers();
  } else if (custom.name == name_section_name(is_component)) {
    is_component ? dump.component_names() : dump.module_names();
  }
  ByteReader end(custom.bytes, custom.offset);
  end.bytes(custom.bytes.size());
  to.rest(end);
  return {};
}

}  // namespace tenon::toolchain
