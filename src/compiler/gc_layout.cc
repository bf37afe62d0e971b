#include "compiler/gc_layout.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "base/limits.h"

namespace tenon::compiler {

namespace {

constexpr uint32_t round_up(uint32_t offset, uint32_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

// Puts a type's own fields behind those of its supertype.
class FieldPlacer {
 public:
  FieldPlacer(StructLayout& layout, std::span<const Storage> fields) : layout_(layout) {
    for (uint32_t i = 0; i < fields.size(); ++i) {
      if (i < layout.offsets.size()) continue;
      own_[class_of(size_of(fields[i]))].fields.push_back(i);
    }
    layout.offsets.resize(fields.size());
  }

  void place_all() {
    for (size_t c = own_.size(); c-- > 0;) {
      if (own_[c].is_empty()) continue;
      align(c);
      while (!own_[c].is_empty()) place(c);
    }
  }

 private:
  // Fields of 1 << index bytes.
  struct SizeClass {
    std::vector<uint32_t> fields;
    size_t next = 0;
    bool is_empty() const { return next == fields.size(); }
  };

  static size_t class_of(uint32_t size) { return static_cast<size_t>(std::countr_zero(size)); }

  void place(size_t size_class) {
    SizeClass& own = own_[size_class];
    layout_.offsets[own.fields[own.next++]] = layout_.end;
    layout_.end += uint32_t{1} << size_class;
  }

  // Moves the end to where a field of this class may lie, over smaller fields where some fit.
  void align(size_t size_class) {
    uint32_t alignment = std::min(uint32_t{1} << size_class, object_alignment);
    while (layout_.end % alignment != 0) {
      size_t filler = class_of(layout_.end);  // the largest that is aligned here
      while (filler > 0 && own_[filler].is_empty()) --filler;
      if (own_[filler].is_empty()) {
        layout_.end += layout_.end & -layout_.end;  // where larger ones are aligned
      } else {
        place(filler);
      }
    }
  }

  StructLayout& layout_;
  std::array<SizeClass, 5> own_;
};

}  // namespace

StructLayout struct_layout(const StructLayout* supertype, std::span<const Storage> fields) {
  StructLayout layout;
  if (supertype != nullptr) layout = *supertype;
  size_t inherited = layout.offsets.size();
  CHECK(inherited <= fields.size() && fields.size() <= limits::max_struct_fields + 1);
  FieldPlacer(layout, fields).place_all();
  for (size_t i = inherited; i < fields.size(); ++i)
    if (fields[i] == Storage::ref) layout.references.push_back(layout.offsets[i]);
  std::sort(layout.references.begin(), layout.references.end());
  layout.size = round_up(layout.end, object_alignment);
  return layout;
}

StructLayout exception_layout(std::span<const Storage> values) {
  std::vector<Storage> fields = {Storage::i64};
  StructLayout tag = struct_layout(nullptr, fields);
  fields.insert(fields.end(), values.begin(), values.end());
  return struct_layout(&tag, fields);
}

ArrayLayout ArrayLayout::of(Storage element) {
  constexpr uint32_t after_length = array_length_offset + sizeof(uint32_t);
  return {.element_size = size_of(element),
          .elements_offset = round_up(after_length, alignment_of(element)),
          .holds_references = element == Storage::ref};
}

std::optional<uint32_t> ArrayLayout::object_size(uint32_t length) const {
  uint64_t size = uint64_t{elements_offset} + uint64_t{length} * element_size;
  size = (size + object_alignment - 1) & ~uint64_t{object_alignment - 1};
  if (size > max_object_size) return std::nullopt;
  return static_cast<uint32_t>(size);
}

}  // namespace tenon::compiler
