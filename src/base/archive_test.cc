#include "base/archive.h"

#include <doctest/doctest.h>

namespace tenon {
namespace {

enum class Colour : uint8_t { red, green };

struct Point {
  int32_t x = 0;
  int64_t y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
template <typename Archive>
void serialize(Archive& ar, Point& p) {
  ar(p.x, p.y);
}

struct Everything {
  bool flag = false;
  Colour colour = Colour::red;
  double ratio = 0;
  std::string name;
  std::vector<uint32_t> numbers;
  std::vector<Point> points;
  std::vector<std::vector<std::string>> nested;
  std::optional<Point> maybe;
  std::variant<std::monostate, uint8_t, std::string, Point> either;
  Id<struct XTag> id;
  IdVector<Id<struct XTag>, Point> by_id;
  std::array<uint16_t, 3> three{};
  std::pair<std::string, bool> pair;
  friend bool operator==(const Everything&, const Everything&) = default;
};
template <typename Archive>
void serialize(Archive& ar, Everything& e) {
  ar(e.flag, e.colour, e.ratio, e.name, e.numbers, e.points, e.nested, e.maybe, e.either, e.id,
     e.by_id, e.three, e.pair);
}

Everything sample() {
  Everything e;
  e.flag = true;
  e.colour = Colour::green;
  e.ratio = 0.25;
  e.name = "tenon";
  e.numbers = {1, 2, 0xffffffff};
  e.points = {{-1, 2}, {3, -4}};
  e.nested = {{}, {"a", ""}, {"bc"}};
  e.maybe = Point{7, 8};
  e.either = Point{9, 10};
  e.id = Id<struct XTag>(5u);
  e.by_id.push_back({11, 12});
  e.three = {1, 2, 3};
  e.pair = {"p", true};
  return e;
}

TEST_CASE("an archive gives back what it was given") {
  Everything e = sample();
  auto back = from_bytes<Everything>(to_bytes(e));
  CHECK(back.has_value());
  CHECK_EQ(*back == e, true);
  for (int which = 0; which < 3; which++) {
    if (which == 0) e.either = std::monostate{};
    if (which == 1) e.either = uint8_t{3};
    if (which == 2) e.either = "text";
    back = from_bytes<Everything>(to_bytes(e));
    CHECK(back.has_value());
    CHECK_EQ(*back == e, true);
  }
}

TEST_CASE("every truncation of an archive fails") {
  auto bytes = to_bytes(sample());
  for (size_t n = 0; n < bytes.size(); n++) {
    CHECK_FALSE(from_bytes<Everything>(std::span(bytes).first(n)).has_value());
  }
  bytes.push_back(0);
  CHECK_FALSE(from_bytes<Everything>(bytes).has_value());
}

TEST_CASE("damaged archives are read without harm") {
  const auto bytes = to_bytes(sample());
  for (size_t i = 0; i < bytes.size(); i++) {
    for (int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      auto damaged = bytes;
      damaged[i] = static_cast<uint8_t>(value);
      (void)from_bytes<Everything>(damaged).has_value();
    }
  }
}

TEST_CASE("lengths are bounded by the bytes left") {
  auto error =
      from_bytes<std::vector<uint64_t>>(std::vector<uint8_t>{2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK_FALSE(error.has_value());
  CHECK_EQ(error.error().message(), "length of serialized data out of bounds");
  CHECK_FALSE(
      from_bytes<std::vector<Point>>(std::vector<uint8_t>{0xff, 0xff, 0xff, 0xff}).has_value());
  CHECK_FALSE(from_bytes<bool>(std::vector<uint8_t>{2}).has_value());
  CHECK_FALSE(from_bytes<std::variant<bool>>(std::vector<uint8_t>{1, 0}).has_value());
}

TEST_CASE("a string_view points into the input") {
  auto bytes = to_bytes(std::string("abc"));
  auto view = from_bytes<std::string_view>(bytes);
  CHECK(view.has_value());
  CHECK_EQ(*view, "abc");
  CHECK_EQ(reinterpret_cast<const uint8_t*>(view->data()), bytes.data() + 4);
}

}  // namespace
}  // namespace tenon
