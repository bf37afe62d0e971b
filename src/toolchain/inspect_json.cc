#include <fmt/format.h>

#include <iterator>

#include "toolchain/inspect.h"
#include "toolchain/json.h"

namespace tenon::toolchain {
namespace {

// Objects and lists that add their own commas.
class JsonWriter {
 public:
  // Recursion is bounded by limits::max_component_depth.
  void part(const InspectedPart& part) {
    open('{');
    text("kind", part.is_component ? "component" : "module");
    if (!part.name.empty()) text("name", part.name);
    number("index", part.index);
    number("offset", part.offset);
    number("size", part.size);
    if (!part.is_component) facts(part.facts);
    list("imports", part.imports, [this](const auto& item) { this->item(item); });
    list("exports", part.exports, [this](const auto& item) { this->item(item); });
    if (part.is_component) {
      list("parts", part.parts, [this](const auto& inner) { this->part(inner); });
      list("nodes", part.nodes, [this](const auto& node) { this->node(node); });
      list("edges", part.edges, [this](const auto& edge) { this->edge(edge); });
    }
    close('}');
  }

  void inspection(const Inspection& inspection) {
    open('{');
    key("root");
    part(inspection.root);
    list("grants", inspection.grants, [this](const auto& grant) { this->grant(grant); });
    close('}');
  }

  std::string take() { return std::move(out_); }

 private:
  void open(char bracket) {
    comma();
    out_ += bracket;
    is_first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    is_first_ = false;
  }
  void comma() {
    if (!is_first_) out_ += ',';
    is_first_ = false;
  }
  void key(const char* name) {
    comma();
    fmt::format_to(std::back_inserter(out_), "\"{}\":", name);
    is_first_ = true;
  }
  void value(std::string_view text) {
    comma();
    append_json_string(out_, text);
  }
  void text(const char* name, std::string_view text) {
    key(name);
    value(text);
  }
  void number(const char* name, uint64_t number) {
    key(name);
    comma();
    fmt::format_to(std::back_inserter(out_), "{}", number);
  }
  void flag(const char* name) {
    key(name);
    comma();
    out_ += "true";
  }
  template <typename Items, typename Put>
  void list(const char* name, const Items& items, Put&& put) {
    key(name);
    open('[');
    for (const auto& item : items) put(item);
    close(']');
  }
  void texts(const char* name, const std::vector<std::string>& items) {
    list(name, items, [this](const std::string& item) { value(item); });
  }

  void facts(const ModuleFacts& facts) {
    number("functions", facts.functions);
    number("code", facts.code_bytes);
    number("data", facts.data_bytes);
    number("custom", facts.custom_bytes);
    texts("memories", facts.memories);
  }

  // Items hold items, and no more.
  void item(const InspectedItem& item) {
    open('{');
    text("name", item.name);
    text("kind", item.kind);
    if (!item.type.empty()) text("type", item.type);
    if (!item.items.empty())
      list("items", item.items, [this](const auto& inner) { this->item(inner); });
    close('}');
  }

  void node(const JointNode& node) {
    static constexpr const char* kinds[] = {"import",        "module",   "component",
                                            "core-instance", "instance", "export"};
    open('{');
    text("kind", kinds[static_cast<size_t>(node.kind)]);
    number("index", node.index);
    if (!node.name.empty()) text("name", node.name);
    if (node.part) number("part", *node.part);
    if (node.is_outer) flag("outer");
    close('}');
  }

  void edge(const JointEdge& edge) {
    open('{');
    number("from", edge.from);
    number("to", edge.to);
    if (edge.is_definition) flag("definition");
    if (edge.count > 0) number("count", edge.count);
    if (!edge.names.empty()) texts("names", edge.names);
    close('}');
  }

  void grant(const Grant& grant) {
    static constexpr const char* kinds[] = {"option", "always", "not-offered", "foreign"};
    open('{');
    text("kind", kinds[static_cast<size_t>(grant.kind)]);
    if (!grant.option.empty()) text("option", grant.option);
    text("what", grant.what);
    texts("imports", grant.names);
    close('}');
  }

  std::string out_;
  bool is_first_ = true;
};

}  // namespace

std::string inspection_json(const Inspection& inspection) {
  JsonWriter writer;
  writer.inspection(inspection);
  return writer.take();
}

}  // namespace tenon::toolchain
