#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "toolchain/metadata.h"

namespace tenon::toolchain {

namespace {

using Row = std::vector<std::string>;

// Characters, taken for one column each.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

// A box around rows of equal length, the first of which is the heading. Sizes stand on the right.
class Box {
 public:
  explicit Box(Row heading) : widths_(heading.size(), 0) { add(std::move(heading)); }

  void add(Row row) {
    for (size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], width_of(row[i]));
    rows_.push_back(std::move(row));
  }

  void print(std::string& out) const {
    rule(out, "╭", "─", "┬", "╮");
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (i == 1) rule(out, "╞", "═", "╪", "╡");
      if (i > 1) rule(out, "├", "╌", "┼", "┤");
      line(out, rows_[i]);
    }
    rule(out, "╰", "─", "┴", "╯");
  }

 private:
  void rule(std::string& out, const char* left, const char* fill, const char* between,
            const char* right) const {
    for (size_t i = 0; i < widths_.size(); ++i) {
      out += i == 0 ? left : between;
      for (size_t k = 0; k < widths_[i] + 2; ++k) out += fill;
    }
    out += right;
    out += '\n';
  }

  void line(std::string& out, const Row& row) const {
    for (size_t i = 0; i < row.size(); ++i) {
      out += i == 0 ? "│ " : " ┆ ";
      std::string gap(widths_[i] - width_of(row[i]), ' ');
      bool is_number = rows_[0][i].starts_with("SIZE");
      out += is_number ? gap + row[i] : row[i] + gap;
    }
    out += " │\n";
  }

  std::vector<size_t> widths_;
  std::vector<Row> rows_;
};

std::string size_text(uint64_t bytes) {
  constexpr double kilo = 1000;
  auto size = static_cast<double>(bytes);
  if (size < kilo) return fmt::format("{}B", bytes);
  if (size < kilo * kilo) return fmt::format("{:.1f}k", size / kilo);
  if (size < kilo * kilo * kilo) return fmt::format("{:.1f}M", size / kilo / kilo);
  return fmt::format("{:.1f}G", size / kilo / kilo / kilo);
}

std::string percent_text(uint64_t part, uint64_t whole) {
  if (part == whole) return "100%";
  double percent = 100 * static_cast<double>(part) / static_cast<double>(whole);
  if (percent < 1) return "<1%";
  if (percent > 99) return ">99%";
  return fmt::format("{:.0f}%", percent);
}

const char* kind_of(const Metadata& metadata) {
  return metadata.is_component ? "component" : "module";
}

std::string languages(const Metadata& metadata) {
  std::string list;
  for (const ProducerField& field : metadata.producers.value_or(Producers{})) {
    if (field.name != "language") continue;
    for (const Producer& value : field.values)
      list += (list.empty() ? "" : ", ") + printable(value.name);
  }
  return list.empty() ? "-" : list;
}

class Tables {
 public:
  explicit Tables(const Metadata& root) : whole_(root.end - root.start) {}

  // Recursion, here and below, is bounded by the depth that read_metadata() allows.
  void overview(const Metadata& metadata, const std::string& parent) {
    std::string name =
        metadata.name ? printable(*metadata.name) : fmt::format("unknown({})", unnamed_++);
    uint64_t size = metadata.end - metadata.start;
    overview_.add({kind_of(metadata), name, size_text(size), percent_text(size, whole_),
                   languages(metadata), parent});
    for (const Metadata& child : metadata.children) overview(child, name);
  }

  void details(const Metadata& metadata) {
    Box box({"KIND", "VALUE"});
    auto name_of = [](const Metadata& item) {
      return item.name ? printable(*item.name) : "<unknown>";
    };
    box.add({"name", name_of(metadata)});
    box.add({"kind", kind_of(metadata)});
    box.add({"range", fmt::format("{:#x}..{:#x}", metadata.start, metadata.end)});
    constexpr Fact order[] = {Fact::description, Fact::authors, Fact::version, Fact::revision,
                              Fact::licenses,    Fact::source,  Fact::homepage};
    for (Fact fact : order) {
      if (metadata.fact(fact))
        box.add(
            {std::string(fact_names[static_cast<size_t>(fact)]), printable(*metadata.fact(fact))});
    }
    for (const char* field : {"language", "processed-by", "sdk"}) producers(metadata, field, box);
    for (const Metadata& child : metadata.children)
      box.add({"child", fmt::format("{} [{}]", name_of(child), kind_of(child))});
    box.print(details_);
    for (const Metadata& child : metadata.children) details(child);
  }

  std::string take() {
    std::string out;
    overview_.print(out);
    return out + details_;
  }

 private:
  static void producers(const Metadata& metadata, std::string_view name, Box& box) {
    for (const ProducerField& field : metadata.producers.value_or(Producers{})) {
      if (field.name != name) continue;
      for (const Producer& value : field.values) {
        std::string text = printable(value.name);
        if (!value.version.empty()) text += fmt::format(" [{}]", printable(value.version));
        box.add({field.name, text});
      }
    }
  }

  uint64_t whole_;
  uint32_t unnamed_ = 0;
  Box overview_{{"KIND", "NAME", "SIZE", "SIZE%", "LANGUAGES", "PARENT"}};
  std::string details_;
};

}  // namespace

std::string metadata_tables(const Metadata& metadata) {
  Tables tables(metadata);
  tables.overview(metadata, "<root>");
  tables.details(metadata);
  return tables.take();
}

}  // namespace tenon::toolchain
