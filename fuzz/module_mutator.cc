#include "fuzz/module_mutator.h"

#include <algorithm>
#include <array>

#include "fuzz/instructions.h"
#include "wasm/binary/codes.h"
#include "wasm/binary/decode_module.h"
#include "wasm/binary/encode_types.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace tenon::fuzz {

namespace {

using wasm::ByteWriter;
using wasm::Opcode;
using Bytes = std::vector<uint8_t>;

constexpr size_t preamble_size = 8;

struct Section {
  uint8_t id = 0;
  Bytes bytes;
};
using Sections = std::vector<Section>;

// Empty unless all of it are sections.
Sections split(std::span<const uint8_t> module) {
  if (!wasm::is_core_module(module)) return {};
  ByteReader in(module.subspan(preamble_size));
  Sections sections;
  while (in.ok() && !in.at_end()) {
    Section section;
    section.id = in.byte();
    auto bytes = in.bytes(in.count());
    section.bytes.assign(bytes.begin(), bytes.end());
    sections.push_back(std::move(section));
  }
  return in.ok() ? sections : Sections();
}

Bytes join(const Sections& sections) {
  ByteWriter out;
  out.bytes(std::to_array<uint8_t>({0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00}));
  for (const Section& section : sections) {
    out.byte(section.id);
    out.size(section.bytes.size());
    out.bytes(section.bytes);
  }
  return out.take();
}

// The fuzzer's own mutations, with room to grow.
void mutate_bytes(Bytes& bytes) {
  constexpr size_t room = 32;
  size_t size = bytes.size();
  bytes.resize(size + room);
  bytes.resize(LLVMFuzzerMutate(bytes.data(), size, bytes.size()));
}

std::vector<Bytes> split_code(const Bytes& section) {
  ByteReader in(section);
  std::vector<Bytes> bodies;
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    auto bytes = in.bytes(in.count());
    bodies.emplace_back(bytes.begin(), bytes.end());
  }
  return in.ok() && in.at_end() ? bodies : std::vector<Bytes>();
}

Bytes join_code(const std::vector<Bytes>& bodies) {
  ByteWriter out;
  out.size(bodies.size());
  for (const Bytes& body : bodies) {
    out.size(body.size());
    out.bytes(body);
  }
  return out.take();
}

class BodyMutator {
 public:
  BodyMutator(Bytes& body, Random& random)
      : body_(body), starts_(instruction_starts(body)), random_(random) {}

  void run() {
    if (starts_.size() < 2) return mutate_bytes(body_);
    size_t count = starts_.size() - 1;
    size_t at = random_.below(count);
    switch (random_.below(8)) {
      case 0:
      case 1: return replace_opcode(at);
      case 2: return replace(at, at + 1, {});
      case 3: {
        size_t end = std::min(count, at + 1 + random_.below(4));
        Bytes copy = range(at, end);
        size_t to = random_.below(count);
        return replace(to, to, copy);
      }
      case 4: {
        if (at + 1 == count) return;
        Bytes swapped = range(at + 1, std::min(count, at + 2));
        Bytes first = range(at, at + 1);
        swapped.insert(swapped.end(), first.begin(), first.end());
        return replace(at, std::min(count, at + 2), swapped);
      }
      case 5: {
        ByteWriter out;
        write_neutral(out, random_);
        return replace(at, at, out.take());
      }
      case 6: {
        ByteWriter out;
        write_any(out, random_);
        return replace(at, random_.one_in(2) ? at : at + 1, out.take());
      }
      default: return change_immediate(at);
    }
  }

 private:
  Bytes range(size_t from, size_t to) const {
    return Bytes(body_.begin() + starts_[from], body_.begin() + starts_[to]);
  }
  // Instructions [from, to) by bytes.
  void replace(size_t from, size_t to, const Bytes& bytes) {
    auto at = body_.erase(body_.begin() + starts_[from], body_.begin() + starts_[to]);
    body_.insert(at, bytes.begin(), bytes.end());
  }

  // The instruction, and how many bytes its opcode takes.
  std::pair<Opcode, size_t> opcode_at(size_t index) const {
    wasm::Reader in(std::span(body_).subspan(starts_[index]), 0, wasm::Features::validated());
    Opcode opcode = in.opcode();
    return {opcode, static_cast<size_t>(in.offset())};
  }

  void replace_opcode(size_t index) {
    auto [opcode, size] = opcode_at(index);
    ByteWriter out;
    write_opcode(out, similar(opcode, random_));
    auto start = body_.begin() + starts_[index];
    auto at = body_.erase(start, start + static_cast<ptrdiff_t>(size));
    auto bytes = out.view();
    body_.insert(at, bytes.begin(), bytes.end());
  }

  void change_immediate(size_t index) {
    auto [opcode, size] = opcode_at(index);
    size_t start = starts_[index] + size;
    size_t end = starts_[index + 1];
    if (start == end) return replace_opcode(index);
    Bytes immediates(body_.begin() + static_cast<ptrdiff_t>(start),
                     body_.begin() + static_cast<ptrdiff_t>(end));
    if (random_.one_in(2)) {
      mutate_bytes(immediates);
    } else {
      // Most are a number.
      ByteWriter out;
      random_.one_in(2) ? out.u64(interesting(random_)) : out.u64(random_.below(8));
      immediates = out.take();
    }
    auto at = body_.erase(body_.begin() + static_cast<ptrdiff_t>(start),
                          body_.begin() + static_cast<ptrdiff_t>(end));
    body_.insert(at, immediates.begin(), immediates.end());
  }

  Bytes& body_;
  std::vector<uint32_t> starts_;
  Random& random_;
};

Section* find(Sections& sections, uint8_t id) {
  auto at = std::ranges::find(sections, id, &Section::id);
  return at == sections.end() ? nullptr : &*at;
}

void mutate_code(Section& code, Random& random) {
  std::vector<Bytes> bodies = split_code(code.bytes);
  if (bodies.empty()) return mutate_bytes(code.bytes);
  Bytes& body = bodies[random.below(bodies.size())];
  if (random.one_in(8)) {
    body = bodies[random.below(bodies.size())];
  } else {
    for (size_t n = 1 + random.below(3); n > 0; --n) BodyMutator(body, random).run();
  }
  code.bytes = join_code(bodies);
}

// Another function, with the type and the body of one that is there.
void add_function(Sections& sections, Random& random) {
  Section* functions = find(sections, wasm::section_id::function);
  Section* code = find(sections, wasm::section_id::code);
  if (functions == nullptr || code == nullptr) return;
  std::vector<Bytes> bodies = split_code(code->bytes);
  ByteReader in(functions->bytes);
  uint32_t n = in.count();
  std::vector<uint32_t> types;
  for (uint32_t i = 0; i < n && in.ok(); ++i) types.push_back(in.u32());
  if (!in.ok() || types.empty() || types.size() != bodies.size()) return;
  size_t which = random.below(n);
  types.push_back(types[which]);
  bodies.push_back(Bytes(bodies[which]));
  ByteWriter out;
  out.size(types.size());
  for (uint32_t type : types) out.u32(type);
  functions->bytes = out.take();
  code->bytes = join_code(bodies);
}

void rearrange(Sections& sections, Random& random) {
  size_t at = random.below(sections.size());
  switch (random.below(4)) {
    case 0: sections.erase(sections.begin() + static_cast<ptrdiff_t>(at)); return;
    case 1:
      sections.insert(sections.begin() + static_cast<ptrdiff_t>(at), Section(sections[at]));
      return;
    case 2: std::swap(sections[at], sections[random.below(sections.size())]); return;
    default: sections[at].id = static_cast<uint8_t>(random.below(15));
  }
}

size_t write(const Bytes& module, uint8_t* to, size_t max_size) {
  std::copy_n(module.begin(), std::min(module.size(), max_size), to);
  return std::min(module.size(), max_size);
}

}  // namespace

size_t mutate_module(uint8_t* data, size_t size, size_t max_size, uint32_t seed) {
  Random random(seed);
  Sections sections = split({data, size});
  if (sections.empty() || random.one_in(16)) return LLVMFuzzerMutate(data, size, max_size);
  Section* code = find(sections, wasm::section_id::code);
  size_t choice = random.below(16);
  if (choice < 9 && code != nullptr) {
    mutate_code(*code, random);
  } else if (choice == 9) {
    add_function(sections, random);
  } else if (choice == 10) {
    rearrange(sections, random);
  } else {
    mutate_bytes(sections[random.below(sections.size())].bytes);
  }
  return write(join(sections), data, max_size);
}

size_t cross_modules(const uint8_t* data1, size_t size1, const uint8_t* data2, size_t size2,
                     uint8_t* out, size_t max_size, uint32_t seed) {
  Random random(seed);
  Sections first = split({data1, size1});
  Sections second = split({data2, size2});
  if (first.empty() || second.empty()) return 0;
  Section& from = second[random.below(second.size())];
  Section* to = find(first, from.id);
  if (to == nullptr) {
    first.insert(first.begin() + static_cast<ptrdiff_t>(random.below(first.size() + 1)), from);
  } else if (from.id == wasm::section_id::code && random.one_in(2)) {
    // A body of the second for one of the first.
    std::vector<Bytes> mine = split_code(to->bytes);
    std::vector<Bytes> theirs = split_code(from.bytes);
    if (mine.empty() || theirs.empty()) return 0;
    mine[random.below(mine.size())] = theirs[random.below(theirs.size())];
    to->bytes = join_code(mine);
  } else {
    to->bytes = from.bytes;
  }
  return write(join(first), out, max_size);
}

}  // namespace tenon::fuzz
