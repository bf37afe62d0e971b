// Counts the words of standard input and prints the most frequent ones: containers, strings,
// algorithms, new and delete, virtual calls and static initialization.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Order {
  virtual ~Order() = default;
  virtual bool before(const std::pair<std::string, int>& a,
                      const std::pair<std::string, int>& b) const = 0;
};

struct ByCount : Order {
  bool before(const std::pair<std::string, int>& a,
              const std::pair<std::string, int>& b) const override {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  }
};

const std::string banner = std::string(3, '=') + " words " + std::string(3, '=');

std::map<std::string, int> count_words() {
  std::map<std::string, int> counts;
  std::string word;
  for (int c; (c = getchar()) != EOF;) {
    if (std::isalpha(c)) {
      word += static_cast<char>(std::tolower(c));
    } else if (!word.empty()) {
      ++counts[word];
      word.clear();
    }
  }
  if (!word.empty()) ++counts[word];
  return counts;
}

}  // namespace

int main(int argc, char** argv) {
  size_t shown = argc > 1 ? std::stoul(argv[1]) : 3;
  auto counts = count_words();
  std::vector<std::pair<std::string, int>> ordered(counts.begin(), counts.end());
  std::unique_ptr<Order> order = std::make_unique<ByCount>();
  std::sort(ordered.begin(), ordered.end(),
            [&](const auto& a, const auto& b) { return order->before(a, b); });
  std::puts(banner.c_str());
  for (size_t i = 0; i < std::min(shown, ordered.size()); ++i) {
    std::printf("%5d %s\n", ordered[i].second, ordered[i].first.c_str());
  }
}
