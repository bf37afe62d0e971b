#include "toolchain/joint_graph.h"

#include <algorithm>
#include <numeric>

namespace tenon::toolchain {
namespace {

using Kind = JointNode::Kind;

constexpr double column_distance = 340;
constexpr double row_distance = 58;
constexpr double margin = 12;

class Layout {
 public:
  explicit Layout(const InspectedPart& part) : part_(part) {}

  Graph run() {
    merge_definitions();
    add_boxes();
    add_lines();
    if (graph_.boxes.size() > max_graph_boxes || graph_.lines.size() > max_graph_lines) return {};
    choose_columns();
    choose_rows();
    return std::move(graph_);
  }

 private:
  static constexpr uint32_t none = UINT32_MAX;

  // `shown_as_[definition]` is its only instance, of which it is the only definition.
  void merge_definitions() {
    std::vector<uint32_t> instances(part_.nodes.size(), 0);
    shown_as_.assign(part_.nodes.size(), none);
    for (const JointEdge& edge : part_.edges) {
      if (!edge.is_definition) {
        instances[edge.from] += 2;  // it is something by itself, too
        continue;
      }
      ++instances[edge.from];
      shown_as_[edge.from] = edge.to;
    }
    for (size_t i = 0; i < part_.nodes.size(); ++i) {
      Kind kind = part_.nodes[i].kind;
      bool is_definition = kind == Kind::module || kind == Kind::component;
      if (!is_definition || instances[i] != 1) shown_as_[i] = none;
    }
  }

  void add_boxes() {
    box_of_.assign(part_.nodes.size(), none);
    std::vector<uint32_t> definitions(part_.nodes.size(), none);
    for (uint32_t i = 0; i < part_.nodes.size(); ++i) {
      if (shown_as_[i] != none) {
        definitions[shown_as_[i]] = i;
        continue;
      }
      box_of_[i] = static_cast<uint32_t>(graph_.boxes.size());
      GraphBox box;
      box.node = i;
      if (definitions[i] != none) box.definition = definitions[i];
      graph_.boxes.push_back(box);
    }
  }

  void add_lines() {
    for (uint32_t i = 0; i < part_.edges.size(); ++i) {
      const JointEdge& edge = part_.edges[i];
      uint32_t from = box_of_[edge.from];
      if (from != none) graph_.lines.push_back({from, box_of_[edge.to], i});
    }
  }

  // Nodes come after those that they are made from, and so do boxes.
  void choose_columns() {
    std::vector<std::vector<uint32_t>> sources(graph_.boxes.size());
    for (const GraphLine& line : graph_.lines) sources[line.to].push_back(line.from);
    uint32_t last = 0;
    for (uint32_t i = 0; i < graph_.boxes.size(); ++i) {
      for (uint32_t from : sources[i])
        graph_.boxes[i].column = std::max(graph_.boxes[i].column, graph_.boxes[from].column + 1);
      last = std::max(last, graph_.boxes[i].column);
    }
    for (GraphBox& box : graph_.boxes) {
      if (part_.nodes[box.node].kind == Kind::export_) box.column = last;
    }
    columns_.resize(last + 1);
    for (uint32_t i = 0; i < graph_.boxes.size(); ++i)
      columns_[graph_.boxes[i].column].push_back(i);
  }

  // A few sweeps that put each box near the middle of those it is joined with.
  void choose_rows() {
    std::vector<std::vector<uint32_t>> joined(graph_.boxes.size());
    for (const GraphLine& line : graph_.lines) {
      joined[line.from].push_back(line.to);
      joined[line.to].push_back(line.from);
    }
    place();
    constexpr int sweeps = 8;
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      for (size_t i = 0; i < columns_.size(); ++i) {
        sort_column(columns_[sweep % 2 == 0 ? i : columns_.size() - 1 - i], joined);
      }
    }
    for (const GraphBox& box : graph_.boxes) {
      graph_.width = std::max(graph_.width, box.x + box_width + margin);
      graph_.height = std::max(graph_.height, box.y + box_height + margin);
    }
  }

  void sort_column(std::vector<uint32_t>& column,
                   const std::vector<std::vector<uint32_t>>& joined) {
    std::vector<std::pair<double, uint32_t>> wanted;
    for (uint32_t box : column) {
      double sum = 0;
      for (uint32_t other : joined[box]) sum += graph_.boxes[other].y;
      bool is_alone = joined[box].empty();
      wanted.push_back(
          {is_alone ? graph_.boxes[box].y : sum / static_cast<double>(joined[box].size()), box});
    }
    std::ranges::sort(wanted);
    std::ranges::transform(wanted, column.begin(), &std::pair<double, uint32_t>::second);
    place(column);
  }

  void place() {
    for (const auto& column : columns_) tallest_ = std::max(tallest_, column.size());
    for (const auto& column : columns_) place(column);
  }
  // Columns are centred.
  void place(const std::vector<uint32_t>& column) {
    double top = static_cast<double>(tallest_ - column.size()) * row_distance / 2;
    for (size_t row = 0; row < column.size(); ++row) {
      GraphBox& box = graph_.boxes[column[row]];
      box.x = margin + box.column * column_distance;
      box.y = margin + top + static_cast<double>(row) * row_distance;
    }
  }

  const InspectedPart& part_;
  Graph graph_;
  std::vector<uint32_t> shown_as_;  // by node
  std::vector<uint32_t> box_of_;    // by node
  std::vector<std::vector<uint32_t>> columns_;
  size_t tallest_ = 0;
};

}  // namespace

Graph graph_of(const InspectedPart& part) {
  return Layout(part).run();
}

}  // namespace tenon::toolchain
