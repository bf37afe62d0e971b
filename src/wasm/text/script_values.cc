#include <algorithm>

#include "wasm/text/keywords.h"
#include "wasm/text/script_parser.h"

// Arguments and expected results.
namespace tenon::wasm::text {

namespace {

std::optional<HeapType> heap_of_word(std::string_view word) {
  auto known = std::ranges::find(heap_words, word, &HeapWord::word);
  if (known == std::end(heap_words)) return std::nullopt;
  return HeapType(known->type);
}

}  // namespace

ScriptValue ScriptParser::value(bool is_pattern) {
  ScriptValue made;
  size_t begin = in_.offset_of(in_.peek());
  in_.expect_open();
  Token word = in_.peek();
  struct NumberWord {
    std::string_view word;
    ScriptValue::Kind kind;
  };
  constexpr NumberWord numbers[] = {{"i32.const", ScriptValue::Kind::i32},
                                    {"i64.const", ScriptValue::Kind::i64},
                                    {"f32.const", ScriptValue::Kind::f32},
                                    {"f64.const", ScriptValue::Kind::f64}};
  auto known = std::ranges::find(numbers, word.text, &NumberWord::word);
  if (known != std::end(numbers)) {
    in_.take();
    made.kind = known->kind;
    number(made, is_pattern);
  } else if (word.is_keyword("v128.const")) {
    in_.take();
    vector(made, is_pattern);
  } else if (word.is_keyword("either") && is_pattern) {
    in_.take();
    made.kind = ScriptValue::Kind::either;
    while (in_.at(Token::Kind::open)) {
      if (in_.at_open("either")) {
        in_.unexpected("a value that is no choice itself");
        return made;
      }
      made.alternatives.push_back(value(true));
    }
  } else if (!reference(made, word, is_pattern)) {
    component_value(made, begin);
    return made;
  }
  in_.expect_close();
  return made;
}

// A value of a component is kept as it is written.
void ScriptParser::component_value(ScriptValue& made, size_t begin) {
  if (!in_.at(Token::Kind::keyword)) return in_.unexpected("a value");
  in_.take();
  made.kind = ScriptValue::Kind::component;
  in_.skip_form();
  made.text = in_.source().text.substr(begin, in_.offset() - begin);
}

void ScriptParser::number(ScriptValue& made, bool is_pattern) {
  switch (made.kind) {
    case ScriptValue::Kind::i32: made.bits = in_.integer(32); break;
    case ScriptValue::Kind::i64: made.bits = in_.integer(64); break;
    case ScriptValue::Kind::f32: made.bits = float_lane(32, made.nans[0], is_pattern); break;
    default: made.bits = float_lane(64, made.nans[0], is_pattern);
  }
}

uint64_t ScriptParser::float_lane(int bits, NanPattern& nan, bool is_pattern) {
  if (is_pattern && in_.take_keyword("nan:canonical")) {
    nan = NanPattern::canonical;
    return 0;
  }
  if (is_pattern && in_.take_keyword("nan:arithmetic")) {
    nan = NanPattern::arithmetic;
    return 0;
  }
  return bits == 32 ? in_.f32() : in_.f64();
}

void ScriptParser::vector(ScriptValue& made, bool is_pattern) {
  struct Shape {
    std::string_view word;
    uint8_t lane_bits;
    bool is_float;
  };
  constexpr Shape shapes[] = {{"i8x16", 8, false},  {"i16x8", 16, false}, {"i32x4", 32, false},
                              {"i64x2", 64, false}, {"f32x4", 32, true},  {"f64x2", 64, true}};
  made.kind = ScriptValue::Kind::v128;
  auto shape = std::ranges::find(shapes, in_.peek().text, &Shape::word);
  if (shape == std::end(shapes)) return in_.unexpected("the shape of a vector");
  in_.take();
  made.lane_bits = shape->lane_bits;
  made.is_float_shape = shape->is_float;
  int bits = shape->lane_bits;
  for (int at = 0; at < 128 && in_.ok(); at += bits) {
    uint64_t lane = shape->is_float
                        ? float_lane(bits, made.nans[static_cast<size_t>(at / bits)], is_pattern)
                        : in_.integer(bits);
    uint64_t& half = at < 64 ? made.bits : made.high;
    half |= lane << (at % 64);
  }
}

// False when the word is none of a reference.
bool ScriptParser::reference(ScriptValue& made, const Token& word, bool is_pattern) {
  if (!word.is(Token::Kind::keyword) || !word.text.starts_with("ref.")) return false;
  in_.take();
  std::string_view what = word.text.substr(4);
  if (what == "null") {
    made.kind = ScriptValue::Kind::ref_null;
    if (in_.at(Token::Kind::keyword)) {
      made.heap = heap_of_word(in_.peek().text);
      if (!made.heap) in_.unexpected("a heap type");
      in_.take();
    } else if (!is_pattern) {
      in_.unexpected("a heap type");
    }
    return true;
  }
  if (what == "extern" || what == "host") {
    made.kind = what == "extern" ? ScriptValue::Kind::ref_extern : ScriptValue::Kind::ref_host;
    made.has_number = in_.at(Token::Kind::number);
    if (made.has_number) {
      made.bits = in_.u32();
    } else if (!is_pattern) {
      in_.unexpected("a number");
    }
    return true;
  }
  made.kind = ScriptValue::Kind::ref;
  made.heap = heap_of_word(what);
  if (!made.heap || !is_pattern) in_.fail_at(word, "unexpected token " + describe(word));
  made.has_number = what == "func" && in_.at(Token::Kind::number);
  if (made.has_number) made.bits = in_.u32();
  return true;
}

}  // namespace tenon::wasm::text
