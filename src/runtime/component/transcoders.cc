#include <limits>

#include "canon/transcode.h"
#include "component/plan/plan.h"
#include "runtime/component/trampolines.h"

// The string transcoders that compiled adapters call (component/plan/plan.h, TranscodeOp). Adapters
// have checked the ranges; they are checked again here, since this is where a mistake would write
// outside of a memory.
namespace tenon::runtime {
namespace {

using canon::Bytes;
using canon::MutableBytes;
using component::TranscodeOp;

// The call's parameters, and what it reads and writes.
class Transcoding {
 public:
  Transcoding(compiler::HostFunc* self, compiler::StoreContext* context)
      : builtin_(*static_cast<TranscodeBuiltin*>(self->environment)), context_(context) {
    for (int i = 0; i < 5; i++) arguments_[i] = context->call.gpr[i];
  }

  uint32_t length() const { return static_cast<uint32_t>(arguments_[1]); }
  uint32_t to_length() const { return static_cast<uint32_t>(arguments_[3]); }
  uint32_t latin1_length() const { return static_cast<uint32_t>(arguments_[4]); }

  // `length` code units of `unit` bytes at the source pointer, and `size` bytes at the destination.
  bool check(uint32_t unit, uint64_t size) {
    source_ = range(builtin_.from, arguments_[0], uint64_t{unit} * length());
    to_ = range(builtin_.to, arguments_[2], size);
    if (source_.data() && to_.data()) return true;
    fail("string content out-of-bounds");
    return false;
  }
  Bytes source() const { return source_; }
  MutableBytes to() const { return to_; }

  uint32_t fail(const char* message) {
    builtin_.store->raise(Trap::host(message));
    return 1;
  }
  uint32_t invalid_utf8() { return fail(canon::utf8_problem(source_)); }
  uint32_t invalid_utf16() { return fail("invalid utf-16"); }
  uint32_t done() { return 0; }
  uint32_t done(uint64_t result) {
    context_->call.gpr[0] = result;
    return 0;
  }
  uint32_t done(canon::Progress progress) {
    context_->call.gpr[0] = progress.read;
    context_->call.gpr[1] = progress.written;
    return 0;
  }

 private:
  static MutableBytes range(const TranscodeBuiltin::Side& side, uint64_t address, uint64_t size) {
    const abi::Memory& memory = *side.memory;
    uint64_t pointer = address & side.pointer_mask;
    if (pointer > memory.byte_length || size > memory.byte_length - pointer) return {};
    return {memory.base + pointer, static_cast<size_t>(size)};
  }

  TranscodeBuiltin& builtin_;
  compiler::StoreContext* context_;
  uint64_t arguments_[5];
  MutableBytes source_;
  MutableBytes to_;
};

uint32_t utf8_to_utf8(Transcoding& it) {
  if (!it.check(1, it.length())) return 1;
  return canon::copy_utf8(it.source(), it.to()) ? it.done() : it.invalid_utf8();
}

uint32_t utf16_to_utf16(Transcoding& it) {
  if (!it.check(2, uint64_t{2} * it.length())) return 1;
  return canon::copy_utf16(it.source(), it.to()) ? it.done() : it.invalid_utf16();
}

uint32_t latin1_to_utf16(Transcoding& it) {
  if (!it.check(1, uint64_t{2} * it.length())) return 1;
  canon::latin1_to_utf16(it.source(), it.to());
  return it.done();
}

uint32_t utf8_to_utf16(Transcoding& it) {
  if (!it.check(1, uint64_t{2} * it.length())) return 1;
  auto written = canon::utf8_to_utf16(it.source(), it.to());
  return written ? it.done(*written) : it.invalid_utf8();
}

// canon: store_string_to_utf8. A destination with one byte for each code unit gets nothing but
// ASCII: what would fit beside is written only when there is room for all.
uint32_t latin1_to_utf8(Transcoding& it) {
  if (!it.check(1, it.to_length())) return 1;
  bool is_first = it.to_length() == it.length();
  return it.done(is_first ? canon::latin1_to_ascii(it.source(), it.to())
                          : canon::latin1_to_utf8(it.source(), it.to()));
}

uint32_t utf16_to_utf8(Transcoding& it) {
  if (!it.check(2, it.to_length())) return 1;
  bool is_first = it.to_length() == it.length();
  auto progress = is_first ? canon::utf16_to_ascii(it.source(), it.to())
                           : canon::utf16_to_utf8(it.source(), it.to());
  return progress ? it.done(*progress) : it.invalid_utf16();
}

uint32_t utf8_to_latin1(Transcoding& it) {
  if (!it.check(1, it.length())) return 1;
  auto progress = canon::utf8_to_latin1(it.source(), it.to());
  return progress ? it.done(*progress) : it.invalid_utf8();
}

uint32_t utf16_to_latin1(Transcoding& it) {
  if (!it.check(2, it.length())) return 1;
  auto progress = canon::utf16_to_latin1(it.source(), it.to());
  return progress ? it.done(*progress) : it.invalid_utf16();
}

// Widens what is there, and checks that it fits: the rest goes behind it.
bool widen(Transcoding& it, uint32_t source_unit) {
  if (!it.check(source_unit, uint64_t{2} * it.to_length())) return false;
  if (it.latin1_length() > it.to_length()) {
    it.fail("string content out-of-bounds");
    return false;
  }
  canon::widen_latin1(it.to(), it.latin1_length());
  return true;
}

uint32_t utf8_to_compact_utf16(Transcoding& it) {
  if (!widen(it, 1)) return 1;
  auto written = canon::utf8_to_utf16(it.source(), it.to().subspan(size_t{2} * it.latin1_length()));
  return written ? it.done(it.latin1_length() + *written) : it.invalid_utf8();
}

uint32_t utf16_to_compact_utf16(Transcoding& it) {
  if (!widen(it, 2)) return 1;
  MutableBytes rest = it.to().subspan(size_t{2} * it.latin1_length());
  if (rest.size() < it.source().size()) return it.fail("string content out-of-bounds");
  if (!canon::copy_utf16(it.source(), rest)) return it.invalid_utf16();
  return it.done(uint64_t{it.latin1_length()} + it.length());
}

uint32_t utf16_to_probably_utf16(Transcoding& it) {
  if (!it.check(2, uint64_t{2} * it.length())) return 1;
  if (!canon::copy_utf16(it.source(), it.to())) return it.invalid_utf16();
  constexpr uint64_t tag = abi::utf16_tag(abi::CoreType::i32);
  return it.done(canon::narrow_utf16(it.to()) ? it.length() : it.length() | tag);
}

template <auto function>
uint32_t entry(compiler::HostFunc* self, compiler::StoreContext* context) {
  Transcoding it(self, context);
  return function(it);
}

}  // namespace

TrampolineFunction function_of(const component::Transcode& kind) {
  switch (kind.op) {
    case TranscodeOp::utf8_to_utf8: return entry<utf8_to_utf8>;
    case TranscodeOp::utf16_to_utf16: return entry<utf16_to_utf16>;
    case TranscodeOp::latin1_to_utf16: return entry<latin1_to_utf16>;
    case TranscodeOp::utf8_to_utf16: return entry<utf8_to_utf16>;
    case TranscodeOp::latin1_to_utf8: return entry<latin1_to_utf8>;
    case TranscodeOp::utf16_to_utf8: return entry<utf16_to_utf8>;
    case TranscodeOp::utf8_to_latin1: return entry<utf8_to_latin1>;
    case TranscodeOp::utf16_to_latin1: return entry<utf16_to_latin1>;
    case TranscodeOp::utf8_to_compact_utf16: return entry<utf8_to_compact_utf16>;
    case TranscodeOp::utf16_to_compact_utf16: return entry<utf16_to_compact_utf16>;
    case TranscodeOp::utf16_to_probably_utf16: return entry<utf16_to_probably_utf16>;
  }
  return nullptr;
}

}  // namespace tenon::runtime
