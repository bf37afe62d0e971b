#pragma once

#include <string>
#include <vector>

#include "wasm/text/body_printer.h"

// Instructions around their operands. An instruction takes as operands those that stand right
// before it, as many as its type asks for. Unfolding them gives the order of the binary back
// whatever they are, so that nothing depends on the types being right. Nothing recurses.
namespace tenon::wasm::text {

class FoldedPrinter {
 public:
  FoldedPrinter(Printer& to, BodyPrinter& body) : to_(to), module_(to.module()), body_(body) {}

  // A function's body, as BodyPrinter::lines.
  void function(Reader& in, uint64_t start, const BodyPrinter::Hints* hints, uint32_t type);
  // A constant expression in one line, as `(i32.add (i32.const 1) (i32.const 2))`; the number of
  // instructions that are no operands.
  size_t expression(Reader& in);

 private:
  using NodeId = uint32_t;
  struct Node {
    enum class Kind : uint8_t { plain, block, if_ };
    Kind kind = Kind::plain;
    std::string text;
    std::string hint;  // an annotation, or empty
    uint64_t offset = 0;
    uint64_t else_offset = 0;  // 0: no else
    std::string comment;       // in front of the closing parenthesis
    uint32_t results = 0;
    std::vector<NodeId> operands;
    std::vector<NodeId> body;
    std::vector<NodeId> otherwise;
  };
  struct Arity {
    uint32_t params = 0;
    uint32_t results = 0;
  };
  struct Frame {
    NodeId node = 0;  // of a block
    bool in_else = false;
    uint32_t label_arity = 0;
    std::vector<NodeId> list;
  };
  struct Task {
    enum class Kind : uint8_t { node, then, otherwise, close, close_arm };
    Kind kind;
    NodeId node;
  };

  void read(Reader& in, uint64_t start, const BodyPrinter::Hints* hints);
  void instruction(Reader& in, Opcode opcode, uint64_t offset, std::string hint);
  std::string operands_comment(std::string operands) const;
  void end_block();
  void print();
  void open(const Node& node, NodeId id, std::vector<Task>& tasks);
  void list(const std::vector<NodeId>& nodes, std::vector<Task>& tasks);
  std::string comment(std::string hint) const;

  // What an instruction takes and leaves; `in` stands at its immediates.
  Arity arity(Reader in, Opcode opcode) const;
  Arity arity_of_special(Reader& in, Opcode opcode) const;
  Arity branch(Reader& in, Opcode opcode) const;
  Arity type_arity(uint64_t type) const;
  Arity block_arity(Reader& in) const;
  uint32_t fields(uint32_t type) const;
  uint32_t label_arity(uint32_t depth) const;

  Printer& to_;
  const Module& module_;
  BodyPrinter& body_;
  std::vector<Node> nodes_;
  std::vector<Frame> frames_;
  bool end_is_invalid_ = false;
};

}  // namespace tenon::wasm::text
