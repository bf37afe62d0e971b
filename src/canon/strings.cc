#include <fmt/format.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "canon/transcode.h"
#include "tenon/abi/context.h"

namespace tenon::abi {
namespace {

using canon::Bytes;
using canon::MutableBytes;

enum class SimpleEncoding : uint8_t { utf8, utf16, latin1 };

struct StringRange {
  SimpleEncoding encoding = SimpleEncoding::utf8;
  Bytes bytes;
};

// canon: load_string_from_range, up to the decoding. Empty after a failure.
StringRange check_string(Context& cx, uint64_t pointer, uint64_t tagged_code_units) {
  StringRange range;
  uint64_t code_units = tagged_code_units;
  uint32_t alignment = 2;
  switch (cx.options().string_encoding) {
    case StringEncoding::utf8: alignment = 1; break;
    case StringEncoding::utf16: range.encoding = SimpleEncoding::utf16; break;
    case StringEncoding::latin1_utf16: {
      uint64_t tag = utf16_tag(cx.pointer_type());
      range.encoding = tagged_code_units & tag ? SimpleEncoding::utf16 : SimpleEncoding::latin1;
      code_units &= ~tag;
      break;
    }
  }
  uint64_t unit_size = range.encoding == SimpleEncoding::utf16 ? 2 : 1;
  if (code_units > limits::max_string_bytes / unit_size) {
    cx.fail("string too long");
    return range;
  }
  uint64_t size = code_units * unit_size;
  if (!cx.check_range(pointer, size, alignment, "string pointer/length out of bounds of memory"))
    return range;
  range.bytes = Bytes(cx.at(pointer), size);
  return range;
}

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string decode(Context& cx, const StringRange& range) {
  // The most bytes that a code unit becomes: 3 for two bytes of UTF-16, 2 for one of Latin-1.
  uint64_t room = range.encoding == SimpleEncoding::utf8    ? range.bytes.size()
                  : range.encoding == SimpleEncoding::utf16 ? range.bytes.size() / 2 * 3
                                                            : range.bytes.size() * 2;
  if (!cx.charge(room)) return {};
  std::string text(room, '\0');
  MutableBytes to(reinterpret_cast<uint8_t*>(text.data()), room);
  switch (range.encoding) {
    case SimpleEncoding::utf8:
      if (!canon::copy_utf8(range.bytes, to)) cx.fail(canon::utf8_problem(range.bytes));
      break;
    case SimpleEncoding::utf16:
      if (auto done = canon::utf16_to_utf8(range.bytes, to)) {
        text.resize(done->written);
      } else {
        cx.fail("invalid utf-16");
      }
      break;
    case SimpleEncoding::latin1: text.resize(canon::latin1_to_utf8(range.bytes, to).written); break;
  }
  if (cx.failed()) return {};
  return text;
}

MutableBytes room_at(Context& cx, uint64_t pointer, uint64_t size) {
  return MutableBytes(cx.at(pointer), static_cast<size_t>(size));
}

// canon: store_string_copy
PointerPair store_utf8(Context& cx, std::string_view text) {
  uint64_t pointer = cx.allocate(1, text.size());
  if (cx.failed()) return {};
  if (!text.empty()) std::memcpy(cx.at(pointer), text.data(), text.size());
  return {pointer, text.size()};
}

// canon: store_utf8_to_utf16
PointerPair store_utf8_to_utf16(Context& cx, std::string_view text) {
  uint64_t worst_case = uint64_t{2} * text.size();
  uint64_t pointer = cx.allocate(2, worst_case);
  if (cx.failed()) return {};
  size_t code_units = *canon::utf8_to_utf16(as_bytes(text), room_at(cx, pointer, worst_case));
  uint64_t size = uint64_t{2} * code_units;
  if (size < worst_case) pointer = cx.reallocate(pointer, worst_case, 2, size);
  return {pointer, code_units};
}

// canon: store_string_to_latin1_or_utf16
PointerPair store_utf8_to_latin1_or_utf16(Context& cx, std::string_view text) {
  uint64_t pointer = cx.allocate(2, text.size());
  if (cx.failed()) return {};
  canon::Progress latin1 =
      *canon::utf8_to_latin1(as_bytes(text), room_at(cx, pointer, text.size()));
  if (latin1.read == text.size()) {
    if (latin1.written < text.size())
      pointer = cx.reallocate(pointer, text.size(), 2, latin1.written);
    return {pointer, latin1.written};
  }
  uint64_t worst_case = uint64_t{2} * text.size();
  pointer = cx.reallocate(pointer, text.size(), 2, worst_case);
  if (cx.failed()) return {};
  MutableBytes room = room_at(cx, pointer, worst_case);
  canon::widen_latin1(room, latin1.written);
  size_t rest =
      *canon::utf8_to_utf16(as_bytes(text.substr(latin1.read)), room.subspan(2 * latin1.written));
  size_t code_units = latin1.written + rest;
  uint64_t size = uint64_t{2} * code_units;
  if (size < worst_case) pointer = cx.reallocate(pointer, worst_case, 2, size);
  return {pointer, code_units | utf16_tag(cx.pointer_type())};
}

}  // namespace

std::string load_string_from_range(Context& cx, uint64_t pointer, uint64_t tagged_code_units) {
  StringRange range = check_string(cx, pointer, tagged_code_units);
  if (cx.failed()) return {};
  return decode(cx, range);
}

std::string_view view_string_from_range(Context& cx, uint64_t pointer, uint64_t tagged_code_units) {
  StringRange range = check_string(cx, pointer, tagged_code_units);
  if (cx.failed()) return {};
  if (range.encoding != SimpleEncoding::utf8) return cx.keep(decode(cx, range));
  if (is_utf8(as_text(range.bytes))) return as_text(range.bytes);
  cx.fail(canon::utf8_problem(range.bytes));
  return {};
}

PointerPair store_string_into_range(Context& cx, std::string_view text) {
  if (cx.failed()) return {};
  if (text.size() > limits::max_string_bytes) {
    cx.fail("string too long");
    return {};
  }
  if (!is_utf8(text)) {
    cx.fail("a string of the host is not valid UTF-8");
    return {};
  }
  switch (cx.options().string_encoding) {
    case StringEncoding::utf8: return store_utf8(cx, text);
    case StringEncoding::utf16: return store_utf8_to_utf16(cx, text);
    case StringEncoding::latin1_utf16: return store_utf8_to_latin1_or_utf16(cx, text);
  }
  return {};
}

}  // namespace tenon::abi
