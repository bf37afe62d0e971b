#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "toolchain/inspect.h"

// The joints of a component as a drawing: boxes in columns, from imports on the left to exports on
// the right, with lines from giver to given. Plain numbers in pixels; who writes the page turns
// them into SVG. A module or component that has one instance shares its box.
namespace tenon::toolchain {

struct GraphBox {
  uint32_t node = 0;                   // in InspectedPart::nodes: the instance where it is one
  std::optional<uint32_t> definition;  // of an instance that shares its box
  uint32_t column = 0;
  double x = 0;
  double y = 0;
};
struct GraphLine {
  uint32_t from = 0;  // in Graph::boxes
  uint32_t to = 0;
  uint32_t edge = 0;  // in InspectedPart::edges
};
struct Graph {
  std::vector<GraphBox> boxes;
  std::vector<GraphLine> lines;
  double width = 0;
  double height = 0;
};
constexpr double box_width = 320;
constexpr double box_height = 44;
// More than anybody could look at is not drawn.
constexpr size_t max_graph_boxes = 1'500;
constexpr size_t max_graph_lines = 6'000;

// Empty where there is nothing to draw, or too much.
Graph graph_of(const InspectedPart& part);

}  // namespace tenon::toolchain
