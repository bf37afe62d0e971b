#include "wasm/text/expr_parser.h"

#include "wasm/binary/encode_types.h"
#include "wasm/text/keywords.h"
#include "wasm/text/section_names.h"
#include "wasm/text/type_parser.h"

// The nesting of instructions. Their immediates are in expr_immediates.cc.
namespace tenon::wasm::text {

namespace {

bool is_block(Opcode opcode) {
  return opcode == Opcode::block || opcode == Opcode::loop || opcode == Opcode::if_ ||
         opcode == Opcode::try_table;
}

}  // namespace

void ExprParser::begin_function() {
  locals_.clear();
  label_ids_.clear();
  labels_.clear();
  frames_.clear();
  deferred_.truncate(0);
  label_count_ = 0;
  label_names_.clear();
  hints_.clear();
  marks_.clear();
}

void ExprParser::instructions(ByteWriter& out) {
  run(out, false);
}

void ExprParser::folded_instruction(ByteWriter& out) {
  if (!in_.at(Token::Kind::open)) return in_.unexpected("an instruction in parentheses");
  run(out, true);
}

void ExprParser::run(ByteWriter& out, bool single) {
  while (in_.ok()) {
    read_hint();
    switch (in_.peek().kind) {
      case Token::Kind::open: open(out); break;
      case Token::Kind::close:
        if (frames_.empty()) {
          if (hint_) in_.unexpected("the branch that the hint is for");
          return;
        }
        close(out);
        if (single && frames_.empty()) return;
        break;
      case Token::Kind::keyword: word(out); break;
      case Token::Kind::end:
        if (frames_.empty()) return;
        return in_.unexpected(frames_.back().kind == Frame::Kind::block ? "`end`" : "`)`");
      default: return in_.unexpected("an instruction");
    }
  }
}

// wasm: the annotation @metadata.code.branch_hint
void ExprParser::read_hint() {
  while (auto annotation = in_.take_annotation(branch_hint_section_name)) {
    if (hint_) {
      return in_.fail_at(annotation->offset,
                         "@metadata.code.branch_hint annotation: duplicate annotation");
    }
    size_t begin = in_.offset_of(annotation->contents);
    Cursor inner(in_.source(), begin, begin + annotation->contents.size());
    hint_ = inner.string();
    if (!inner.ok() || !inner.at_end())
      in_.fail_at(begin, "@metadata.code.branch_hint annotation: expected one string");
  }
}

void ExprParser::misplaced_hint() {
  in_.fail_at(Token(in_.peek()),
              "@metadata.code.branch_hint annotation: invalid target, expected `if` or `br_if`");
}

void ExprParser::note_hint(std::optional<std::string>& hint, Opcode opcode, uint64_t offset) {
  if (!hint) return;
  if (opcode != Opcode::if_ && opcode != Opcode::br_if) return misplaced_hint();
  hints_.push_back({static_cast<uint32_t>(offset), std::move(*hint)});
  hint.reset();
}

std::optional<Opcode> ExprParser::opcode() {
  const Token& token = in_.peek();
  if (token.kind != Token::Kind::keyword) {
    in_.unexpected("an instruction");
    return std::nullopt;
  }
  auto opcode = find_instruction(token.text);
  if (!opcode || *opcode == Opcode::end || *opcode == Opcode::else_) {
    in_.unexpected("an instruction");
    return std::nullopt;
  }
  in_.take();
  return opcode;
}

// At `(`.
void ExprParser::open(ByteWriter& out) {
  bool in_if = !frames_.empty() && frames_.back().kind == Frame::Kind::folded_if;
  const Token& second = in_.peek_second();
  if (in_if && (second.is_keyword("then") || second.is_keyword("else")))
    return open_arm(out, second.text);
  if (in_if && frames_.back().has_then) return in_.unexpected("`)`");
  in_.take();
  size_t source = in_.offset();
  auto found = opcode();
  if (!found) return;
  if (is_block(*found)) return open_block(out, *found, source, true);
  Frame frame{.kind = Frame::Kind::folded,
              .deferred = deferred_.written(),
              .source = source,
              .label = {},
              .hint = {}};
  frame.hint.swap(hint_);
  frame.is_if = *found == Opcode::br_if;  // the only one with a hint
  if (frame.hint && !frame.is_if) return misplaced_hint();
  frames_.push_back(std::move(frame));
  plain(deferred_, *found);
}

void ExprParser::open_arm(ByteWriter& out, std::string_view word) {
  bool is_then = word == "then";
  Frame& frame = frames_.back();
  if (is_then ? frame.has_then : !frame.has_then || frame.has_else) return in_.unexpected("`)`");
  in_.take();
  size_t source = in_.offset();
  in_.take();
  if (is_then) {
    frame.has_then = true;
    note_hint(frame.hint, Opcode::if_, out.written());
    mark(out, frame.source);
    out.bytes(deferred_.view().subspan(frame.deferred));
    deferred_.truncate(frame.deferred);
    push_label(frame.label);
  } else {
    frame.has_else = true;
    mark(out, source);
    out.byte(info(Opcode::else_).first_byte());
  }
  frames_.push_back({.kind = Frame::Kind::arm, .label = {}, .hint = {}});
}

// A structured instruction, whose word has been taken: up to its type.
void ExprParser::open_block(ByteWriter& out, Opcode opcode, size_t source, bool is_folded) {
  Frame frame{.kind = is_folded ? Frame::Kind::folded_block : Frame::Kind::block,
              .is_if = opcode == Opcode::if_,
              .deferred = deferred_.written(),
              .source = source,
              .label = {},
              .hint = {}};
  if (in_.at(Token::Kind::id)) frame.label = in_.take();
  if (frame.is_if && is_folded) {
    frame.kind = Frame::Kind::folded_if;
    frame.hint.swap(hint_);
    header(deferred_, opcode);
  } else {
    note_hint(hint_, opcode, out.written());
    mark(out, source);
    header(out, opcode);
    push_label(frame.label);
  }
  frames_.push_back(std::move(frame));
}

void ExprParser::header(ByteWriter& out, Opcode opcode) {
  out.byte(info(opcode).first_byte());
  parse_block_type(context_, out);
  if (opcode == Opcode::try_table) catches(out);
}

// At `)`, in a frame.
void ExprParser::close(ByteWriter& out) {
  Frame& frame = frames_.back();
  switch (frame.kind) {
    case Frame::Kind::block: return in_.unexpected("`end`");
    case Frame::Kind::folded:
      if (hint_) return misplaced_hint();
      note_hint(frame.hint, Opcode::br_if, out.written());
      mark(out, frame.source);
      out.bytes(deferred_.view().subspan(frame.deferred));
      deferred_.truncate(frame.deferred);
      break;
    case Frame::Kind::folded_if:
      if (!frame.has_then) return in_.unexpected("`(then`");
      [[fallthrough]];
    case Frame::Kind::folded_block:
      mark(out, in_.offset());
      end_block(out);
      break;
    case Frame::Kind::arm: break;
  }
  frames_.pop_back();
  in_.take();
}

void ExprParser::end_block(ByteWriter& out) {
  out.byte(info(Opcode::end).first_byte());
  pop_label();
}

// At a keyword.
void ExprParser::word(ByteWriter& out) {
  bool in_condition = !frames_.empty() && frames_.back().kind == Frame::Kind::folded_if;
  if (in_condition) return in_.unexpected("`(`");
  if (in_.at_keyword("end")) return flat_end(out);
  if (in_.at_keyword("else")) return flat_else(out);
  size_t source = in_.offset();
  auto found = opcode();
  if (!found) return;
  if (is_block(*found)) return open_block(out, *found, source, false);
  note_hint(hint_, *found, out.written());
  mark(out, source);
  plain(out, *found);
}

void ExprParser::flat_else(ByteWriter& out) {
  if (frames_.empty() || frames_.back().kind != Frame::Kind::block || !frames_.back().is_if ||
      frames_.back().has_else)
    return in_.unexpected("an instruction");
  mark(out, in_.offset());
  in_.take();
  frames_.back().has_else = true;
  out.byte(info(Opcode::else_).first_byte());
  repeat_label();
}

void ExprParser::flat_end(ByteWriter& out) {
  if (frames_.empty() || frames_.back().kind != Frame::Kind::block)
    return in_.unexpected(frames_.empty() ? "an instruction or `)`" : "`)`");
  mark(out, in_.offset());
  in_.take();
  repeat_label();
  if (!in_.ok()) return;
  end_block(out);
  frames_.pop_back();
}

// The identifier that may follow `else` and `end`.
void ExprParser::repeat_label() {
  if (!in_.at(Token::Kind::id)) return;
  Token again = in_.take();
  const Token& first = frames_.back().label;
  if (first.kind == Token::Kind::id && context_.kept_name(first) == context_.kept_name(again))
    return;
  in_.fail_at(again, "mismatching label " + std::string(again.text));
}

void ExprParser::push_label(const Token& id) {
  Label label;
  if (id.kind == Token::Kind::id) {
    label.name = context_.kept_name(id);
    auto depth = static_cast<uint32_t>(labels_.size());
    if (!label_ids_.add(label.name, depth)) {
      uint32_t* outer = label_ids_.find(label.name);
      label.shadowed = *outer;
      *outer = depth;
    }
    label_names_.push_back({label_count_, label.name});
  }
  labels_.push_back(label);
  ++label_count_;
}

void ExprParser::pop_label() {
  const Label& label = labels_.back();
  if (!label.name.empty()) *label_ids_.find(label.name) = label.shadowed;
  labels_.pop_back();
}

// wasm: text-labelidx
uint32_t ExprParser::label() {
  if (!in_.at(Token::Kind::id)) return in_.u32();
  Token id = in_.take();
  uint32_t* depth = context_.lookup(label_ids_, id);
  if (depth == nullptr || *depth == none) {
    context_.unknown(id, "label");
    return 0;
  }
  return static_cast<uint32_t>(labels_.size()) - 1 - *depth;
}

// wasm: text-localidx
uint32_t ExprParser::local() {
  if (!in_.at(Token::Kind::id)) return in_.u32();
  Token id = in_.take();
  uint32_t* index = context_.lookup(locals_, id);
  if (index == nullptr) {
    context_.unknown(id, "local");
    return 0;
  }
  return *index;
}

}  // namespace tenon::wasm::text
