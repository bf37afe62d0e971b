#include "wasm/text/script.h"

#include <algorithm>

#include "base/utf8.h"
#include "wasm/text/parse_module.h"
#include "wasm/text/script_parser.h"

namespace tenon::wasm::text {

namespace {

// How deep threads may stand within threads.
constexpr int max_thread_depth = 8;

struct AssertWord {
  std::string_view word;
  ScriptCommand::Kind kind;
};
constexpr AssertWord module_asserts[] = {
    {"assert_invalid", ScriptCommand::Kind::assert_invalid},
    {"assert_malformed", ScriptCommand::Kind::assert_malformed},
    {"assert_unlinkable", ScriptCommand::Kind::assert_unlinkable},
    {"assert_invalid_custom", ScriptCommand::Kind::assert_invalid_custom},
    {"assert_malformed_custom", ScriptCommand::Kind::assert_malformed_custom},
};

}  // namespace

bool ScriptParser::at_command() {
  constexpr std::string_view words[] = {
      "module", "component",         "register",         "invoke",
      "get",    "assert_return",     "assert_trap",      "thread",
      "wait",   "assert_exhaustion", "assert_exception", "assert_suspension"};
  if (!in_.at(Token::Kind::open)) return false;
  const Token& word = in_.peek_second();
  return word.kind == Token::Kind::keyword &&
         (std::ranges::find(words, word.text) != std::end(words) ||
          std::ranges::find(module_asserts, word.text, &AssertWord::word) !=
              std::end(module_asserts));
}

std::vector<ScriptCommand> ScriptParser::commands(int depth) {
  std::vector<ScriptCommand> list;
  while (in_.ok() && in_.at(Token::Kind::open)) list.push_back(command(depth));
  return list;
}

ScriptCommand ScriptParser::command(int depth) {
  ScriptCommand made;
  made.offset = in_.offset_of(in_.peek());
  in_.take();
  Token word = in_.peek();
  if (word.is_keyword("module") || word.is_keyword("component")) {
    module_command(made);
    return made;
  }
  if (word.is_keyword("invoke") || word.is_keyword("get")) {
    made.kind = ScriptCommand::Kind::action;
    made.action = action();
    return made;
  }
  in_.take();
  if (auto known = std::ranges::find(module_asserts, word.text, &AssertWord::word);
      known != std::end(module_asserts)) {
    made.kind = known->kind;
    assert_module(made);
  } else if (word.is_keyword("register")) {
    made.kind = ScriptCommand::Kind::register_;
    made.name = in_.name();
    made.id = optional_id();
  } else if (word.is_keyword("assert_return")) {
    made.kind = ScriptCommand::Kind::assert_return;
    made.action = nested_action();
    while (in_.at(Token::Kind::open)) made.results.push_back(value(true));
  } else if (word.is_keyword("assert_trap")) {
    made.kind = ScriptCommand::Kind::assert_trap;
    made.has_module = in_.at_open("module") || in_.at_open("component");
    if (made.has_module) {
      assert_module(made);
    } else {
      made.action = nested_action();
      made.message = in_.string();
    }
  } else if (word.is_keyword("assert_exhaustion") || word.is_keyword("assert_suspension")) {
    made.kind = word.is_keyword("assert_suspension") ? ScriptCommand::Kind::assert_suspension
                                                     : ScriptCommand::Kind::assert_exhaustion;
    made.action = nested_action();
    made.message = in_.string();
  } else if (word.is_keyword("assert_exception")) {
    made.kind = ScriptCommand::Kind::assert_exception;
    made.action = nested_action();
  } else if (word.is_keyword("thread")) {
    thread(made, depth);
  } else if (word.is_keyword("wait")) {
    made.kind = ScriptCommand::Kind::wait;
    made.id = optional_id();
  } else {
    in_.fail_at(word, "unknown operator " + std::string(word.text) + ", expected a command");
  }
  in_.expect_close();
  return made;
}

void ScriptParser::thread(ScriptCommand& made, int depth) {
  made.kind = ScriptCommand::Kind::thread;
  made.id = optional_id();
  while (in_.take_open("shared")) {
    in_.expect_open();
    in_.expect_keyword("module");
    made.shared.push_back(optional_id());
    in_.expect_close();
    in_.expect_close();
  }
  if (depth == max_thread_depth) return in_.unexpected("fewer threads within threads");
  made.commands = commands(depth + 1);
}

void ScriptParser::assert_module(ScriptCommand& made) {
  made.has_module = true;
  in_.expect_open();
  made.module = module();
  made.message = in_.string();
}

// `(module instance $i $m)`, or a module. The `(` has been taken.
void ScriptParser::module_command(ScriptCommand& made) {
  if (!in_.peek_second().is_keyword("instance")) {
    made.kind = ScriptCommand::Kind::module;
    made.has_module = true;
    made.module = module();
    return;
  }
  made.kind = ScriptCommand::Kind::instance;
  made.is_component = in_.take().text == "component";
  in_.take();
  made.id = optional_id();
  made.of_id = optional_id();
  in_.expect_close();
}

// Up to and with its closing parenthesis; the `(` has been taken.
ScriptModule ScriptParser::module() {
  ScriptModule made;
  Token word = in_.take();
  made.is_component = word.is_keyword("component");
  if (!made.is_component && !word.is_keyword("module")) {
    in_.fail_at(word, "unexpected token " + describe(word) + ", expected a module");
    return made;
  }
  made.is_definition = in_.take_keyword("definition");
  made.begin = in_.taken_end();
  made.id = optional_id();
  bool is_binary = in_.at_keyword("binary");
  if (is_binary || in_.at_keyword("quote")) {
    made.kind = is_binary ? ScriptModule::Kind::binary : ScriptModule::Kind::quote;
    in_.take();
    while (in_.at(Token::Kind::string)) append_string(in_.take().text, made.bytes);
    in_.expect_close();
  } else {
    in_.skip_form();
    made.end = in_.offset() - 1;
  }
  return made;
}

std::string ScriptParser::optional_id() {
  if (!in_.at(Token::Kind::id)) return {};
  Token id = in_.take();
  if (id.text[1] != '"') return std::string(id.text.substr(1));
  std::string name;
  append_string(id.text.substr(1), name);
  return name;
}

ScriptAction ScriptParser::nested_action() {
  in_.expect_open();
  return action();
}

// The `(` has been taken.
ScriptAction ScriptParser::action() {
  ScriptAction made;
  made.kind = in_.at_keyword("get") ? ScriptAction::Kind::get : ScriptAction::Kind::invoke;
  if (made.kind == ScriptAction::Kind::get) {
    in_.take();
  } else {
    in_.expect_keyword("invoke");
  }
  made.module_id = optional_id();
  made.name = in_.name();
  while (made.kind == ScriptAction::Kind::invoke && in_.at(Token::Kind::open))
    made.args.push_back(value(false));
  in_.expect_close();
  return made;
}

Result<std::vector<ScriptCommand>> parse_script(const Source& source) {
  size_t valid = utf8_valid_prefix(source.text);
  if (valid != source.text.size())
    return std::unexpected(error_at(source, valid, "malformed UTF-8 encoding"));
  Cursor in(source, 0, source.text.size());
  ScriptParser parser(in);
  std::vector<ScriptCommand> commands;
  if (in.at(Token::Kind::open) && !parser.at_command()) {
    ScriptCommand whole;
    whole.has_module = true;
    whole.module.end = source.text.size();
    commands.push_back(std::move(whole));
    return commands;
  }
  commands = parser.commands(0);
  if (in.ok() && !in.at_end()) in.unexpected("a command in parentheses");
  TRY_VOID(in.status());
  return commands;
}

Result<std::vector<uint8_t>> module_binary(const Source& source, const ScriptModule& module) {
  if (module.is_component)
    return fail(ErrorCode::malformed, "this is a component, not a core module");
  switch (module.kind) {
    case ScriptModule::Kind::text: return parse_module_body(source, module.begin, module.end);
    case ScriptModule::Kind::binary:
      return std::vector<uint8_t>(module.bytes.begin(), module.bytes.end());
    case ScriptModule::Kind::quote: return parse_module(Source{source.name, module.bytes});
  }
  return fail(ErrorCode::internal, "a module of no kind");
}

}  // namespace tenon::wasm::text
