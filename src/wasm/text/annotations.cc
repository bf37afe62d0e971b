#include "wasm/text/annotations.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenon::wasm::text {

namespace {

// The contents of an annotation; its failures go to the text around it.
class Contents {
 public:
  Contents(Cursor& outer, const Annotation& annotation)
      : outer_(outer),
        id_(annotation.id),
        in_(outer.source(), outer.offset_of(annotation.contents),
            outer.offset_of(annotation.contents) + annotation.contents.size()) {}

  Cursor& in() { return in_; }
  bool fail(std::string_view message) {
    outer_.fail_at(in_.offset_of(in_.peek()), fmt::format("@{} annotation: {}", id_, message));
    return false;
  }
  // Nothing may be left.
  bool finish() {
    if (in_.at_end() && in_.ok()) return true;
    return fail("unexpected token");
  }

 private:
  Cursor& outer_;
  std::string_view id_;
  Cursor in_;
};

bool parse_place(Contents& contents, CustomPlace& place) {
  Cursor& in = contents.in();
  in.take();
  Token direction = in.peek();
  if (!direction.is_keyword("before") && !direction.is_keyword("after"))
    return contents.fail("malformed placement");
  in.take();
  place.is_before = direction.text == "before";
  Token section = in.peek();
  auto known = std::ranges::find(section_words, section.text, &SectionWord::word);
  if (section.is_keyword("first") && place.is_before) {
    place.section = CustomPlace::first;
  } else if (section.is_keyword("last") && !place.is_before) {
    place.section = CustomPlace::last;
  } else if (section.is(Token::Kind::keyword) && known != std::end(section_words)) {
    place.section = known->id;
  } else {
    return contents.fail("malformed section kind");
  }
  in.take();
  return in.take_close() || contents.fail("malformed placement");
}

}  // namespace

void parse_custom(Cursor& outer, const Annotation& annotation, ModuleParts& parts) {
  Contents contents(outer, annotation);
  Cursor& in = contents.in();
  CustomPart part;
  if (!in.at(Token::Kind::string)) {
    contents.fail("missing section name");
    return;
  }
  part.name = in.name();
  if (!in.ok()) {
    outer.fail_at(annotation.offset, "@custom annotation: malformed UTF-8 encoding");
    return;
  }
  if (in.at(Token::Kind::open) && !parse_place(contents, part.place)) return;
  while (in.at(Token::Kind::string)) append_string(in.take().text, part.bytes);
  if (contents.finish()) parts.customs.push_back(std::move(part));
}

void parse_producers(Cursor& outer, const Annotation& annotation, ModuleParts& parts) {
  struct Field {
    std::string_view word;
    uint32_t count = 0;
    ByteWriter values;
  };
  std::vector<Field> fields;  // in order of appearance
  Contents contents(outer, annotation);
  Cursor& in = contents.in();
  while (in.at(Token::Kind::open)) {
    in.take();
    Token word = in.peek();
    if (!word.is_keyword("language") && !word.is_keyword("processed-by") &&
        !word.is_keyword("sdk")) {
      contents.fail("expected `language`, `processed-by` or `sdk`");
      return;
    }
    in.take();
    auto field = std::ranges::find(fields, word.text, &Field::word);
    if (field == fields.end()) field = fields.insert(field, Field{word.text, 0, {}});
    ++field->count;
    field->values.name(in.name());
    field->values.name(in.name());
    in.expect_close();
  }
  if (!contents.finish()) return;
  ByteWriter out;
  out.size(fields.size());
  for (const Field& field : fields) {
    out.name(field.word);
    out.u32(field.count);
    out.bytes(field.values.view());
  }
  parts.customs.push_back({CustomPlace{}, std::string(producers_annotation), out.take()});
}

}  // namespace tenon::wasm::text
