#include <algorithm>

#include "toolchain/metadata_sections.h"
#include "toolchain/sections.h"
#include "wasm/binary/byte_writer.h"

namespace tenon::toolchain {

namespace {

using wasm::ByteWriter;

// Keeps order: a field or value that is new goes behind those that are there.
void merge(Producers& into, const Producers& added) {
  for (const ProducerField& field : added) {
    auto at = std::ranges::find(into, field.name, &ProducerField::name);
    if (at == into.end()) at = into.insert(at, {field.name, {}});
    for (const Producer& value : field.values) {
      auto old = std::ranges::find(at->values, value.name, &Producer::name);
      if (old == at->values.end()) {
        at->values.push_back(value);
      } else {
        old->version = value.version;
      }
    }
  }
}

ByteWriter producers_section(const Producers& producers) {
  ByteWriter out;
  out.size(producers.size());
  for (const ProducerField& field : producers) {
    out.name(field.name);
    out.size(field.values.size());
    for (const Producer& value : field.values) {
      out.name(value.name);
      out.name(value.version);
    }
  }
  return out;
}

// A name section with another name of its module or component, which comes first.
// wasm: binary-namesec
Result<ByteWriter> name_section(std::span<const uint8_t> old, uint64_t offset,
                                const MetadataEdit::Text& edit) {
  ByteWriter out;
  if (edit.set) {
    ByteWriter name;
    name.name(*edit.set);
    out.byte(own_name_subsection);
    out.sized(name);
  }
  ByteReader in(old, offset);
  while (!in.at_end()) {
    uint8_t id = in.byte();
    auto content = in.bytes(in.count());
    if (!in.ok() || id == own_name_subsection) continue;
    out.byte(id);
    out.size(content.size());
    out.bytes(content);
  }
  TRY_VOID(in.status());
  return out;
}

class Editor {
 public:
  Editor(std::span<const uint8_t> binary, const MetadataEdit& edit)
      : binary_(binary), in_(binary), edit_(edit), facts_(edit.facts) {}

  Result<std::vector<uint8_t>> run() {
    TRY_VOID(in_.status());
    out_.bytes(binary_.first(preamble_size));
    while (!in_.at_end()) {
      Section section = in_.next();
      TRY_VOID(in_.status());
      bool is_done = section.id == 0 && TRY(replace(section));
      if (is_done) continue;
      out_.bytes(binary_.subspan(section.start, section.end() - section.start));
    }
    TRY_VOID(add_missing());
    return out_.take();
  }

 private:
  // Whether the section has been dealt with.
  Result<bool> replace(const Section& section) {
    CustomSection custom = TRY(custom_section(section));
    auto in_section = [&](Error error) {
      return std::unexpected(
          std::move(error).in("custom section `" + std::string(custom.name) + "`"));
    };
    if (custom.name == name_section_name(in_.is_component())) {
      if (!edit_.name.is_edit() || has_name_) return false;
      has_name_ = true;
      auto names = name_section(custom.bytes, custom.offset, edit_.name);
      if (!names) return in_section(std::move(names).error());
      if (!names->empty()) write(custom.name, names->view());
      return true;
    }
    if (custom.name == producers_section_name) {
      if (edit_.producers.empty() || has_producers_) return false;
      has_producers_ = true;
      auto producers = read_producers(custom.bytes, custom.offset);
      if (!producers) return in_section(std::move(producers).error());
      merge(*producers, edit_.producers);
      write(custom.name, producers_section(*producers).view());
      return true;
    }
    auto fact = fact_of(custom.name);
    if (!fact) return false;
    MetadataEdit::Text& text = facts_[static_cast<size_t>(*fact)];
    if (text.set) write_text(custom.name, *text.set);
    bool is_edit = text.is_edit();
    // Others of the same name go.
    if (text.set) text = {.set = {}, .is_cleared = true};
    return is_edit;
  }

  Result<void> add_missing() {
    if (edit_.name.set && !has_name_) {
      ByteWriter names = TRY(name_section({}, 0, edit_.name));
      write(name_section_name(in_.is_component()), names.view());
    }
    if (!edit_.producers.empty() && !has_producers_) {
      Producers producers;
      merge(producers, edit_.producers);
      write(producers_section_name, producers_section(producers).view());
    }
    for (size_t i = 0; i < facts_.size(); ++i) {
      if (facts_[i].set) write_text(fact_names[i], *facts_[i].set);
    }
    return {};
  }

  void write(std::string_view name, std::span<const uint8_t> bytes) {
    ByteWriter content;
    content.name(name);
    content.bytes(bytes);
    out_.byte(0);
    out_.sized(content);
  }
  void write_text(std::string_view name, std::string_view text) {
    write(name, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }

  std::span<const uint8_t> binary_;
  SectionReader in_;
  const MetadataEdit& edit_;
  std::array<MetadataEdit::Text, fact_names.size()> facts_;  // what is still to be done
  bool has_name_ = false;
  bool has_producers_ = false;
  ByteWriter out_;
};

}  // namespace

Result<std::vector<uint8_t>> edit_metadata(std::span<const uint8_t> binary,
                                           const MetadataEdit& edit) {
  return Editor(binary, edit).run();
}

}  // namespace tenon::toolchain
