#include "base/limits.h"
#include "component/adapter/module.h"

// The function that moves one string. Every allocation, and every change of its size, is as the
// specification has it, so that a guest cannot tell adapters from it.
namespace tenon::component {
namespace {

// The tag that a transcoder returns.
constexpr auto narrow_tag = static_cast<int32_t>(abi::utf16_tag(FlatType::i32));

// The signatures that plan.h gives for each operation.
CoreSignature signature_of(TranscodeOp op, FlatType from, FlatType to) {
  auto make = [&](size_t params, size_t results) {
    CoreSignature signature{std::vector<FlatType>(params, FlatType::i32),
                            std::vector<FlatType>(results, FlatType::i32)};
    signature.params[0] = from;
    signature.params[2] = to;
    return signature;
  };
  switch (op) {
    case TranscodeOp::utf8_to_utf8:
    case TranscodeOp::utf16_to_utf16:
    case TranscodeOp::latin1_to_utf16: return make(3, 0);
    case TranscodeOp::utf8_to_utf16:
    case TranscodeOp::utf16_to_probably_utf16: return make(3, 1);
    case TranscodeOp::utf8_to_latin1:
    case TranscodeOp::utf16_to_latin1: return make(3, 2);
    case TranscodeOp::latin1_to_utf8:
    case TranscodeOp::utf16_to_utf8: return make(4, 2);
    case TranscodeOp::utf8_to_compact_utf16:
    case TranscodeOp::utf16_to_compact_utf16: return make(5, 1);
  }
  return {};
}

// Writes the body of one string function: parameters are pointer and tagged length, results the
// same.
class StringFunction {
 public:
  StringFunction(AdapterWriter& writer, Code& code, const Options& from, const Options& to)
      : writer_(writer),
        code_(code),
        from_(from),
        to_(to),
        length_(from.pointer == FlatType::i64 ? code->local(Core::i32) : tagged_length),
        destination_(code, kind_of(to.pointer)),
        read_(code, Core::i32),
        written_(code, Core::i32) {}

  void write() {
    switch (from_.string_encoding) {
      case StringEncoding::utf8: return from_utf8();
      case StringEncoding::utf16: return from_utf16();
      case StringEncoding::latin1_utf16: return from_latin1_utf16();
    }
  }

 private:
  static constexpr uint32_t source = 0;
  static constexpr uint32_t tagged_length = 1;

  void from_utf8() {
    check_source(1, 1);
    switch (to_.string_encoding) {
      case StringEncoding::utf8: return copy(TranscodeOp::utf8_to_utf8, 1, 1);
      case StringEncoding::utf16: return utf8_to_utf16();
      case StringEncoding::latin1_utf16:
        return to_latin1_or_utf16(1, TranscodeOp::utf8_to_latin1,
                                  TranscodeOp::utf8_to_compact_utf16);
    }
  }

  void from_utf16() {
    check_source(2, 2);
    switch (to_.string_encoding) {
      case StringEncoding::utf8: return to_utf8(TranscodeOp::utf16_to_utf8, 2, 3);
      case StringEncoding::utf16: return copy(TranscodeOp::utf16_to_utf16, 2, 2);
      case StringEncoding::latin1_utf16:
        return to_latin1_or_utf16(2, TranscodeOp::utf16_to_latin1,
                                  TranscodeOp::utf16_to_compact_utf16);
    }
  }

  void from_latin1_utf16() {
    bool is_64 = from_.pointer == FlatType::i64;
    auto push_tag = [&]() -> wasm::BodyBuilder& {
      return is_64 ? code_->i64_const(INT64_MIN) : code_->i32_const(narrow_tag);
    };
    code_->local_get(tagged_length);
    if (is_64) {
      push_tag().op(Opcode::i64_and).i64_const(0).op(Opcode::i64_ne);
    } else {
      push_tag().op(Opcode::i32_and);
    }
    code_->if_(writer_.module().type({{}, std::vector<Core>(2, to_wasm(to_.pointer))}));
    code_->local_get(tagged_length);
    push_tag().op(is_64 ? Opcode::i64_xor : Opcode::i32_xor).local_set(tagged_length);
    check_source(2, 2);
    switch (to_.string_encoding) {
      case StringEncoding::utf8: to_utf8(TranscodeOp::utf16_to_utf8, 2, 3); break;
      case StringEncoding::utf16: copy(TranscodeOp::utf16_to_utf16, 2, 2); break;
      case StringEncoding::latin1_utf16: utf16_to_probably_utf16(); break;
    }
    code_->else_();
    check_source(1, 2);
    switch (to_.string_encoding) {
      case StringEncoding::utf8: to_utf8(TranscodeOp::latin1_to_utf8, 1, 2); break;
      case StringEncoding::utf16: copy(TranscodeOp::latin1_to_utf16, 2, 2); break;
      case StringEncoding::latin1_utf16: copy_latin1(); break;
    }
    code_->end();
  }

  // canon: load_string_from_range
  void check_source(int32_t unit_size, int32_t alignment) {
    if (from_.pointer == FlatType::i64) {
      code_->local_get(tagged_length);
      code_.pop_length(from_.pointer, length_, limits::max_string_bytes,
                       AdapterTrap::string_too_long);
    }
    Scratch bytes(code_, Core::i64);
    code_->local_get(length_)
        .op(Opcode::i64_extend_i32_u)
        .i64_const(unit_size)
        .op(Opcode::i64_mul)
        .local_tee(bytes);
    code_->i64_const(static_cast<int64_t>(limits::max_string_bytes)).op(Opcode::i64_gt_u);
    code_.trap_if(AdapterTrap::string_too_long);
    code_->local_get(source).local_get(bytes).i32_const(alignment - 1);
    code_.cause(AdapterTrap::string_out_of_bounds).call(writer_.range_check(from_));
  }

  // Pushes `local * factor`.
  void scaled(uint32_t local, int32_t factor) {
    code_->local_get(local);
    if (factor != 1) code_->i32_const(factor).op(Opcode::i32_mul);
  }
  // Pushes the address in a local plus `local * factor`.
  void scaled_address(const Options& side, uint32_t address, uint32_t local, int32_t factor) {
    code_->local_get(address);
    scaled(local, factor);
    code_.extend_to(side.pointer);
    code_.pointer_add(side.pointer);
  }
  void call_realloc() {
    code_.cause(AdapterTrap::string_out_of_bounds)
        .call(writer_.realloc(to_))
        .local_set(destination_);
  }
  // destination = reallocate(0, 0, alignment, length * factor)
  void allocate(int32_t alignment, int32_t factor) {
    code_.pointer_const(to_.pointer, 0).i32_const(0).i32_const(alignment);
    scaled(length_, factor);
    call_realloc();
  }
  // destination = reallocate(destination, length * old_factor, alignment, size * factor)
  void reallocate(int32_t old_factor, int32_t alignment, uint32_t size, int32_t factor) {
    code_->local_get(destination_);
    scaled(length_, old_factor);
    code_->i32_const(alignment);
    scaled(size, factor);
    call_realloc();
  }
  // The same, unless the size would not change.
  void shrink(int32_t old_factor, int32_t alignment, uint32_t size, int32_t factor) {
    scaled(size, factor);
    scaled(length_, old_factor);
    code_->op(Opcode::i32_ne).if_();
    reallocate(old_factor, alignment, size, factor);
    code_->end();
  }
  void transcode(TranscodeOp op) {
    code_->call(writer_.trampoline(
        {signature_of(op, from_.pointer, to_.pointer), Transcode{op, *from_.memory, *to_.memory}}));
  }
  void return_pair(uint32_t size) {
    code_->local_get(destination_).local_get(size);
    code_.extend_to(to_.pointer);
  }
  // The same of a size that may have the tag, which is at the top of a pointer.
  void return_tagged_pair(uint32_t size) {
    if (to_.pointer == FlatType::i32) return return_pair(size);
    code_->local_get(destination_);
    code_->local_get(size).i32_const(~narrow_tag).op(Opcode::i32_and).op(Opcode::i64_extend_i32_u);
    code_->local_get(size).op(Opcode::i64_extend_i32_u).i64_const(32).op(Opcode::i64_shl);
    code_->i64_const(INT64_MIN).op(Opcode::i64_and).op(Opcode::i64_or);
  }

  // canon: store_string_copy
  void copy(TranscodeOp op, int32_t unit_size, int32_t alignment) {
    allocate(alignment, unit_size);
    code_->local_get(source).local_get(length_).local_get(destination_);
    transcode(op);
    return_pair(length_);
  }
  void copy_latin1() {
    allocate(2, 1);
    code_->local_get(destination_).local_get(source).local_get(length_);
    if (from_.pointer == to_.pointer) code_.extend_to(to_.pointer);
    code_->memory_copy(writer_.memory(*to_.memory), writer_.memory(*from_.memory));
    return_pair(length_);
  }

  // canon: store_utf8_to_utf16
  void utf8_to_utf16() {
    allocate(2, 2);
    code_->local_get(source).local_get(length_).local_get(destination_);
    transcode(TranscodeOp::utf8_to_utf16);
    code_->local_set(written_);
    shrink(2, 2, written_, 2);
    return_pair(written_);
  }

  // canon: store_string_to_utf8. First as if all were ASCII; what does not fit then gets the worst
  // case.
  void to_utf8(TranscodeOp op, int32_t source_unit, int32_t worst) {
    allocate(1, 1);
    code_->local_get(source).local_get(length_).local_get(destination_).local_get(length_);
    transcode(op);
    code_->local_set(written_).local_set(read_);
    code_->local_get(read_).local_get(length_).op(Opcode::i32_ne).if_();
    reallocate(1, 1, length_, worst);
    Scratch more(code_, Core::i32);
    scaled_address(from_, source, read_, source_unit);
    code_->local_get(length_).local_get(read_).op(Opcode::i32_sub);
    scaled_address(to_, destination_, written_, 1);
    scaled(length_, worst);
    code_->local_get(written_).op(Opcode::i32_sub);
    transcode(op);
    code_->local_set(more).drop();
    code_->local_get(written_).local_get(more).op(Opcode::i32_add).local_set(written_);
    shrink(worst, 1, written_, 1);
    code_->end();
    return_pair(written_);
  }

  // canon: store_string_to_latin1_or_utf16
  void to_latin1_or_utf16(int32_t source_unit, TranscodeOp to_latin1, TranscodeOp to_compact) {
    allocate(2, 1);
    code_->local_get(source).local_get(length_).local_get(destination_);
    transcode(to_latin1);
    code_->local_set(written_).local_set(read_);
    code_->local_get(read_).local_get(length_).op(Opcode::i32_eq).if_();
    shrink(1, 2, written_, 1);
    code_->else_();
    reallocate(1, 2, length_, 2);
    scaled_address(from_, source, read_, source_unit);
    code_->local_get(length_).local_get(read_).op(Opcode::i32_sub);
    code_->local_get(destination_).local_get(length_).local_get(written_);
    transcode(to_compact);
    code_->local_set(written_);
    shrink(2, 2, written_, 2);
    code_->local_get(written_).i32_const(narrow_tag).op(Opcode::i32_or).local_set(written_);
    code_->end();
    return_tagged_pair(written_);
  }

  // canon: store_probably_utf16_to_latin1_or_utf16
  void utf16_to_probably_utf16() {
    allocate(2, 2);
    code_->local_get(source).local_get(length_).local_get(destination_);
    transcode(TranscodeOp::utf16_to_probably_utf16);
    code_->local_tee(written_).i32_const(narrow_tag).op(Opcode::i32_and).op(Opcode::i32_eqz).if_();
    reallocate(2, 1, written_, 1);
    code_->end();
    return_tagged_pair(written_);
  }

  AdapterWriter& writer_;
  Code& code_;
  const Options& from_;
  const Options& to_;
  const uint32_t length_;  // in code units, without the tag; an i32
  Scratch destination_;
  Scratch read_;
  Scratch written_;
};

}  // namespace

void write_string_function(AdapterWriter& writer, Code& code, const Options& from,
                           const Options& to) {
  StringFunction(writer, code, from, to).write();
}

}  // namespace tenon::component
