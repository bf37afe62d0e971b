#include <fmt/format.h>

#include <iterator>
#include <unordered_map>

#include "base/text.h"
#include "base/utf8.h"
#include "toolchain/inspect.h"
#include "toolchain/joint_graph.h"

namespace tenon::toolchain {
namespace {

using Kind = JointNode::Kind;

// Names are hostile: what is not shown as it is becomes visible, and nothing becomes markup.
std::string escaped(std::string_view text) {
  std::string result;
  for (char c : printable(text)) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += c;
    }
  }
  return result;
}

// The beginning and the end, as much as fits a box.
std::string shortened(std::string_view name) {
  constexpr size_t most = 40;
  constexpr size_t kept = 19;
  std::string text = printable(name);
  std::vector<size_t> starts;
  for (size_t at = 0; at < text.size(); utf8_next(text, at)) starts.push_back(at);
  if (starts.size() <= most) return text;
  return text.substr(0, starts[kept]) + "…" + text.substr(starts[starts.size() - kept]);
}

constexpr std::string_view page_style = R"(
:root { color-scheme: light dark; --ground: #fff; --text: #1c1e21; --faint: #5c636b; --rule: #d4d8dd;
  --line: #9aa3ad; --strong: #0b57d0; --import: #e3eefc; --module: #e6f4e6; --instance: #fdf1d8;
  --export: #f5e3f3; --component: #e6e4f7; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181b; --text: #e6e8ea; --faint: #a0a7af;
  --rule: #3a3f45; --line: #68717b; --strong: #8ab4f8; --import: #1d3350; --module: #1f3b24;
  --instance: #443713; --export: #432540; --component: #302c56; } }
body { margin: 2rem auto; max-width: 90rem; padding: 0 1.5rem; background: var(--ground);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
code, td, svg text { font-family: ui-monospace, monospace; }
h1, h2 { line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: 1rem; }
table { border-collapse: collapse; }
th { text-align: left; font-weight: 600; color: var(--faint); }
th, td { padding: .2rem 1.2rem .2rem 0; vertical-align: top; overflow-wrap: anywhere; }
td.number { text-align: right; white-space: nowrap; }
.faint { color: var(--faint); }
figure { margin: 1rem 0; overflow: auto; border: 1px solid var(--rule); border-radius: 6px;
  max-height: 85vh; }
figure:focus-visible, a:focus-visible, summary:focus-visible { outline: 3px solid var(--strong); }
svg { display: block; }
svg text { font-size: 12px; fill: var(--text); }
svg text.small { font-size: 11px; fill: var(--faint); }
rect { stroke: var(--line); }
.import rect { fill: var(--import); } .module rect { fill: var(--module); }
.core-instance rect { fill: var(--module); } .instance rect { fill: var(--instance); }
.component rect { fill: var(--component); } .export rect { fill: var(--export); }
.module rect, .component rect { stroke-dasharray: 5 3; }
.size { stroke: none; fill: var(--line) !important; }
path { fill: none; stroke: var(--line); stroke-opacity: .55; }
path.definition { stroke-dasharray: 5 3; }
.box { outline: none; }
.box:hover rect.frame, .box:focus rect.frame { stroke: var(--strong); stroke-width: 2.5; }
li { overflow-wrap: anywhere; }
@media print { figure { max-height: none; overflow: visible; } }
)";

const char* class_of(Kind kind) {
  static constexpr const char* names[] = {"import",        "module",   "component",
                                          "core-instance", "instance", "export"};
  return names[static_cast<size_t>(kind)];
}

class Page {
 public:
  explicit Page(const Inspection& inspection) : inspection_(inspection) {}

  std::string run(std::string_view name) {
    const InspectedPart& root = inspection_.root;
    number_parts(root);
    put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">\n");
    put("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n", escaped(name),
        page_style);
    put("<h1>{}</h1>\n<p>{} of {} bytes</p>\n", escaped(name),
        root.is_component ? "A component" : "A core module", grouped(root.size));
    grants();
    part(root, "the whole");
    put("</main>\n</body>\n</html>\n");
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  // In the order in which they are written. Recursion is bounded by limits::max_component_depth.
  void number_parts(const InspectedPart& part) {
    numbers_.emplace(&part, numbers_.size());
    for (const InspectedPart& inner : part.parts) number_parts(inner);
  }

  size_t number_of(const InspectedPart& part) const { return numbers_.find(&part)->second; }

  void grants() {
    put("<h2>What it may ask for</h2>\n");
    if (inspection_.grants.empty()) {
      put("<p>Nothing: it imports nothing.</p>\n");
      return;
    }
    put("<table>\n<tr><th scope=\"col\">Option of tenon run</th><th scope=\"col\">For</th>"
        "<th scope=\"col\">Imports</th></tr>\n");
    for (const Grant& grant : inspection_.grants) {
      std::string option = grant.option.empty() ? "none" : grant.option;
      if (grant.kind == Grant::Kind::always) option = "always there";
      put("<tr><td>{}</td><td>{}</td><td>", escaped(option), escaped(grant.what));
      for (size_t i = 0; i < grant.names.size(); ++i)
        put("{}{}", i == 0 ? "" : "<br>", escaped(grant.names[i]));
      put("</td></tr>\n");
    }
    put("</table>\n");
  }

  // Recursion is bounded by limits::max_component_depth.
  void part(const InspectedPart& part, const std::string& title) {
    put("<section id=\"part-{}\">\n<h2>{}</h2>\n<p>{} bytes at {:#x}", number_of(part),
        escaped(title), grouped(part.size), part.offset);
    if (!part.is_component) put(": {}", escaped(summary_of(part.facts)));
    put("</p>\n");
    if (part.is_component) {
      graph(part);
      parts(part);
    }
    items("Imports", part.imports);
    items("Exports", part.exports);
    put("</section>\n");
    for (const InspectedPart& inner : part.parts) this->part(inner, title_of(inner));
  }

  void parts(const InspectedPart& part) {
    if (part.parts.empty()) return;
    put("<table>\n<tr><th scope=\"col\">Part</th><th scope=\"col\">Bytes</th>"
        "<th scope=\"col\">Share</th></tr>\n");
    for (const InspectedPart& inner : part.parts) {
      put("<tr><td><a href=\"#part-{}\">{}</a></td><td class=\"number\">{}</td>"
          "<td class=\"number\">{:.1f}%</td></tr>\n",
          number_of(inner), escaped(title_of(inner)), grouped(inner.size), 100 * share(inner.size));
    }
    put("</table>\n");
  }

  double share(uint64_t size) const {
    return inspection_.root.size == 0
               ? 0
               : static_cast<double>(size) / static_cast<double>(inspection_.root.size);
  }

  void items(const char* title, const std::vector<InspectedItem>& items) {
    if (items.empty()) return;
    put("<details>\n<summary>{}: {}</summary>\n<ul>\n", title, escaped(summary_of(items)));
    for (const InspectedItem& item : items) {
      put("<li><code>{}</code>: {}", escaped(item.name), escaped(summary_of(item)));
      if (!item.items.empty()) {
        put("\n<ul>\n");
        for (const InspectedItem& inner : item.items)
          put("<li><code>{}</code>: {}</li>\n", escaped(inner.name), escaped(summary_of(inner)));
        put("</ul>\n");
      }
      put("</li>\n");
    }
    put("</ul>\n</details>\n");
  }

  void graph(const InspectedPart& part) {
    if (part.nodes.empty()) return;
    Graph graph = graph_of(part);
    size_t number = number_of(part);
    if (graph.boxes.empty()) {
      put("<p>There is too much in it for a graph; the list below has all of it.</p>\n");
    } else {
      highlights(graph, number);
      put("<figure tabindex=\"0\" aria-label=\"Graph, repeated as a list below\">\n"
          "<svg id=\"graph-{}\" width=\"{:.0f}\" height=\"{:.0f}\" viewBox=\"0 0 {:.0f} {:.0f}\" "
          "role=\"group\">\n",
          number, graph.width, graph.height, graph.width, graph.height);
      for (const GraphLine& line : graph.lines) this->line(part, graph, line);
      for (uint32_t i = 0; i < graph.boxes.size(); ++i) box(part, graph.boxes[i], i);
      put("</svg>\n</figure>\n");
    }
    joints(part);
  }

  // A box under the pointer, or with the focus, shows what it is joined with.
  void highlights(const Graph& graph, size_t number) {
    put("<style>\n");
    for (size_t i = 0; i < graph.boxes.size(); ++i) {
      put("#graph-{0}:has(.b{1}:is(:hover,:focus)) "
          ".l{1}{{stroke:var(--strong);stroke-opacity:1}}\n",
          number, i);
    }
    put("</style>\n");
  }

  void line(const InspectedPart& part, const Graph& graph, const GraphLine& line) {
    const JointEdge& edge = part.edges[line.edge];
    const GraphBox& from = graph.boxes[line.from];
    const GraphBox& to = graph.boxes[line.to];
    double x1 = from.x + box_width, y1 = from.y + box_height / 2;
    double x2 = to.x, y2 = to.y + box_height / 2;
    double bend = (x2 - x1) / 2;
    put("<path class=\"l{} l{}{}\" stroke-width=\"{}\" d=\"M{:.0f} {:.0f}C{:.0f} {:.0f} {:.0f} "
        "{:.0f} "
        "{:.0f} {:.0f}\"><title>{}</title></path>\n",
        line.from, line.to, edge.is_definition ? " definition" : "", edge.count > 9 ? 2.5 : 1.5, x1,
        y1, x1 + bend, y1, x2 - bend, y2, x2, y2, escaped(edge_title(part, edge)));
  }

  static std::string edge_title(const InspectedPart& part, const JointEdge& edge) {
    std::string text =
        fmt::format("{} to {}", title_of(part.nodes[edge.from]), title_of(part.nodes[edge.to]));
    for (size_t i = 0; i < edge.names.size(); ++i)
      text += fmt::format("{}`{}`", i == 0 ? ": " : ", ", printable(edge.names[i]));
    if (edge.count > 1) text += fmt::format(" ({} items)", grouped(edge.count));
    return text;
  }

  void box(const InspectedPart& part, const GraphBox& box, uint32_t index) {
    const JointNode& node = part.nodes[box.node];
    const JointNode& named = box.definition ? part.nodes[*box.definition] : node;
    std::string title = title_of(node);
    if (box.definition) title += ", of " + title_of(named);
    if (named.size > 0) title += fmt::format(", {} bytes", grouped(named.size));
    const char* tag = named.part ? "a" : "g";
    put("<{} class=\"box {} b{}\" tabindex=\"0\"", tag, class_of(node.kind), index);
    if (named.part) put(" href=\"#part-{}\"", number_of(part.parts[*named.part]));
    put(" role=\"{}\" aria-label=\"{}\"><title>{}</title>\n", named.part ? "link" : "img",
        escaped(title), escaped(title));
    put("<rect class=\"frame\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"{}\" height=\"{}\" rx=\"5\"/>\n",
        box.x, box.y, box_width, box_height);
    if (double part_of = share(named.size); part_of > 0) {
      put("<rect class=\"size\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"3\"/>\n",
          box.x + 8, box.y + box_height - 6, part_of * (box_width - 16));
    }
    std::string name = named.name.empty() ? node.name : named.name;
    put("<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n", box.x + 8, box.y + 17,
        escaped(shortened(name.empty() ? "(no name)" : name)));
    put("<text class=\"small\" x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n</{}>\n", box.x + 8, box.y + 33,
        escaped(caption(node, named)), tag);
  }

  // The second line of a box.
  static std::string caption(const JointNode& node, const JointNode& named) {
    auto what = [](const JointNode& it) {
      JointNode unnamed = it;
      unnamed.name.clear();
      bool is_numbered = it.kind != Kind::import && it.kind != Kind::export_;
      return is_numbered ? title_of(unnamed) : std::string(class_of(it.kind));
    };
    std::string text = what(node);
    if (&node != &named) text += fmt::format(" = {}", what(named));
    if (named.size > 0) text += fmt::format(", {} B", grouped(named.size));
    return text;
  }

  void joints(const InspectedPart& part) {
    put("<details>\n<summary>Joints as a list</summary>\n<ul>\n");
    for (const JointEdge& edge : part.edges) {
      put("<li>{}{}</li>\n", edge.is_definition ? "definition: " : "",
          escaped(edge_title(part, edge)));
    }
    put("</ul>\n</details>\n");
  }

  const Inspection& inspection_;
  std::unordered_map<const InspectedPart*, size_t> numbers_;
  std::string out_;
};

}  // namespace

std::string inspection_html(const Inspection& inspection, std::string_view name) {
  return Page(inspection).run(name);
}

}  // namespace tenon::toolchain
