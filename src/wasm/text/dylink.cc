#include "wasm/text/dylink.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_reader.h"

namespace tenon::wasm::text {

namespace {

// Subsections. They follow the tool conventions for dynamic linking.
constexpr uint8_t mem_info_id = 1;
constexpr uint8_t needed_id = 2;
constexpr uint8_t export_info_id = 3;
constexpr uint8_t import_info_id = 4;
constexpr uint8_t runtime_path_id = 5;

// Subsections that are lists, and how many names are in an entry.
struct ListWord {
  std::string_view word;
  uint8_t id;
  int names;
  bool has_flags;  // then each entry has its parentheses
};
constexpr ListWord lists[] = {{"needed", needed_id, 1, false},
                              {"export-info", export_info_id, 1, true},
                              {"import-info", import_info_id, 2, true},
                              {"runtime-path", runtime_path_id, 1, false}};

struct FlagWord {
  std::string_view word;
  uint32_t bit;
};
constexpr FlagWord flags[] = {
    {"binding-weak", 0x1}, {"binding-local", 0x2}, {"visibility-hidden", 0x4},
    {"undefined", 0x10},   {"exported", 0x20},     {"explicit-name", 0x40},
    {"no-strip", 0x80},    {"tls", 0x100},         {"absolute", 0x200}};

struct Subsection {
  uint8_t id;
  uint32_t count = 0;
  ByteWriter entries;
};

uint32_t parse_flags(Cursor& in) {
  uint32_t bits = 0;
  while (!in.at_close() && in.ok()) {
    auto known = std::ranges::find(flags, in.peek().text, &FlagWord::word);
    if (known == std::end(flags)) {
      bits |= in.u32();
    } else {
      in.take();
      bits |= known->bit;
    }
  }
  return bits;
}

void parse_mem_info(Cursor& in, ByteWriter& out) {
  for (const char* word : {"memory", "table"}) {
    bool given = in.take_open(word);
    out.u32(given ? in.u32() : 0);
    out.u32(given ? in.u32() : 0);
    if (given) in.expect_close();
  }
}

void parse_subsection(Cursor& in, std::vector<Subsection>& made) {
  in.expect_open();
  if (in.at(Token::Kind::keyword) && in.peek().text == "mem-info") {
    in.take();
    made.push_back({mem_info_id, 0, {}});
    parse_mem_info(in, made.back().entries);
    return in.expect_close();
  }
  auto list = std::ranges::find(lists, in.peek().text, &ListWord::word);
  if (list == std::end(lists)) return in.unexpected("a part of the section");
  in.take();
  // Entries in parentheses of their own join those before them.
  if (!list->has_flags || made.empty() || made.back().id != list->id)
    made.push_back({list->id, 0, {}});
  Subsection& subsection = made.back();
  do {
    if (!list->has_flags && in.at_close()) break;
    for (int i = 0; i < list->names; ++i) subsection.entries.name(in.name());
    if (list->has_flags) subsection.entries.u32(parse_flags(in));
    ++subsection.count;
  } while (!list->has_flags && in.ok());
  in.expect_close();
}

void print_flags(Printer& to, uint32_t bits) {
  for (const FlagWord& flag : flags) {
    if ((bits & flag.bit) == 0) continue;
    to.put(" ");
    to.put(flag.word);
    bits &= ~flag.bit;
  }
  if (bits != 0) to.put(fmt::format(" {:#x}", bits));
}

void print_list(Printer& to, ByteReader& in, const ListWord& list, uint64_t offset) {
  uint32_t n = in.count();
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    if (list.has_flags || i == 0) {
      to.line(offset);
      to.put("(");
      to.put(list.word);
    }
    for (int k = 0; k < list.names; ++k) {
      to.put(" ");
      append_quoted_name(to.out(), in.name());
    }
    if (list.has_flags) print_flags(to, in.u32());
    if (list.has_flags || i + 1 == n) to.put(")");
  }
}

void print_mem_info(Printer& to, ByteReader& in, uint64_t offset) {
  to.line(offset);
  to.put("(mem-info");
  for (const char* word : {"memory", "table"}) {
    uint32_t size = in.u32();
    uint32_t align = in.u32();
    if (size != 0 || align != 0) to.put(fmt::format(" ({} {} {})", word, size, align));
  }
  to.put(")");
}

}  // namespace

void parse_dylink(Cursor& outer, const Annotation& annotation, ModuleParts& parts) {
  size_t begin = outer.offset_of(annotation.contents);
  Cursor in(outer.source(), begin, begin + annotation.contents.size());
  std::vector<Subsection> made;
  while (in.ok() && !in.at_end()) parse_subsection(in, made);
  if (!in.ok()) return outer.fail_at(annotation.offset, "@dylink.0 annotation: unexpected token");
  ByteWriter out;
  for (const Subsection& subsection : made) {
    ByteWriter content;
    if (subsection.id != mem_info_id) content.u32(subsection.count);
    content.bytes(subsection.entries.view());
    out.byte(subsection.id);
    out.sized(content);
  }
  parts.customs.insert(
      parts.customs.begin(),
      CustomPart{{CustomPlace::first, true}, std::string(dylink_annotation), out.take()});
}

bool print_dylink(Printer& to, std::span<const uint8_t> bytes, uint64_t offset) {
  size_t before = to.out().size();
  ByteReader in(bytes);
  to.put("(@dylink.0");
  to.indent();
  bool fits = true;
  while (!in.at_end() && fits) {
    uint8_t id = in.byte();
    ByteReader content = in.slice(in.count());
    auto list = std::ranges::find(lists, id, &ListWord::id);
    if (id == mem_info_id) {
      print_mem_info(to, content, offset);
    } else if (list != std::end(lists)) {
      print_list(to, content, *list, offset);
    } else {
      fits = false;
    }
    fits = fits && in.ok() && content.ok() && content.at_end();
  }
  to.outdent();
  if (!fits) {
    to.out().resize(before);
    return false;
  }
  to.line(offset);
  to.put(")");
  return true;
}

}  // namespace tenon::wasm::text
