#include "compiler/llvm/reference_uses.h"

#include <doctest/doctest.h>

namespace tenon::compiler::llvm_tier {

namespace {

// Locals 0 and 2 are references. Each step takes one position.
class Body {
 public:
  Body() { uses.start({0, 2}, 3); }
  void get(uint32_t local) { at().get(local); }
  void set(uint32_t local) { at().set(local); }
  void loop() { at().open_loop(); }
  void block() { at().open_frame(); }
  void end_loop() { at().close_loop(); }
  void end() { at().close_frame(); }

  ReferenceUses uses;

 private:
  ReferenceUses& at() {
    uses.set_position(position_++);
    return uses;
  }
  uint64_t position_ = 0;
};

}  // namespace

TEST_CASE("a local is used up to its last read") {
  Body body;
  body.set(0);  // 0
  body.get(1);
  body.get(0);  // 2
  body.get(2);  // 3
  CHECK(body.uses.is_used_behind(0, 1));
  CHECK_FALSE(body.uses.is_used_behind(0, 2));
  CHECK(body.uses.is_used_behind(2, 2));
  CHECK_FALSE(body.uses.is_used_behind(2, 3));
}

TEST_CASE("what a loop reads before it assigns is used up to the loop's end") {
  Body body;
  body.loop();
  body.get(0);  // 1
  body.set(0);
  body.get(1);
  body.end_loop();  // 4
  body.get(1);
  CHECK(body.uses.is_used_behind(0, 3));
  CHECK_FALSE(body.uses.is_used_behind(0, 4));
}

TEST_CASE("what a loop assigns first, on every way, is not carried") {
  Body body;
  body.loop();
  body.set(0);
  body.block();
  body.get(0);  // 3
  body.end();
  body.get(1);  // 5
  body.end_loop();
  CHECK(body.uses.is_used_behind(0, 2));
  CHECK_FALSE(body.uses.is_used_behind(0, 3));
}

TEST_CASE("an assignment that can be left out does not count") {
  Body body;
  body.loop();
  body.block();
  body.set(0);
  body.end();
  body.get(0);
  body.get(1);      // 5
  body.end_loop();  // 6
  CHECK(body.uses.is_used_behind(0, 5));
  CHECK_FALSE(body.uses.is_used_behind(0, 6));
}

TEST_CASE("an inner loop carries what the outer one assigns") {
  Body body;
  body.loop();
  body.set(2);
  body.loop();
  body.get(2);
  body.get(1);      // 4
  body.end_loop();  // 5
  body.get(1);      // 6
  body.end_loop();
  CHECK(body.uses.is_used_behind(2, 4));
  CHECK_FALSE(body.uses.is_used_behind(2, 5));
}

}  // namespace tenon::compiler::llvm_tier
