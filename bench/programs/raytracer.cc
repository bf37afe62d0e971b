// Floating point and recursion: a picture of mirrored spheres on a chequered floor.
#include <math.h>

#include "kernel.h"

namespace {

struct Vec {
  double x, y, z;
  friend Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Vec operator*(Vec a, double by) { return {a.x * by, a.y * by, a.z * by}; }
  friend double dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
};
Vec unit(Vec v) {
  return v * (1 / sqrt(dot(v, v)));
}

struct Ray {
  Vec from, direction;
  Vec at(double distance) const { return from + direction * distance; }
};

struct Hit {
  double distance;
  Vec normal;
  double brightness;
  double mirror;
};

class Object {
 public:
  virtual ~Object() = default;
  // Whether the ray meets the object nearer than `hit.distance`; then `hit` says where.
  virtual bool meets(const Ray& ray, Hit& hit) const = 0;
};

class Sphere : public Object {
 public:
  void place(Vec center, double radius, double mirror) {
    center_ = center, radius_ = radius, mirror_ = mirror;
  }
  bool meets(const Ray& ray, Hit& hit) const override {
    Vec to = center_ - ray.from;
    double along = dot(to, ray.direction);
    double discriminant = along * along - dot(to, to) + radius_ * radius_;
    if (discriminant < 0) return false;
    double root = sqrt(discriminant);
    double distance = along - root > 1e-6 ? along - root : along + root;
    if (distance < 1e-6 || distance >= hit.distance) return false;
    hit = {distance, unit(ray.at(distance) - center_), 0.6, mirror_};
    return true;
  }

 private:
  Vec center_ = {};
  double radius_ = 0, mirror_ = 0;
};

class Floor : public Object {
 public:
  bool meets(const Ray& ray, Hit& hit) const override {
    if (fabs(ray.direction.y) < 1e-9) return false;
    double distance = (-1 - ray.from.y) / ray.direction.y;
    if (distance < 1e-6 || distance >= hit.distance) return false;
    Vec at = ray.at(distance);
    bool is_light = (static_cast<int>(floor(at.x)) + static_cast<int>(floor(at.z))) & 1;
    hit = {distance, {0, 1, 0}, is_light ? 0.9 : 0.1, 0.2};
    return true;
  }
};

constexpr int spheres = 24, width = 320, height = 240, max_depth = 5;
Sphere sphere[spheres];
Floor ground;
const Object* scene[spheres + 1];

bool nearest(const Ray& ray, Hit& hit) {
  bool found = false;
  for (const Object* object : scene) found |= object->meets(ray, hit);
  return found;
}

double shade(const Ray& ray, int depth) {
  Hit hit = {1e9, {}, 0, 0};
  if (!nearest(ray, hit)) return 0.3 + 0.3 * ray.direction.y;
  Vec at = ray.at(hit.distance);
  Vec light = unit(Vec{4, 6, -5} - at);
  Hit shadow = {1e9, {}, 0, 0};
  double diffuse = dot(hit.normal, light);
  if (diffuse < 0 || nearest({at, light}, shadow)) diffuse = 0;
  double color = hit.brightness * (0.2 + 0.8 * diffuse);
  if (hit.mirror > 0 && depth < max_depth) {
    Vec out = ray.direction - hit.normal * (2 * dot(hit.normal, ray.direction));
    color = color * (1 - hit.mirror) + shade({at, out}, depth + 1) * hit.mirror;
  }
  return color;
}

}  // namespace

static uint64_t kernel() {
  for (int i = 0; i < spheres; ++i) {
    double angle = i * 0.7;
    sphere[i].place({cos(angle) * (1 + i * 0.15), (i % 5) * 0.5 - 0.7, 5 + sin(angle) * 2},
                    0.3 + (i % 3) * 0.1, 0.3 + (i % 4) * 0.15);
    scene[i] = &sphere[i];
  }
  scene[spheres] = &ground;
  uint64_t sum = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      Ray ray = {{0, 0, -2}, unit({(x - width / 2.0) / width, (height / 2.0 - y) / width, 1})};
      double color = shade(ray, 0);
      sum = sum * 31 + static_cast<uint64_t>(color < 0 ? 0 : color > 1 ? 255 : color * 255);
    }
  }
  return sum;
}
