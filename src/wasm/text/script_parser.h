#pragma once

#include <string>
#include <vector>

#include "wasm/text/cursor.h"
#include "wasm/text/script.h"

// The parser behind parse_script(). Failures stay in the cursor.
namespace tenon::wasm::text {

class ScriptParser {
 public:
  explicit ScriptParser(Cursor& in) : in_(in) {}

  bool at_command();
  std::vector<ScriptCommand> commands(int depth);

 private:
  ScriptCommand command(int depth);
  void module_command(ScriptCommand& made);
  ScriptModule module();
  void assert_module(ScriptCommand& made);
  void thread(ScriptCommand& made, int depth);
  ScriptAction action();
  ScriptAction nested_action();
  std::string optional_id();

  // `is_pattern`: results may leave something open.
  ScriptValue value(bool is_pattern);
  void number(ScriptValue& made, bool is_pattern);
  void vector(ScriptValue& made, bool is_pattern);
  uint64_t float_lane(int bits, NanPattern& nan, bool is_pattern);
  bool reference(ScriptValue& made, const Token& word, bool is_pattern);
  void component_value(ScriptValue& made, size_t begin);

  Cursor& in_;
};

}  // namespace tenon::wasm::text
