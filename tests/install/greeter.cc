// Loads a component, offers it a lambda as its import `echo`, and calls its export `echo`, which
// calls the import.
#include <cstdio>
#include <string>

#include "tenon/component.h"
#include "tenon/engine.h"
#include "tenon/linker.h"

static int fail(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  return 1;
}

int main(int argc, char** argv) {
  tenon::Engine engine;
  auto component = tenon::Component::from_file(engine, argc > 1 ? argv[1] : "echo.wasm");
  if (!component) return fail(component.error().to_string());
  tenon::Linker linker(engine);
  linker.func("echo", [](std::string_view text) { return "<" + std::string(text) + ">"; });
  tenon::Store store(engine);
  auto instance = linker.instantiate(store, *component);
  if (!instance) return fail(instance.error().to_string());
  auto echo = instance->get_func<std::string(std::string_view)>("echo");
  if (!echo) return fail(echo.error().to_string());
  auto answer = (*echo)("hello from C++");
  if (!answer) return fail(answer.error().to_string());
  std::puts(answer->c_str());
}
