#pragma once

#include <string>
#include <vector>

#include "wasm/opcode.h"
#include "wasm/text/context.h"

// Instructions of the text format, flat and folded, to the binary format. Nesting is kept on a
// stack of its own, as long as the text needs; nothing recurses. What an instruction in parentheses
// encodes to waits there until its operands have been written.
namespace tenon::wasm::text {

class ExprParser {
 public:
  explicit ExprParser(Context& context) : context_(context), in_(context.in) {}

  // What a function's body needs, and constant expressions do not.
  void begin_function();
  NameMap& locals() { return locals_; }

  // wasm: text-instrs. Instructions up to the parenthesis that closes what they stand in, which is
  // left; without an `end`.
  void instructions(ByteWriter& out);
  // wasm: text-foldedinstr. A single one.
  void folded_instruction(ByteWriter& out);

  NameList take_labels() { return std::move(label_names_); }
  std::vector<BranchHint> take_hints() { return std::move(hints_); }
  // Of instructions, from offsets in what they were written to; where ModuleParts::keeps_marks.
  std::vector<SourceMark> take_marks() { return std::move(marks_); }

  // The 16 bytes of a vector: its shape, and its lanes.
  void vector(ByteWriter& out);

 private:
  struct Frame {
    enum class Kind : uint8_t {
      block,         // flat, up to `end`
      folded,        // its instruction follows the operands
      folded_block,  // up to `)`
      folded_if,     // the condition, then up to two arms
      arm,           // `(then` or `(else`
    };
    Kind kind;
    bool is_if = false;
    bool has_then = false;
    bool has_else = false;
    size_t deferred = 0;  // where its bytes begin
    size_t source = 0;    // of its word
    Token label;          // an id, or not
    std::optional<std::string> hint;
  };
  struct Label {
    std::string_view name;
    uint32_t shadowed = none;  // the outer label of the same name
  };
  static constexpr uint32_t none = UINT32_MAX;

  void run(ByteWriter& out, bool single);
  void open(ByteWriter& out);
  void open_arm(ByteWriter& out, std::string_view word);
  void open_block(ByteWriter& out, Opcode opcode, size_t source, bool is_folded);
  void close(ByteWriter& out);
  void word(ByteWriter& out);
  void flat_else(ByteWriter& out);
  void flat_end(ByteWriter& out);
  void repeat_label();
  void push_label(const Token& id);
  void pop_label();
  void end_block(ByteWriter& out);
  uint32_t label();
  uint32_t local();
  void read_hint();
  void misplaced_hint();
  void note_hint(std::optional<std::string>& hint, Opcode opcode, uint64_t offset);
  // What is written next to `out` stands at this offset of the source.
  void mark(const ByteWriter& out, size_t source) {
    if (context_.parts.keeps_marks) marks_.push_back({out.written(), source});
  }
  std::optional<Opcode> opcode();

  // An instruction with its immediates, without what is in it or before it.
  void plain(ByteWriter& out, Opcode opcode);
  void immediate(ByteWriter& out, Opcode opcode);
  void number(ByteWriter& out, Opcode opcode);
  void labels(ByteWriter& out);
  void memory_access(ByteWriter& out, Opcode opcode, bool has_lane);
  void memory_and_data(ByteWriter& out);
  void table_and_elem(ByteWriter& out);
  void two_of(ByteWriter& out, Space space);
  void lanes(ByteWriter& out);
  void reference_test(ByteWriter& out, Opcode opcode);
  void cast(ByteWriter& out);
  void select(ByteWriter& out);
  void catches(ByteWriter& out);
  void header(ByteWriter& out, Opcode opcode);

  Context& context_;
  Cursor& in_;
  std::vector<Frame> frames_;
  ByteWriter deferred_;

  NameMap locals_;
  std::vector<Label> labels_;
  NameMap label_ids_;  // to the innermost label of each name, or none
  uint32_t label_count_ = 0;
  NameList label_names_;
  std::vector<BranchHint> hints_;
  std::vector<SourceMark> marks_;
  std::optional<std::string> hint_;  // read, for the next instruction
};

}  // namespace tenon::wasm::text
