#include "wasm/text/field_scan.h"

#include <fmt/format.h>

namespace tenon::wasm::text {

namespace {

class Scanner {
 public:
  explicit Scanner(Context& context) : context_(context), in_(context.in) {}

  FieldScan run() {
    while (in_.at(Token::Kind::open)) field();
    if (!in_.at_end()) in_.unexpected("a field of a module in parentheses");
    return std::move(scan_);
  }

 private:
  void field() {
    size_t begin = in_.offset_of(in_.peek());
    in_.take();
    Token word = in_.peek();
    if (in_.take_keyword("type")) {
      scan_.types.push_back(begin);
      define(Space::type);
      return in_.skip_form();
    }
    if (in_.take_keyword("rec")) return group(begin);
    if (in_.take_keyword("import")) return import();
    for (const Definition& known : definitions) {
      if (in_.take_keyword(known.word)) return definition(word, known.space);
    }
    if (in_.take_keyword("elem")) return segment(Space::elem);
    if (in_.take_keyword("data")) return segment(Space::data);
    if (in_.take_keyword("export") || in_.take_keyword("start")) return in_.skip_form();
    if (word.kind != Token::Kind::keyword) return in_.unexpected("the name of a field");
    in_.fail_at(word, "unknown operator " + std::string(word.text));
  }

  void group(size_t begin) {
    scan_.types.push_back(begin);
    while (in_.take_open("type")) {
      define(Space::type);
      in_.skip_form();
    }
    in_.expect_close();
  }

  void segment(Space space) {
    define(space);
    in_.skip_form();
  }

  void import() {
    Token place = in_.peek();
    in_.string();
    in_.string();
    in_.expect_open();
    for (const Definition& known : definitions) {
      if (!in_.take_keyword(known.word)) continue;
      check_order(place);
      define(known.space);
      in_.skip_form();
      return in_.expect_close();
    }
    in_.unexpected("`func`, `table`, `memory`, `global` or `tag`");
  }

  // wasm: text-func-abbrev and its like. With imports, exports and segments inside.
  void definition(const Token& word, Space space) {
    define(space);
    while (in_.take_open("export")) in_.skip_form();
    if (in_.at_open("import")) {
      check_order(word);
    } else if (first_definition_.empty()) {
      first_definition_ = word.text == "func" ? "function" : word.text;
    }
    if (space == Space::table) count_inline("elem", Space::elem);
    if (space == Space::memory) count_inline("data", Space::data);
    in_.skip_form();
  }

  // A segment that is written within the table or memory that it fills has an index, too.
  void count_inline(std::string_view word, Space space) {
    while (in_.ok() && !in_.at_close() && !in_.at_end()) {
      if (in_.at_open(word)) {
        ++context_.parts.space(space).size;
        return;
      }
      if (in_.take().kind == Token::Kind::open) in_.skip_form();
    }
  }

  // wasm: aux-ordered
  void check_order(const Token& place) {
    if (!first_definition_.empty())
      in_.fail_at(place, fmt::format("import after {}", first_definition_));
  }

  void define(Space space) {
    IndexSpace& indices = context_.parts.space(space);
    uint32_t index = indices.size++;
    if (!in_.at(Token::Kind::id)) return;
    Token id = in_.take();
    if (!indices.ids.add(context_.kept_name(id), index))
      in_.fail_at(id, fmt::format("duplicate {} {}", indices.what, id.text));
  }

  struct Definition {
    std::string_view word;
    Space space;
  };
  static constexpr Definition definitions[] = {{"func", Space::func},
                                               {"table", Space::table},
                                               {"memory", Space::memory},
                                               {"global", Space::global},
                                               {"tag", Space::tag}};
  Context& context_;
  Cursor& in_;
  FieldScan scan_;
  std::string_view first_definition_;
};

}  // namespace

FieldScan scan_fields(Context& context) {
  return Scanner(context).run();
}

}  // namespace tenon::wasm::text
