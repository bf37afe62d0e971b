#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "toolchain/binary.h"
#include "toolchain/grants.h"

// What a component or core module is made of, for people who did not make it: the components and
// modules in it with their sizes, what each imports and exports, how they are joined, and what a
// host has to grant. Plain data, made once from a valid binary; text, JSON and a page are written
// from it. What can fail: a binary that is not valid, and one whose parts refer to each other more
// often than limits::max_plan_steps.
namespace tenon::toolchain {

// Something imported or exported.
struct InspectedItem {
  std::string name;
  std::string kind;  // "func", "interface", "resource", "type", "module", "memory", ...
  std::string type;  // of a function or value type, as in WIT; of core items as in their text
  std::vector<InspectedItem> items;  // of an interface, and of the module that a core module names
};

// What a core module's bytes are for.
struct ModuleFacts {
  uint64_t code_bytes = 0;
  uint64_t data_bytes = 0;
  uint64_t custom_bytes = 0;
  size_t functions = 0;  // defined here
  std::vector<std::string> memories;
};

// A joint of a component: something it imports, contains, makes or exports.
struct JointNode {
  enum class Kind : uint8_t { import, module, component, core_instance, instance, export_ };
  Kind kind = Kind::import;
  uint32_t index = 0;     // in the index space of its sort; of imports and exports: which one
  std::string name = {};  // of an import or export; else from the name section, may be empty
  std::optional<size_t> part = {};  // module, component: position in Part::parts
  bool is_outer = false;            // module, component: defined by a component around this one
  uint64_t size = 0;                // module, component: in bytes
};
// `to` is made from, or given, something of `from`.
struct JointEdge {
  uint32_t from = 0;
  uint32_t to = 0;
  bool is_definition = false;           // `to` is an instance of `from`
  uint64_t count = 0;                   // items given
  std::vector<std::string> names = {};  // the first of them, as `to` knows them
};
// Names of an edge that are kept.
constexpr size_t max_edge_names = 8;

// A component or core module of the binary.
struct InspectedPart {
  bool is_component = false;
  uint32_t index = 0;  // of its sort, in the component around it
  std::string name;    // may be empty
  uint64_t offset = 0;
  uint64_t size = 0;
  std::vector<InspectedItem> imports;
  std::vector<InspectedItem> exports;
  ModuleFacts facts;                 // of a module
  std::vector<InspectedPart> parts;  // of a component, in order
  std::vector<JointNode> nodes;
  std::vector<JointEdge> edges;
};

struct Inspection {
  InspectedPart root;
  std::vector<Grant> grants;  // what the imports of the root ask for
};

Result<Inspection> inspect(std::span<const uint8_t> binary);
// The same of what a file holds: a binary or text, whose errors show the place.
Result<Inspection> inspect_file(std::string_view name, const Bytes& input);

// "component 3 (`logger`)", "core module 0".
std::string title_of(const InspectedPart& part);
// The same of a node: "import `log`", "core instance 2".
std::string title_of(const JointNode& node);
// "3 functions, 1 resource"
std::string summary_of(const std::vector<InspectedItem>& items);
// What is behind the name of an item: its kind or type, or the summary of an interface.
std::string summary_of(const InspectedItem& item);
// "345 functions; code 312,222 bytes, data 9,004; memory of 17 or more pages"
std::string summary_of(const ModuleFacts& facts);
// For each node of `part`, what it is given by others: "core instance 0 (12), import `log`".
std::vector<std::string> givers(const InspectedPart& part);
// "2,478,385"
std::string grouped(uint64_t number);

struct TreeOptions {
  bool full = false;  // all that interfaces hold and modules export, with types
};
// The tree as text. `name` is what the file is called.
std::string inspection_text(const Inspection& inspection, std::string_view name,
                            const TreeOptions& options = {});
// The same, whole, as one JSON value.
std::string inspection_json(const Inspection& inspection);
// The same as a page that stands alone: it loads nothing and runs no script.
std::string inspection_html(const Inspection& inspection, std::string_view name);

}  // namespace tenon::toolchain
