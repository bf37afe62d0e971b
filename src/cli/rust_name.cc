#include "cli/rust_name.h"

#include <array>
#include <cstdint>

namespace tenon::cli {
namespace {

// Names come from guests: these bound what one of them can cost. A name can refer to parts of
// itself, and so be exponentially longer than its text.
constexpr size_t max_length = 4096;
constexpr int max_depth = 64;
constexpr int max_steps = 4096;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::string_view basic_type(char c) {
  constexpr std::array<std::string_view, 26> types = {
      "i8",    "bool", "char", "f64", "str",  "f32",  "",    "u8", "isize",
      "usize", "",     "i32",  "u32", "i128", "u128", "_",   "",   "",
      "i16",   "u16",  "()",   "...", "",     "i64",  "u64", "!"};
  return c >= 'a' && c <= 'z' ? types[static_cast<size_t>(c - 'a')] : std::string_view();
}

// A recursive descent over the grammar of RFC 2603; each function reads one of its symbols and
// appends its readable form. After the first failure nothing is read any more.
class Demangler {
 public:
  explicit Demangler(std::string_view text) : text_(text) {}

  std::optional<std::string> run() {
    path(true);
    // What follows is the crate that asked for this instance, or was added by a linker.
    if (failed_) return std::nullopt;
    return std::move(out_);
  }

 private:
  struct Identifier {
    uint64_t disambiguator = 0;
    std::string_view name;
  };

  bool fail() {
    failed_ = true;
    return false;
  }
  char next() {
    if (failed_ || at_ == text_.size()) return fail(), '\0';
    return text_[at_++];
  }
  bool accept(char c) {
    if (failed_ || at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void print(std::string_view text) {
    if (silent_ || failed_) return;
    if (out_.size() + text.size() > max_length) failed_ = true;
    if (!failed_) out_ += text;
  }

  // Every symbol that can contain others: counts what it costs.
  template <typename Body>
  void nested(Body body) {
    if (failed_ || depth_ == max_depth || ++steps_ > max_steps) {
      failed_ = true;
      return;
    }
    ++depth_;
    body();
    --depth_;
  }

  // `_` is 0, `0_` is 1.
  uint64_t base62() {
    uint64_t value = 0;
    if (accept('_')) return 0;
    for (;;) {
      char c = next();
      if (c == '_') return value + 1;
      uint64_t digit = 0;
      if (is_digit(c))
        digit = static_cast<uint64_t>(c - '0');
      else if (c >= 'a' && c <= 'z')
        digit = static_cast<uint64_t>(c - 'a') + 10;
      else if (c >= 'A' && c <= 'Z')
        digit = static_cast<uint64_t>(c - 'A') + 36;
      else
        return fail(), 0;
      if (value > (UINT64_MAX - 62) / 62) return fail(), 0;
      value = value * 62 + digit;
    }
  }
  uint64_t optional_base62(char tag) { return accept(tag) ? base62() + 1 : 0; }

  std::string_view undisambiguated_identifier() {
    accept('u');  // Punycode, which is shown as it is
    size_t length = 0;
    if (!accept('0')) {
      if (failed_ || at_ == text_.size() || !is_digit(text_[at_])) return fail(), "";
      while (at_ < text_.size() && is_digit(text_[at_])) {
        length = length * 10 + static_cast<size_t>(text_[at_++] - '0');
        if (length > text_.size()) return fail(), "";
      }
    }
    accept('_');
    if (failed_ || length > text_.size() - at_) return fail(), "";
    at_ += length;
    return text_.substr(at_ - length, length);
  }
  Identifier identifier() {
    uint64_t disambiguator = optional_base62('s');
    return {disambiguator, undisambiguated_identifier()};
  }

  // What was read before at another place.
  template <typename Symbol>
  void back_reference(Symbol symbol) {
    size_t start = at_ - 1;
    uint64_t target = base62();
    if (failed_ || target >= start) {
      failed_ = true;
      return;
    }
    if (silent_) return;
    size_t resume = at_;
    at_ = static_cast<size_t>(target);
    symbol();
    at_ = resume;
  }

  // In an expression, generic arguments stand behind `::`.
  void path(bool in_expression) {
    nested([&] {
      char tag = next();
      switch (tag) {
        case 'C': print(identifier().name); return;
        case 'M':
          impl_path();
          print("<");
          type();
          print(">");
          return;
        case 'X': impl_path(); [[fallthrough]];
        case 'Y':
          print("<");
          type();
          print(" as ");
          path(false);
          print(">");
          return;
        case 'N': nested_path(in_expression); return;
        case 'I':
          path(in_expression);
          if (in_expression) print("::");
          print("<");
          list([&] { generic_argument(); });
          print(">");
          return;
        case 'B': back_reference([&] { path(in_expression); }); return;
        default: fail();
      }
    });
  }

  // Where an impl stands says little; its type says all.
  void impl_path() {
    bool was_silent = silent_;
    silent_ = true;
    optional_base62('s');
    path(false);
    silent_ = was_silent;
  }

  void nested_path(bool in_expression) {
    char space = next();
    path(in_expression);
    Identifier id = identifier();
    if (space >= 'A' && space <= 'Z') {
      print("::{");
      print(space == 'C' ? "closure" : space == 'S' ? "shim" : std::string_view(&space, 1));
      if (!id.name.empty()) print(":");
      print(id.name);
      print("#" + std::to_string(id.disambiguator) + "}");
    } else if (space < 'a' || space > 'z') {
      fail();
    } else if (!id.name.empty()) {
      print("::");
      print(id.name);
    }
  }

  // Items up to `E`, with commas between.
  template <typename Item>
  size_t list(Item item) {
    size_t count = 0;
    while (!failed_ && !accept('E')) {
      if (count++ > 0) print(", ");
      item();
    }
    return count;
  }

  void generic_argument() {
    if (accept('L')) {
      base62();
      print("'_");
    } else if (accept('K')) {
      constant();
    } else {
      type();
    }
  }

  void type() {
    nested([&] {
      char tag = next();
      if (std::string_view basic = basic_type(tag); !basic.empty()) return print(basic);
      switch (tag) {
        case 'A':
          print("[");
          type();
          print("; ");
          constant();
          print("]");
          return;
        case 'S':
          print("[");
          type();
          print("]");
          return;
        case 'T': {
          print("(");
          size_t count = list([&] { type(); });
          print(count == 1 ? ",)" : ")");
          return;
        }
        case 'R':
        case 'Q':
          if (accept('L')) base62();
          print(tag == 'R' ? "&" : "&mut ");
          type();
          return;
        case 'P':
        case 'O':
          print(tag == 'P' ? "*const " : "*mut ");
          type();
          return;
        case 'F': function_type(); return;
        case 'D': dynamic_type(); return;
        case 'B': back_reference([&] { type(); }); return;
        default: --at_; path(false);
      }
    });
  }

  void function_type() {
    optional_base62('G');
    if (accept('U')) print("unsafe ");
    if (accept('K')) {
      print("extern \"");
      print(accept('C') ? "C" : undisambiguated_identifier());
      print("\" ");
    }
    print("fn(");
    list([&] { type(); });
    print(")");
    if (accept('u')) return;
    print(" -> ");
    type();
  }

  void dynamic_type() {
    print("dyn ");
    optional_base62('G');
    for (bool first = true; !failed_ && !accept('E'); first = false) {
      if (!first) print(" + ");
      path(false);
      bindings();
    }
    if (!accept('L')) fail();
    base62();
  }

  // The associated types of a trait, among its generic arguments.
  void bindings() {
    bool opened = false;
    while (accept('p')) {
      if (!opened && !silent_ && out_.ends_with('>')) {
        out_.pop_back();
        print(", ");
      } else {
        print(opened ? ", " : "<");
      }
      opened = true;
      print(undisambiguated_identifier());
      print(" = ");
      type();
    }
    if (opened) print(">");
  }

  void constant() {
    nested([&] {
      if (accept('B')) return back_reference([&] { constant(); });
      if (accept('p')) return print("_");
      if (basic_type(next()).empty()) {
        fail();
        return;
      }
      if (accept('n')) print("-");
      size_t start = at_;
      while (!failed_ && next() != '_') {
      }
      if (failed_) return;
      print("0x");
      print(text_.substr(start, at_ - 1 - start));
    });
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string out_;
  bool failed_ = false;
  bool silent_ = false;
  int depth_ = 0;
  int steps_ = 0;
};

}  // namespace

std::optional<std::string> readable_rust_name(std::string_view mangled) {
  // No version is the first, and the only one so far.
  if (!mangled.starts_with("_R") || mangled.size() < 3 || is_digit(mangled[2])) return std::nullopt;
  return Demangler(mangled.substr(2)).run();
}

}  // namespace tenon::cli
