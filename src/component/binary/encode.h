#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "component/binary/codes.h"
#include "wasm/binary/byte_writer.h"
#include "wasm/text/source.h"

// Writes a component in the binary format, definition by definition. Neighbours of one section
// share it, as in what other tools write. Nothing is checked: in go the bytes of definitions, whose
// indices the caller knows.
namespace tenon::component {

class ComponentWriter {
 public:
  // `keeps_marks`: remember where definitions were written in a text.
  explicit ComponentWriter(bool keeps_marks = false) : keeps_marks_(keeps_marks) {}

  // An entry of a section that is a list. `source` is its place in the text.
  void entry(Section section, std::span<const uint8_t> bytes, size_t source = 0);
  // The whole of a section that is none: a core module, a component, a start function. `marks` are
  // those of the content.
  void whole(Section section, std::span<const uint8_t> content, size_t source = 0,
             std::span<const wasm::text::SourceMark> marks = {});
  void custom(std::string_view name, std::span<const uint8_t> bytes);

  size_t written() const { return out_.written() + section_.written(); }
  // The binary. The marks are by rising offset in it.
  std::vector<uint8_t> finish();
  std::vector<wasm::text::SourceMark> take_marks() { return std::move(marks_); }

 private:
  void flush();

  bool keeps_marks_;
  wasm::ByteWriter out_;  // behind the preamble
  std::vector<wasm::text::SourceMark> marks_;
  Section open_ = Section::custom;  // the list that is being written, when there are entries
  uint32_t entries_ = 0;
  wasm::ByteWriter section_;
  std::vector<wasm::text::SourceMark> section_marks_;
};

}  // namespace tenon::component
