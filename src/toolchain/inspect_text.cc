#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "toolchain/inspect.h"

namespace tenon::toolchain {
namespace {

using Kind = JointNode::Kind;

std::string_view plural(std::string_view kind) {
  if (kind == "func") return "functions";
  if (kind == "memory") return "memories";
  if (kind == "interface") return "interfaces";
  if (kind == "resource") return "resources";
  if (kind == "type") return "types";
  if (kind == "table") return "tables";
  if (kind == "global") return "globals";
  if (kind == "tag") return "tags";
  return kind == "module" ? "modules" : "components";
}
std::string_view singular(std::string_view kind) {
  return kind == "func" ? "function" : kind;
}

std::string titled(std::string_view what, uint32_t index, std::string_view name) {
  std::string text = fmt::format("{} {}", what, index);
  if (!name.empty()) text += fmt::format(" (`{}`)", printable(name));
  return text;
}

class Tree {
 public:
  explicit Tree(const TreeOptions& options) : options_(options) {}

  // Recursion is bounded by limits::max_component_depth.
  void part(const InspectedPart& part, std::string_view title) {
    std::string text = fmt::format("{}, {} bytes", title, grouped(part.size));
    if (!part.is_component) text += ": " + summary_of(part.facts);
    line(text);
    ++depth_;
    items("imports", part.imports, part.is_component || options_.full);
    items("exports", part.exports, part.is_component || options_.full);
    for (const InspectedPart& inner : part.parts) this->part(inner, title_of(inner));
    joints(part);
    --depth_;
  }

  void grants(const std::vector<Grant>& grants) {
    if (grants.empty()) return;
    line("grants");
    ++depth_;
    for (const Grant& grant : grants) {
      std::string names;
      for (const std::string& name : grant.names)
        names += (names.empty() ? "" : ", ") + printable(name);
      std::string_view label = grant.option;
      if (grant.kind == Grant::Kind::always) label = "always";
      if (label.empty()) label = "none";
      std::string text = fmt::format("{:<26} {}", label, grant.what);
      if (grant.kind != Grant::Kind::always) text += ": " + names;
      line(text);
    }
    --depth_;
  }

  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view text) {
    fmt::format_to(std::back_inserter(out_), "{:{}}{}\n", "", size_t{2} * depth_, text);
  }

  void items(std::string_view title, const std::vector<InspectedItem>& items, bool listed) {
    if (items.empty()) return;
    bool has_groups = std::ranges::any_of(items, [](const auto& it) { return !it.items.empty(); });
    if (!listed && !has_groups) return line(fmt::format("{}: {}", title, summary_of(items)));
    line(title);
    ++depth_;
    for (const InspectedItem& item : items) {
      line(fmt::format("{}: {}", printable(item.name), summary_of(item)));
      if (!options_.full) continue;
      ++depth_;
      for (const InspectedItem& inner : item.items)
        line(fmt::format("{}: {}", printable(inner.name), summary_of(inner)));
      --depth_;
    }
    --depth_;
  }

  void joints(const InspectedPart& part) {
    std::vector<std::string> given = givers(part);
    bool has_title = false;
    for (size_t i = 0; i < part.nodes.size(); ++i) {
      const JointNode& node = part.nodes[i];
      bool is_instance = node.kind == Kind::core_instance || node.kind == Kind::instance;
      if (!is_instance && node.kind != Kind::export_) continue;
      if (!has_title) line("joints");
      has_title = true;
      std::string text = title_of(node);
      for (const JointEdge& edge : part.edges) {
        if (edge.to == i && edge.is_definition) text += " = " + title_of(part.nodes[edge.from]);
      }
      if (!given[i].empty()) text += " <- " + given[i];
      ++depth_;
      line(text);
      --depth_;
    }
  }

  const TreeOptions& options_;
  std::string out_;
  uint32_t depth_ = 0;
};

}  // namespace

std::string grouped(uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string title_of(const InspectedPart& part) {
  return titled(part.is_component ? "component" : "core module", part.index, part.name);
}

std::string title_of(const JointNode& node) {
  switch (node.kind) {
    case Kind::import: return fmt::format("import `{}`", printable(node.name));
    case Kind::export_: return fmt::format("export `{}`", printable(node.name));
    case Kind::module:
      return titled(node.is_outer ? "outer core module" : "core module", node.index, node.name);
    case Kind::component:
      return titled(node.is_outer ? "outer component" : "component", node.index, node.name);
    case Kind::core_instance: return titled("core instance", node.index, node.name);
    case Kind::instance: return titled("instance", node.index, node.name);
  }
  return {};
}

std::string summary_of(const std::vector<InspectedItem>& items) {
  std::vector<std::pair<std::string_view, size_t>> counts;
  for (const InspectedItem& item : items) {
    auto found = std::ranges::find(counts, item.kind, &std::pair<std::string_view, size_t>::first);
    if (found == counts.end()) found = counts.insert(found, {item.kind, 0});
    ++found->second;
  }
  std::string text;
  for (auto [kind, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(count),
                        count == 1 ? singular(kind) : plural(kind));
  }
  return text;
}

std::string summary_of(const InspectedItem& item) {
  if (!item.type.empty()) return item.kind == "type" ? "type " + item.type : item.type;
  bool is_group = item.kind == "interface" || !item.items.empty();
  if (!is_group) return std::string(singular(item.kind));
  if (item.items.empty()) return item.kind;
  return summary_of(item.items);
}

std::string summary_of(const ModuleFacts& facts) {
  std::string text = fmt::format("{} {}", grouped(facts.functions),
                                 facts.functions == 1 ? "function" : "functions");
  auto add = [&](const char* what, uint64_t bytes) {
    if (bytes > 0) text += fmt::format("; {} {} bytes", what, grouped(bytes));
  };
  add("code", facts.code_bytes);
  add("data", facts.data_bytes);
  add("custom", facts.custom_bytes);
  for (const std::string& memory : facts.memories) text += "; memory of " + memory;
  return text;
}

std::vector<std::string> givers(const InspectedPart& part) {
  std::vector<std::string> given(part.nodes.size());
  for (const JointEdge& edge : part.edges) {
    if (edge.count == 0) continue;
    std::string& text = given[edge.to];
    if (!text.empty()) text += ", ";
    text += title_of(part.nodes[edge.from]);
    if (edge.count > 1) text += fmt::format(" ({})", grouped(edge.count));
  }
  return given;
}

std::string inspection_text(const Inspection& inspection, std::string_view name,
                            const TreeOptions& options) {
  Tree tree(options);
  const InspectedPart& root = inspection.root;
  std::string title =
      fmt::format("{} {}", root.is_component ? "component" : "core module", printable(name));
  if (!root.name.empty() && root.name != name)
    title += fmt::format(" (`{}`)", printable(root.name));
  tree.part(root, title);
  tree.grants(inspection.grants);
  return tree.take();
}

}  // namespace tenon::toolchain
