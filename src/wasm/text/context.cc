#include "wasm/text/context.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace tenon::wasm::text {

namespace {

bool is_quoted(const Token& id) {
  return id.text.size() > 1 && id.text[1] == '"';
}

}  // namespace

std::string_view Context::kept_name(const Token& id) {
  if (!is_quoted(id)) return id.text.substr(1);
  std::string decoded;
  append_string(id.text.substr(1), decoded);
  return parts.intern(std::move(decoded));
}

uint32_t* Context::lookup(NameMap& ids, const Token& id) {
  if (!is_quoted(id)) return ids.find(id.text.substr(1));
  scratch_.clear();
  append_string(id.text.substr(1), scratch_);
  return ids.find(scratch_);
}

void Context::unknown(const Token& id, std::string_view what) {
  in.fail_at(id, fmt::format("unknown {} {}", what, id.text));
}

uint32_t Context::index(Space space) {
  if (!in.at(Token::Kind::id)) return in.u32();
  IndexSpace& indices = parts.space(space);
  Token id = in.take();
  uint32_t* found = lookup(indices.ids, id);
  if (found == nullptr) {
    unknown(id, indices.what);
    return 0;
  }
  return *found;
}

uint32_t Context::field_index(uint32_t type) {
  if (!in.at(Token::Kind::id)) return in.u32();
  Token id = in.take();
  auto fields = parts.fields.find(type);
  uint32_t* found = fields == parts.fields.end() ? nullptr : lookup(fields->second, id);
  if (found == nullptr) {
    unknown(id, "field");
    return 0;
  }
  return *found;
}

std::optional<std::string> annotated_name(Cursor& in, const Annotation& annotation) {
  size_t begin = in.offset_of(annotation.contents);
  Cursor inner(in.source(), begin, begin + annotation.contents.size());
  std::string name = inner.name();
  if (inner.ok() && inner.at_end()) return name;
  in.fail_at(annotation.offset, "@name annotation: expected one string, in UTF-8");
  return std::nullopt;
}

std::optional<std::string_view> Context::optional_name() {
  std::optional<std::string_view> name;
  if (in.at(Token::Kind::id)) name = kept_name(in.take());
  if (auto annotation = in.take_annotation("name")) {
    if (auto annotated = annotated_name(in, *annotation))
      name = parts.intern(std::move(*annotated));
  }
  return name;
}

void Context::definition_name(Space space, uint32_t index) {
  if (auto name = optional_name()) parts.space(space).names.push_back({index, *name});
}

}  // namespace tenon::wasm::text
