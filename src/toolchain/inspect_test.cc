#include "toolchain/inspect.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "component/testing/builder.h"
#include "toolchain/joint_graph.h"

// Last: it takes the name CHECK over.
#include <doctest/doctest.h>

namespace tenon::toolchain {
namespace {

Inspection inspected(std::string_view text) {
  return inspect_file("x.wat", Bytes(text.begin(), text.end())).value();
}

const Grant* grant(const Inspection& inspection, std::string_view option) {
  for (const Grant& it : inspection.grants) {
    if (it.option == option) return &it;
  }
  return nullptr;
}

size_t count(std::string_view text, std::string_view part) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at) ++found;
  return found;
}

constexpr std::string_view composed = R"((component $app
  (import "log" (func $log (param "text" string)))
  (component $inner
    (core module $m (func (export "f")))
    (core instance $i (instantiate $m))
    (func (export "run") (canon lift (core func $i "f"))))
  (instance $a (instantiate $inner))
  (instance $b (instantiate $inner))
  (component $outer (import "run" (func $run)) (export "go" (func $run)))
  (instance $c (instantiate $outer (with "run" (func $b "run"))))
  (export "go" (func $c "go"))))";

}  // namespace

TEST_CASE("joints say where things come from, past aliases, lists, lifts and lowers") {
  Inspection app = inspected(composed);
  const InspectedPart& root = app.root;
  CHECK(root.name == "app");
  REQUIRE(root.parts.size() == 2);
  CHECK(root.parts[0].name == "inner");
  CHECK(root.parts[1].index == 1);
  std::vector<std::string> given = givers(root);
  std::string all;
  for (size_t i = 0; i < root.nodes.size(); ++i)
    all += fmt::format("{} <- {}\n", title_of(root.nodes[i]), given[i]);
  CHECK(all ==
        "import `log` <- \n"
        "component 0 (`inner`) <- \n"
        "instance 0 (`a`) <- \n"
        "instance 1 (`b`) <- \n"
        "component 1 (`outer`) <- \n"
        "instance 2 (`c`) <- instance 1 (`b`)\n"
        "export `go` <- instance 2 (`c`)\n");
}

TEST_CASE("a definition with one instance shares its box, others stand alone") {
  InspectedPart root = inspected(composed).root;
  Graph graph = graph_of(root);
  // The import, `inner`, its two instances, `outer` with its instance, the export.
  REQUIRE(graph.boxes.size() == 6);
  CHECK(graph.boxes[4].definition);
  CHECK(graph.lines.size() == 4);
  for (const GraphLine& line : graph.lines)
    CHECK(graph.boxes[line.from].x < graph.boxes[line.to].x);
}

TEST_CASE("grants follow from what is imported, down to functions") {
  Inspection app = inspected(R"((component
    (import "wasi:cli/environment@0.2.3" (instance
      (export "get-arguments" (func (result (list string))))
      (export "initial-cwd" (func (result (option string))))))
    (import "wasi:filesystem/preopens@0.2.0" (instance))
    (import "wasi:http/types@0.2.0" (instance))
    (import "wasi:clocks/wall-clock@0.3.0" (instance))
    (import "my:own/thing" (instance))))");
  REQUIRE(grant(app, "--dir"));
  CHECK(grant(app, "--dir")->names == std::vector<std::string>{"wasi:filesystem/preopens@0.2.0"});
  CHECK_FALSE(grant(app, "--env"));
  CHECK(grant(app, "-S cwd")->names[0] == "wasi:cli/environment@0.2.3#initial-cwd");
  const Grant* missing = grant(app, "-W unknown-imports-trap");
  REQUIRE(missing);
  CHECK(missing->kind == Grant::Kind::not_offered);
  CHECK(missing->names ==
        std::vector<std::string>{"wasi:http/types@0.2.0", "wasi:clocks/wall-clock@0.3.0"});
  CHECK(app.grants.back().kind == Grant::Kind::foreign);
  CHECK(app.grants.back().names[0] == "my:own/thing");
}

TEST_CASE("core modules ask for grants, too") {
  Inspection module = inspected(R"((module
    (import "wasi_snapshot_preview1" "path_open" (func))
    (import "wasi_snapshot_preview1" "fd_write" (func))
    (import "env" "f" (func)) (import "env" "g" (func))))");
  CHECK(grant(module, "--dir")->names[0] == "wasi_snapshot_preview1::path_open");
  CHECK(grant(module, "--preload")->names == std::vector<std::string>{"env"});
  CHECK(module.root.imports.size() == 2);
  CHECK(module.root.imports[1].items.size() == 2);
}

TEST_CASE("names are text, whatever is in them") {
  Inspection module = inspected(
      R"wat((module (import "<script>alert('x')</script>" "\e2\80\ae\1b[2J&\"" (func)) (memory 1)))wat");
  std::string text = inspection_text(module,
                                     "a\x1b"
                                     "b",
                                     {.full = true});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\\u{202e}\\x1b[2J&\"") != std::string::npos);
  std::string page = inspection_html(module, "<b>");
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("<b>") == std::string::npos);
  CHECK(page.find("\xe2\x80\xae") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(&#39;x&#39;)") != std::string::npos);
  CHECK(inspection_json(module).find("\\u001b[2J&\\\"") != std::string::npos);
}

TEST_CASE("a page has a box for each instance of a large component") {
  std::string text = "(component (core module $m (func (export \"f\")))";
  for (int i = 0; i < 400; ++i) text += "(core instance (instantiate $m))";
  std::string page = inspection_html(inspected(text + ")"), "large");
  CHECK(count(page, "class=\"frame\"") == 401);
  CHECK(page.find("http://") == std::string::npos);
  CHECK(page.find("https://") == std::string::npos);
}

TEST_CASE("components are inspected as deep as they may be nested") {
  Bytes binary = component::testing::ComponentBuilder().finish();
  for (uint32_t i = 0; i < limits::max_component_depth; ++i)
    binary = component::testing::ComponentBuilder().component(binary).finish();
  Inspection deep = inspect(binary).value();
  CHECK(count(inspection_text(deep, "deep"), "\n") == limits::max_component_depth + 1);
  CHECK(count(inspection_html(deep, "deep"), "<section") == limits::max_component_depth + 1);
  CHECK_FALSE(inspect(component::testing::ComponentBuilder().component(binary).finish()));
}

// Each list of exports names the one before it twice.
TEST_CASE("what refers to itself over and over is refused, not written out") {
  std::string text =
      "(component (core module $m (func (export \"f\"))) (core instance $i (instantiate $m))"
      "(func $f (canon lift (core func $i \"f\")))"
      "(instance $i0 (export \"a\" (func $f)) (export \"b\" (func $f)))";
  for (int i = 1; i < 60; ++i) {
    text += fmt::format(
        "(instance $i{0} (export \"a\" (instance $i{1})) (export \"b\" (instance $i{1})))", i,
        i - 1);
  }
  text += "(export \"x\" (instance $i59)))";
  auto refused = inspect_file("x.wat", Bytes(text.begin(), text.end()));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::limit);
}

}  // namespace tenon::toolchain
