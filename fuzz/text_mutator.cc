#include "fuzz/text_mutator.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/random.h"
#include "wasm/opcode.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace tenon::fuzz {

namespace {

using Tokens = std::vector<std::string_view>;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// Parentheses, strings, and runs of anything else.
Tokens split(std::string_view text) {
  Tokens tokens;
  for (size_t at = 0; at < text.size();) {
    size_t start = at;
    char c = text[at++];
    if (is_space(c)) continue;
    if (c == '"') {
      while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
      at = std::min(at + 1, text.size());
    } else if (c != '(' && c != ')') {
      while (at < text.size() && !is_space(text[at]) &&
             std::string_view("()\"").find(text[at]) == std::string_view::npos)
        ++at;
    }
    tokens.push_back(text.substr(start, at - start));
  }
  return tokens;
}

std::string join(const Tokens& tokens) {
  std::string text;
  for (std::string_view token : tokens) {
    if (!text.empty() && text.back() != '(' && token != ")") text += ' ';
    text += token;
  }
  return text;
}

// Behind the form that begins at `start`, or behind the token there.
size_t form_end(const Tokens& tokens, size_t start) {
  size_t depth = 0;
  for (size_t at = start; at < tokens.size(); ++at) {
    if (tokens[at] == "(") ++depth;
    if (tokens[at] == ")" && depth > 0) --depth;
    if (depth == 0) return at + 1;
  }
  return tokens.size();
}

constexpr std::string_view words[] = {"module",
                                      "func",
                                      "type",
                                      "import",
                                      "export",
                                      "table",
                                      "memory",
                                      "global",
                                      "elem",
                                      "data",
                                      "start",
                                      "tag",
                                      "param",
                                      "result",
                                      "local",
                                      "mut",
                                      "i32",
                                      "i64",
                                      "f32",
                                      "f64",
                                      "v128",
                                      "funcref",
                                      "externref",
                                      "anyref",
                                      "ref",
                                      "null",
                                      "any",
                                      "eq",
                                      "i31",
                                      "struct",
                                      "array",
                                      "field",
                                      "sub",
                                      "final",
                                      "rec",
                                      "shared",
                                      "pagesize",
                                      "declare",
                                      "offset",
                                      "item",
                                      "then",
                                      "else",
                                      "end",
                                      "catch",
                                      "catch_all",
                                      "catch_ref",
                                      "binary",
                                      "quote",
                                      "@custom",
                                      "@name",
                                      "@producers",
                                      "before",
                                      "after",
                                      "code",
                                      "offset=1",
                                      "align=2",
                                      "invoke",
                                      "get",
                                      "register",
                                      "assert_return",
                                      "assert_trap",
                                      "assert_invalid",
                                      "nan:canonical",
                                      "nan:0x1",
                                      "inf",
                                      "-nan",
                                      "0x1p-3",
                                      "1_000",
                                      "-0",
                                      "4294967295",
                                      "4294967296",
                                      "0xffffffffffffffff",
                                      "18446744073709551616",
                                      "$f",
                                      "$x",
                                      "\"a\"",
                                      "\"\\00\\u{7f}\"",
                                      "(;",
                                      ";)",
                                      ";;",
                                      "exn",
                                      "i8x16",
                                      "i16x8",
                                      "i32x4",
                                      "i64x2",
                                      "f32x4",
                                      "f64x2",
                                      "(",
                                      ")"};

std::string_view any_word(Random& random) {
  if (random.one_in(2)) return words[random.below(std::size(words))];
  return wasm::opcode_table[random.below(wasm::opcode_table.size())].text;
}

class TextMutator {
 public:
  TextMutator(Tokens& tokens, Random& random) : tokens_(tokens), random_(random) {}

  void run() {
    size_t at = random_.below(tokens_.size());
    switch (random_.below(8)) {
      case 0: return erase(at, at + 1);
      case 1: tokens_[at] = any_word(random_); return;
      case 2: return insert(at, Tokens{any_word(random_)});
      case 3: return std::swap(tokens_[at], tokens_[random_.below(tokens_.size())]);
      case 4: return insert(random_.below(tokens_.size() + 1), form(at));
      case 5: return erase(at, form_end(tokens_, at));
      case 6: {
        Tokens copy = form(at);
        size_t to = random_.below(tokens_.size());
        erase(to, form_end(tokens_, to));
        return insert(std::min(to, tokens_.size()), copy);
      }
      default: tokens_[at] = tokens_[random_.below(tokens_.size())];
    }
  }

 private:
  Tokens form(size_t at) const {
    constexpr size_t most = 200;
    size_t end = std::min(form_end(tokens_, at), at + most);
    return Tokens(tokens_.begin() + static_cast<ptrdiff_t>(at),
                  tokens_.begin() + static_cast<ptrdiff_t>(end));
  }
  void erase(size_t from, size_t to) {
    tokens_.erase(tokens_.begin() + static_cast<ptrdiff_t>(from),
                  tokens_.begin() + static_cast<ptrdiff_t>(to));
  }
  void insert(size_t at, const Tokens& added) {
    tokens_.insert(tokens_.begin() + static_cast<ptrdiff_t>(at), added.begin(), added.end());
  }

  Tokens& tokens_;
  Random& random_;
};

std::string_view view(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

size_t write(const std::string& text, uint8_t* to, size_t max_size) {
  size_t size = std::min(text.size(), max_size);
  std::copy_n(text.begin(), size, to);
  return size;
}

}  // namespace

size_t mutate_text(uint8_t* data, size_t size, size_t max_size, uint32_t seed) {
  Random random(seed);
  std::string text(view(data, size));
  Tokens tokens = split(text);
  if (tokens.empty() || random.one_in(6)) return LLVMFuzzerMutate(data, size, max_size);
  for (size_t n = 1 + random.below(3); n > 0 && !tokens.empty(); --n)
    TextMutator(tokens, random).run();
  return write(join(tokens), data, max_size);
}

size_t cross_texts(const uint8_t* data1, size_t size1, const uint8_t* data2, size_t size2,
                   uint8_t* out, size_t max_size, uint32_t seed) {
  Random random(seed);
  Tokens first = split(view(data1, size1));
  Tokens second = split(view(data2, size2));
  if (first.empty() || second.empty()) return 0;
  size_t from = random.below(second.size());
  size_t end = form_end(second, from);
  first.insert(first.begin() + static_cast<ptrdiff_t>(random.below(first.size() + 1)),
               second.begin() + static_cast<ptrdiff_t>(from),
               second.begin() + static_cast<ptrdiff_t>(end));
  return write(join(first), out, max_size);
}

}  // namespace tenon::fuzz
