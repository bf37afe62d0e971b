#pragma once

#include <functional>

#include "wasm/text/printer.h"
#include "wasm/validate/operand_types.h"

// Instructions as text: those of function bodies, a line each, and those of constant expressions.
// Decodes them itself and types nothing. Failures stay in the reader.
namespace tenon::wasm::text {

class BodyPrinter {
 public:
  explicit BodyPrinter(Printer& to) : to_(to) {}

  // A name space for the locals of the function at hand, the names of its labels, and what is known
  // of its operands, which may be null.
  void begin_function(const NameSpace* locals, std::span<const NamedIndex> labels,
                      OperandTypes* operands = nullptr);

  // The instructions up to and with the last `end`, which is not printed, a line each. `hints` by
  // offset from `start`.
  using Hints = std::map<uint64_t, std::string>;
  void lines(Reader& in, uint64_t start, const Hints* hints);
  // A constant expression in one line, as `i32.const 1 i32.const 2 i32.add`; the number of
  // instructions.
  uint32_t expression(Reader& in);

  // One instruction whose opcode has been read, as text after what is there.
  void instruction(Reader& in, Opcode opcode);

  // Blocks, for those who arrange instructions themselves.
  void push_label();
  void pop_label();
  uint32_t depth() const { return static_cast<uint32_t>(frames_.size()); }
  // Behind the header of a block: which label it is, when it has no name.
  void label_comment();
  // To be called behind each instruction: the operands that are there now, as `[i32 i64]`. Empty
  // where they were not asked for, and behind what is not valid.
  std::string operands();
  // The same for the `else` and `end` of those who print none: `(invalid)`, or empty.
  std::string operands_at_end();

 private:
  struct Frame {
    std::string id;         // empty: none
    uint32_t shadowed = 0;  // the outer frame of the same name, counted from 1
  };
  void immediate(Reader& in, Opcode opcode);
  void references(Reader& in, Opcode opcode);
  void space_index(Space space, uint32_t index);
  void default_index(Space space, uint32_t index);
  void pair(Space space, uint32_t first, uint32_t second);
  void label(uint32_t depth);
  void labels(Reader& in);
  void local(uint32_t index);
  void block_type(Reader& in);
  void memory_access(Reader& in, Opcode opcode);
  void vector(Reader& in);
  void cast(Reader& in);
  void catches(Reader& in);
  void select(Reader& in);
  std::string next_label_id();
  void operands_line(std::string_view operands);

  Printer& to_;
  const NameSpace* locals_ = nullptr;
  OperandTypes* operands_ = nullptr;
  std::span<const NamedIndex> label_names_;
  size_t next_label_name_ = 0;
  uint32_t label_count_ = 0;
  std::vector<Frame> frames_;
  std::map<std::string, uint32_t, std::less<>> label_ids_;  // innermost frame of a name, from 1
};

}  // namespace tenon::wasm::text
