#include "component/binary/encode.h"

namespace tenon::component {

using wasm::ByteWriter;

void ComponentWriter::flush() {
  if (entries_ == 0) return;
  ByteWriter count;
  count.u32(entries_);
  out_.byte(static_cast<uint8_t>(open_));
  out_.size(count.written() + section_.written());
  out_.bytes(count.view());
  for (const wasm::text::SourceMark& mark : section_marks_)
    marks_.push_back({preamble.size() + out_.written() + mark.offset, mark.source});
  out_.bytes(section_.view());
  section_.truncate(0);
  section_marks_.clear();
  entries_ = 0;
}

void ComponentWriter::entry(Section section, std::span<const uint8_t> bytes, size_t source) {
  if (section != open_) flush();
  open_ = section;
  ++entries_;
  if (keeps_marks_) section_marks_.push_back({section_.written(), source});
  section_.bytes(bytes);
}

void ComponentWriter::whole(Section section, std::span<const uint8_t> content, size_t source,
                            std::span<const wasm::text::SourceMark> marks) {
  flush();
  out_.byte(static_cast<uint8_t>(section));
  out_.size(content.size());
  uint64_t start = preamble.size() + out_.written();
  if (keeps_marks_) marks_.push_back({start, source});
  for (const wasm::text::SourceMark& mark : marks)
    marks_.push_back({start + mark.offset, mark.source});
  out_.bytes(content);
}

void ComponentWriter::custom(std::string_view name, std::span<const uint8_t> bytes) {
  ByteWriter content;
  content.name(name);
  content.bytes(bytes);
  whole(Section::custom, content.view());
}

std::vector<uint8_t> ComponentWriter::finish() {
  flush();
  std::vector<uint8_t> bytes(preamble.begin(), preamble.end());
  bytes.insert(bytes.end(), out_.view().begin(), out_.view().end());
  return bytes;
}

}  // namespace tenon::component
