#include "tests/canon/model.h"

namespace model {
namespace {

constexpr uint64_t max_byte_length = (uint64_t{1} << 28) - 1;

uint64_t align_to(uint64_t pointer, uint64_t alignment) {
  return (pointer + alignment - 1) / alignment * alignment;
}

uint64_t canonical_float(Kind kind, uint64_t bits) {
  if (kind == Kind::f32) return (bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : bits & 0xffffffff;
  bool is_nan = (bits & 0x7fffffffffffffff) > 0x7ff0000000000000;
  return is_nan ? 0x7ff8000000000000 : bits;
}

uint64_t scalar_size(Kind kind) {
  switch (kind) {
    case Kind::bool_:
    case Kind::s8:
    case Kind::u8: return 1;
    case Kind::s16:
    case Kind::u16: return 2;
    case Kind::s64:
    case Kind::u64:
    case Kind::f64: return 8;
    default: return 4;
  }
}

Core core_of(Kind kind) {
  switch (kind) {
    case Kind::s64:
    case Kind::u64: return Core::i64;
    case Kind::f32: return Core::f32;
    case Kind::f64: return Core::f64;
    default: return Core::i32;
  }
}

bool is_signed(Kind kind) {
  return kind == Kind::s8 || kind == Kind::s16 || kind == Kind::s32 || kind == Kind::s64;
}

uint64_t low(uint64_t value, uint64_t bytes) {
  return bytes == 8 ? value : value & ((uint64_t{1} << (8 * bytes)) - 1);
}

bool is_scalar_value(uint64_t code) {
  return code < 0x110000 && !(code >= 0xd800 && code <= 0xdfff);
}

// Nothing where the bytes are not well-formed.
std::optional<std::u32string> decode_utf8(const uint8_t* at, const uint8_t* end) {
  std::u32string text;
  while (at < end) {
    uint32_t lead = *at++;
    int more = lead < 0x80   ? 0
               : lead < 0xc2 ? -1
               : lead < 0xe0 ? 1
               : lead < 0xf0 ? 2
               : lead < 0xf5 ? 3
                             : -1;
    if (more < 0 || end - at < more) return std::nullopt;
    uint32_t code = more == 0 ? lead : lead & (0x3fu >> more);
    for (int i = 0; i < more; i++) {
      if ((*at & 0xc0) != 0x80) return std::nullopt;
      code = code << 6 | (*at++ & 0x3f);
    }
    uint32_t least = more == 2 ? 0x800 : more == 3 ? 0x10000 : 0;
    if (code < least || !is_scalar_value(code)) return std::nullopt;
    text += static_cast<char32_t>(code);
  }
  return text;
}

std::optional<std::u32string> decode_utf16(const uint8_t* at, const uint8_t* end) {
  std::u32string text;
  auto unit = [&] {
    uint32_t value = at[0] | at[1] << 8;
    at += 2;
    return value;
  };
  while (at < end) {
    uint32_t code = unit();
    if (code >= 0xd800 && code <= 0xdfff) {
      if (code >= 0xdc00 || at == end) return std::nullopt;
      uint32_t second = unit();
      if (second < 0xdc00 || second > 0xdfff) return std::nullopt;
      code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
    }
    text += static_cast<char32_t>(code);
  }
  return text;
}

Core join(Core a, Core b) {
  if (a == b) return a;
  if ((a == Core::i32 && b == Core::f32) || (a == Core::f32 && b == Core::i32)) return Core::i32;
  return Core::i64;
}

}  // namespace

std::vector<uint8_t> encode_utf8(const std::u32string& text) {
  std::vector<uint8_t> bytes;
  auto tail = [&](uint32_t bits) { bytes.push_back(static_cast<uint8_t>(0x80 | (bits & 0x3f))); };
  for (uint32_t c : text) {
    if (c < 0x80) {
      bytes.push_back(static_cast<uint8_t>(c));
    } else if (c < 0x800) {
      bytes.push_back(static_cast<uint8_t>(0xc0 | c >> 6));
      tail(c);
    } else if (c < 0x10000) {
      bytes.push_back(static_cast<uint8_t>(0xe0 | c >> 12));
      tail(c >> 6);
      tail(c);
    } else {
      bytes.push_back(static_cast<uint8_t>(0xf0 | c >> 18));
      tail(c >> 12);
      tail(c >> 6);
      tail(c);
    }
  }
  return bytes;
}

std::vector<uint8_t> encode_utf16(const std::u32string& text) {
  std::vector<uint8_t> bytes;
  auto unit = [&](uint32_t value) {
    bytes.push_back(static_cast<uint8_t>(value));
    bytes.push_back(static_cast<uint8_t>(value >> 8));
  };
  for (uint32_t c : text) {
    if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xd800 + ((c - 0x10000) >> 10));
      unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  }
  return bytes;
}

uint64_t discriminant_size(const Type& variant) {
  size_t cases = variant.parts.size();
  return cases <= 256 ? 1 : cases <= 65536 ? 2 : 4;
}

uint64_t flags_size(uint32_t labels) {
  return labels <= 8 ? 1 : labels <= 16 ? 2 : 4;
}

uint64_t Guest::max_case_alignment(const Type& type) const {
  uint64_t result = 1;
  for (const TypeRef& part : type.parts) {
    if (part) result = std::max(result, alignment(*part));
  }
  return result;
}

uint64_t Guest::alignment(const Type& type) const {
  switch (type.kind) {
    case Kind::string: return pointer_size;
    case Kind::list: return type.length ? alignment(*type.parts[0]) : pointer_size;
    case Kind::record: return max_case_alignment(type);
    case Kind::variant: return std::max(discriminant_size(type), max_case_alignment(type));
    case Kind::flags: return flags_size(type.labels);
    default: return scalar_size(type.kind);
  }
}

uint64_t Guest::elem_size(const Type& type) const {
  switch (type.kind) {
    case Kind::string: return 2 * pointer_size;
    case Kind::list:
      return type.length ? *type.length * elem_size(*type.parts[0]) : 2 * pointer_size;
    case Kind::record: {
      uint64_t size = 0;
      for (const TypeRef& part : type.parts)
        size = align_to(size, alignment(*part)) + elem_size(*part);
      return align_to(size, alignment(type));
    }
    case Kind::variant: {
      uint64_t payload = 0;
      for (const TypeRef& part : type.parts) {
        if (part) payload = std::max(payload, elem_size(*part));
      }
      uint64_t start = align_to(discriminant_size(type), max_case_alignment(type));
      return align_to(start + payload, alignment(type));
    }
    case Kind::flags: return flags_size(type.labels);
    default: return scalar_size(type.kind);
  }
}

std::vector<Core> Guest::flatten(const Type& type) const {
  std::vector<Core> flat;
  auto append = [&](const Type& part) {
    std::vector<Core> of_part = flatten(part);
    flat.insert(flat.end(), of_part.begin(), of_part.end());
  };
  switch (type.kind) {
    case Kind::string: return {pointer_type(), pointer_type()};
    case Kind::list:
      if (!type.length) return {pointer_type(), pointer_type()};
      for (uint32_t i = 0; i < *type.length; i++) append(*type.parts[0]);
      return flat;
    case Kind::record:
      for (const TypeRef& part : type.parts) append(*part);
      return flat;
    case Kind::variant:
      for (const TypeRef& part : type.parts) {
        if (!part) continue;
        std::vector<Core> of_case = flatten(*part);
        for (size_t i = 0; i < of_case.size(); i++) {
          if (i < flat.size()) {
            flat[i] = join(flat[i], of_case[i]);
          } else {
            flat.push_back(of_case[i]);
          }
        }
      }
      flat.insert(flat.begin(), Core::i32);
      return flat;
    case Kind::flags: return {Core::i32};
    default: return {core_of(type.kind)};
  }
}

uint64_t Guest::load_int(uint64_t pointer, uint64_t bytes) const {
  if (trapped) return 0;
  uint64_t value = 0;
  for (uint64_t i = 0; i < bytes; i++) value |= uint64_t{memory.at(pointer + i)} << (8 * i);
  return value;
}

void Guest::store_int(uint64_t value, uint64_t pointer, uint64_t bytes) {
  if (trapped) return;
  for (uint64_t i = 0; i < bytes; i++)
    memory.at(pointer + i) = static_cast<uint8_t>(value >> (8 * i));
}

uint64_t Guest::reallocate(TrapIf use, uint64_t old, uint64_t old_size, uint64_t alignment,
                           uint64_t new_size) {
  if (trapped) return 0;
  std::optional<uint64_t> result = realloc(old, old_size, alignment, new_size);
  trap_if(!result, TrapIf::realloc_trapped);
  if (trapped) return 0;
  trap_if(*result != align_to(*result, alignment), use);
  trap_if(*result > memory.size() || new_size > memory.size() - *result,
          static_cast<TrapIf>(static_cast<int>(use) + 1));
  return *result;
}

void Guest::put(uint64_t pointer, const std::vector<uint8_t>& bytes, size_t from) {
  if (trapped) return;
  for (size_t i = from; i < bytes.size(); i++) memory.at(pointer + i) = bytes[i];
}

// canon: load, lift_flat, of what is one core value
Value Guest::scalar(Kind kind, uint64_t bits) {
  uint64_t size = scalar_size(kind);
  Value value;
  value.bits = low(bits, size);
  switch (kind) {
    case Kind::bool_: value.bits = value.bits != 0; break;
    case Kind::f32:
    case Kind::f64:
      if (!keeps_nan_bits) value.bits = canonical_float(kind, value.bits);
      break;
    case Kind::char_:
      trap_if(value.bits >= 0x110000, TrapIf::char_too_large);
      trap_if(!is_scalar_value(value.bits), TrapIf::char_surrogate);
      break;
    default: break;
  }
  if (is_signed(kind) && size < 8 && (value.bits >> (8 * size - 1) & 1))
    value.bits |= ~low(~0ull, size);
  return value;
}

Value Guest::load(const Type& type, uint64_t pointer) {
  Value value;
  if (trapped) return value;
  switch (type.kind) {
    case Kind::string:
      return load_string(
          {load_int(pointer, pointer_size), load_int(pointer + pointer_size, pointer_size)});
    case Kind::list:
      if (type.length) return load_elements(*type.parts[0], pointer, *type.length);
      return load_list(
          type, {load_int(pointer, pointer_size), load_int(pointer + pointer_size, pointer_size)});
    case Kind::record:
      for (const TypeRef& part : type.parts) {
        pointer = align_to(pointer, alignment(*part));
        value.parts.push_back(load(*part, pointer));
        pointer += elem_size(*part);
      }
      return value;
    case Kind::variant: {
      value.bits = load_int(pointer, discriminant_size(type));
      trap_if(value.bits >= type.parts.size(), TrapIf::load_variant_case);
      if (trapped) return value;
      pointer = align_to(pointer + discriminant_size(type), max_case_alignment(type));
      if (const TypeRef& part = type.parts[value.bits]) value.parts.push_back(load(*part, pointer));
      return value;
    }
    case Kind::flags:
      value.bits = load_int(pointer, flags_size(type.labels)) & ((uint64_t{1} << type.labels) - 1);
      return value;
    case Kind::bool_: value.bits = load_int(pointer, 1) != 0; return value;
    default: return scalar(type.kind, load_int(pointer, scalar_size(type.kind)));
  }
}

void Guest::store(const Type& type, const Value& value, uint64_t pointer) {
  if (trapped) return;
  auto store_range = [&](Range range) {
    store_int(range.pointer, pointer, pointer_size);
    store_int(range.length, pointer + pointer_size, pointer_size);
  };
  switch (type.kind) {
    case Kind::string: return store_range(store_string(value));
    case Kind::list:
      if (type.length) return store_elements(*type.parts[0], value.parts, pointer);
      return store_range(store_list(type, value));
    case Kind::record:
      for (size_t i = 0; i < type.parts.size(); i++) {
        pointer = align_to(pointer, alignment(*type.parts[i]));
        store(*type.parts[i], value.parts[i], pointer);
        pointer += elem_size(*type.parts[i]);
      }
      return;
    case Kind::variant:
      store_int(value.bits, pointer, discriminant_size(type));
      pointer = align_to(pointer + discriminant_size(type), max_case_alignment(type));
      if (const TypeRef& part = type.parts[value.bits]) store(*part, value.parts[0], pointer);
      return;
    case Kind::flags: return store_int(value.bits, pointer, flags_size(type.labels));
    default: return store_int(value.bits, pointer, scalar_size(type.kind));
  }
}

Value Guest::load_elements(const Type& element, uint64_t pointer, uint64_t count) {
  Value value;
  for (uint64_t i = 0; i < count && !trapped; i++)
    value.parts.push_back(load(element, pointer + i * elem_size(element)));
  return value;
}

void Guest::store_elements(const Type& element, const std::vector<Value>& items, uint64_t pointer) {
  for (size_t i = 0; i < items.size() && !trapped; i++)
    store(element, items[i], pointer + i * elem_size(element));
}

Value Guest::load_list(const Type& type, Range range) {
  const Type& element = *type.parts[0];
  auto bytes = static_cast<unsigned __int128>(range.length) * elem_size(element);
  trap_if(bytes > max_byte_length, TrapIf::list_too_long);
  trap_if(range.pointer != align_to(range.pointer, alignment(element)), TrapIf::list_alignment);
  trap_if(static_cast<unsigned __int128>(range.pointer) + bytes > memory.size(),
          TrapIf::list_bounds);
  if (trapped) return {};
  return load_elements(element, range.pointer, range.length);
}

Guest::Range Guest::store_list(const Type& type, const Value& value) {
  const Type& element = *type.parts[0];
  uint64_t pointer = reallocate(TrapIf::store_list_alignment, 0, 0, alignment(element),
                                value.parts.size() * elem_size(element));
  store_elements(element, value.parts, pointer);
  return {pointer, value.parts.size()};
}

Value Guest::load_string(Range range) {
  bool is_utf16 = encoding == Encoding::utf16;
  uint64_t units = range.length;
  if (encoding == Encoding::latin1_utf16 && (units & tag()) != 0) {
    is_utf16 = true;
    units ^= tag();
  }
  auto bytes = static_cast<unsigned __int128>(units) * (is_utf16 ? 2 : 1);
  trap_if(bytes > max_byte_length, TrapIf::string_too_long);
  trap_if(encoding != Encoding::utf8 && range.pointer % 2 != 0, TrapIf::string_alignment);
  trap_if(static_cast<unsigned __int128>(range.pointer) + bytes > memory.size(),
          TrapIf::string_bounds);
  if (trapped) return {};
  const uint8_t* at = memory.data() + range.pointer;
  const uint8_t* end = at + static_cast<uint64_t>(bytes);
  std::optional<std::u32string> text = std::u32string(at, end);  // Latin-1
  if (is_utf16) {
    text = decode_utf16(at, end);
  } else if (encoding == Encoding::utf8) {
    text = decode_utf8(at, end);
  }
  trap_if(!text, TrapIf::string_malformed);
  Value value;
  if (text) value.text = std::move(*text);
  if (encoding == Encoding::utf16) value.source = Source::utf16;
  if (encoding == Encoding::latin1_utf16)
    value.source = is_utf16 ? Source::compact_utf16 : Source::latin1;
  return value;
}

// Of a string of the host, whose encoding is UTF-8.
Guest::Range Guest::store_string(const Value& value) {
  const std::u32string& text = value.text;
  std::vector<uint8_t> utf8 = encode_utf8(text), utf16 = encode_utf16(text);
  uint64_t units = value.source == Source::utf8     ? utf8.size()
                   : value.source == Source::latin1 ? text.size()
                                                    : utf16.size() / 2;
  switch (encoding) {
    case Encoding::utf8:
      if (value.source == Source::utf8) return store_string_copy(utf8, 1, units);
      return store_string_to_utf8(text, units, units * (value.source == Source::latin1 ? 2 : 3));
    case Encoding::utf16:
      if (value.source == Source::utf8) return store_utf8_to_utf16(text, units);
      return store_string_copy(utf16, 2, units);
    case Encoding::latin1_utf16: break;
  }
  if (value.source == Source::latin1)
    return store_string_copy(std::vector<uint8_t>(text.begin(), text.end()), 2, units);
  if (value.source == Source::compact_utf16) return store_probably_utf16(text, units);
  return store_to_latin1_or_utf16(text, units);
}

Guest::Range Guest::store_string_copy(const std::vector<uint8_t>& encoded, uint64_t alignment,
                                      uint64_t units) {
  uint64_t pointer = reallocate(TrapIf::string_copy_alignment, 0, 0, alignment, encoded.size());
  put(pointer, encoded);
  return {pointer, units};
}

Guest::Range Guest::store_string_to_utf8(const std::u32string& text, uint64_t code_units,
                                         uint64_t worst_case) {
  uint64_t pointer = reallocate(TrapIf::string_copy_alignment, 0, 0, 1, code_units);
  for (size_t i = 0; i < text.size(); i++) {
    if (trapped) return {};
    if (text[i] < 0x80) {
      memory.at(pointer + i) = static_cast<uint8_t>(text[i]);
      continue;
    }
    pointer = reallocate(TrapIf::string_copy_alignment, pointer, code_units, 1, worst_case);
    std::vector<uint8_t> encoded = encode_utf8(text);
    put(pointer, encoded, i);
    if (worst_case > encoded.size())
      pointer = reallocate(TrapIf::string_copy_alignment, pointer, worst_case, 1, encoded.size());
    return {pointer, encoded.size()};
  }
  return {pointer, code_units};
}

Guest::Range Guest::store_probably_utf16(const std::u32string& text, uint64_t code_units) {
  uint64_t bytes = 2 * code_units;
  uint64_t pointer = reallocate(TrapIf::string_copy_alignment, 0, 0, 2, bytes);
  put(pointer, encode_utf16(text));
  if (trapped) return {};
  for (char32_t c : text) {
    if (c >= 0x100) return {pointer, code_units | tag()};
  }
  for (uint64_t i = 0; i < code_units; i++) memory.at(pointer + i) = memory.at(pointer + 2 * i);
  pointer = reallocate(TrapIf::string_copy_alignment, pointer, bytes, 1, code_units);
  return {pointer, code_units};
}

Guest::Range Guest::store_utf8_to_utf16(const std::u32string& text, uint64_t code_units) {
  uint64_t worst_case = 2 * code_units;
  uint64_t pointer = reallocate(TrapIf::utf16_alignment, 0, 0, 2, worst_case);
  std::vector<uint8_t> encoded = encode_utf16(text);
  put(pointer, encoded);
  if (encoded.size() < worst_case)
    pointer = reallocate(TrapIf::utf16_shrink_alignment, pointer, worst_case, 2, encoded.size());
  return {pointer, encoded.size() / 2};
}

Guest::Range Guest::store_to_latin1_or_utf16(const std::u32string& text, uint64_t code_units) {
  uint64_t pointer = reallocate(TrapIf::latin1_alignment, 0, 0, 2, code_units);
  uint64_t written = 0;
  for (char32_t c : text) {
    if (trapped) return {};
    if (c < 0x100) {
      memory.at(pointer + written++) = static_cast<uint8_t>(c);
      continue;
    }
    uint64_t worst_case = 2 * code_units;
    pointer = reallocate(TrapIf::latin1_widen_alignment, pointer, code_units, 2, worst_case);
    if (trapped) return {};
    for (uint64_t j = written; j-- > 0;) {
      memory.at(pointer + 2 * j) = memory.at(pointer + j);
      memory.at(pointer + 2 * j + 1) = 0;
    }
    std::vector<uint8_t> encoded = encode_utf16(text);
    put(pointer, encoded, 2 * written);
    if (worst_case > encoded.size())
      pointer = reallocate(TrapIf::latin1_to_utf16_shrink_alignment, pointer, worst_case, 2,
                           encoded.size());
    return {pointer, encoded.size() / 2 | tag()};
  }
  if (written < code_units)
    pointer = reallocate(TrapIf::latin1_shrink_alignment, pointer, code_units, 2, written);
  return {pointer, written};
}

// `have` are the types of the values, which a variant around this type may have widened.
Value Guest::lift_flat(const Type& type, const std::vector<Core>& have, const uint64_t*& values) {
  Value value;
  if (trapped) return value;
  size_t next = 0;
  auto part = [&](const Type& of) {
    size_t count = flatten(of).size();
    std::vector<Core> slice(have.begin() + static_cast<ptrdiff_t>(next),
                            have.begin() + static_cast<ptrdiff_t>(next + count));
    next += count;
    return lift_flat(of, slice, values);
  };
  auto take = [&](Core want) {
    uint64_t bits = *values++;
    bool is_narrow = want == Core::i32 || want == Core::f32;
    (void)have;
    return is_narrow ? low(bits, 4) : bits;
  };
  switch (type.kind) {
    case Kind::string: {
      uint64_t pointer = take(pointer_type());
      return load_string({pointer, take(pointer_type())});
    }
    case Kind::list: {
      if (type.length) {
        for (uint32_t i = 0; i < *type.length; i++) value.parts.push_back(part(*type.parts[0]));
        return value;
      }
      uint64_t pointer = take(pointer_type());
      return load_list(type, {pointer, take(pointer_type())});
    }
    case Kind::record:
      for (const TypeRef& field : type.parts) value.parts.push_back(part(*field));
      return value;
    case Kind::variant: {
      const uint64_t* end = values + have.size();
      value.bits = take(Core::i32);
      trap_if(value.bits >= type.parts.size(), TrapIf::lift_flat_variant_case);
      if (trapped) return value;
      next = 1;
      if (const TypeRef& payload = type.parts[value.bits]) value.parts.push_back(part(*payload));
      values = end;
      return value;
    }
    case Kind::flags:
      value.bits = take(Core::i32) & ((uint64_t{1} << type.labels) - 1);
      return value;
    case Kind::bool_: value.bits = take(Core::i32) != 0; return value;
    default: return scalar(type.kind, take(core_of(type.kind)));
  }
}

std::vector<uint64_t> Guest::lower_flat(const Type& type, const Value& value) {
  std::vector<uint64_t> flat;
  auto append = [&](const Type& part, const Value& of) {
    std::vector<uint64_t> lowered = lower_flat(part, of);
    flat.insert(flat.end(), lowered.begin(), lowered.end());
  };
  auto range = [](Range of) { return std::vector<uint64_t>{of.pointer, of.length}; };
  switch (type.kind) {
    case Kind::string: return range(store_string(value));
    case Kind::list:
      if (!type.length) return range(store_list(type, value));
      for (const Value& item : value.parts) append(*type.parts[0], item);
      return flat;
    case Kind::record:
      for (size_t i = 0; i < type.parts.size(); i++) append(*type.parts[i], value.parts[i]);
      return flat;
    case Kind::variant:
      flat.push_back(value.bits);
      if (const TypeRef& part = type.parts[value.bits]) append(*part, value.parts[0]);
      flat.resize(flatten(type).size());
      return flat;
    case Kind::flags: return {value.bits};
    default: return {core_of(type.kind) == Core::i32 ? low(value.bits, 4) : value.bits};
  }
}

std::vector<Value> Guest::lift_values(size_t max_flat, const std::vector<TypeRef>& types,
                                      const std::vector<uint64_t>& flat) {
  Type tuple{Kind::record, Form::tuple, types, 0, {}};
  std::vector<Core> cores = flatten(tuple);
  if (cores.size() > max_flat) {
    uint64_t pointer = low(flat[0], pointer_size);
    trap_if(pointer != align_to(pointer, alignment(tuple)), TrapIf::lift_values_alignment);
    trap_if(pointer > memory.size() || elem_size(tuple) > memory.size() - pointer,
            TrapIf::lift_values_bounds);
    return load(tuple, pointer).parts;
  }
  const uint64_t* values = flat.data();
  return lift_flat(tuple, cores, values).parts;
}

std::vector<uint64_t> Guest::lower_values(size_t max_flat, const std::vector<TypeRef>& types,
                                          const std::vector<Value>& values) {
  Type tuple{Kind::record, Form::tuple, types, 0, {}};
  Value all;
  all.parts = values;
  if (flatten(tuple).size() <= max_flat) return lower_flat(tuple, all);
  uint64_t pointer =
      reallocate(TrapIf::lower_values_alignment, 0, 0, alignment(tuple), elem_size(tuple));
  store(tuple, all, pointer);
  return {pointer};
}

}  // namespace model
