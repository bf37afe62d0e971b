#include "compiler/artifact/artifact.h"

#include <elf.h>
#include <sys/mman.h>

#include <cstring>
#include <string>

#include <fmt/format.h>

#include "compiler/artifact/metadata_archive.h"

namespace tenon::compiler {

namespace {

constexpr size_t section_count = static_cast<size_t>(SectionId::count);

Error damaged(std::string_view what) {
  return Error(ErrorCode::malformed, fmt::format("damaged artifact: {}", what))
      .hint("compile it again");
}

// Whether [offset, offset + size) lies within `limit`.
bool within(uint64_t offset, uint64_t size, uint64_t limit) {
  return offset <= limit && size <= limit - offset;
}

Result<uint64_t> file_size(const os::FileDescriptor& file) {
  auto stat = os::stat(file.get());
  if (!stat) return fail(ErrorCode::io, "cannot read an artifact's file");
  if (stat->size < artifact_page) return std::unexpected(damaged("too short"));
  if (stat->size > max_artifact_bytes) return std::unexpected(damaged("too large"));
  return stat->size;
}

Result<os::FileDescriptor> memory_file(std::span<const uint8_t> bytes) {
  os::FileDescriptor file(memfd_create("tenon-artifact", MFD_CLOEXEC));
  if (!file)
    return fail(ErrorCode::io, fmt::format("cannot make a file in memory: {}", strerror(errno)));
  auto written = os::write_all(file.get(), bytes);
  if (!written) {
    return fail(ErrorCode::io,
                fmt::format("cannot keep an artifact in memory: {}", to_string(written.error())));
  }
  return file;
}

}  // namespace

// Opens one artifact; the state between its steps.
class ArtifactReader {
 public:
  explicit ArtifactReader(Artifact& artifact) : artifact_(artifact) {}

  Result<void> read() {
    TRY_VOID(map());
    TRY_VOID(read_header());
    TRY_VOID(read_sections());
    TRY_VOID(make_executable());
    TRY_VOID(read_tables());
    return read_metadata();
  }

 private:
  Result<void> map();
  Result<void> read_header();
  Result<void> read_sections();
  Result<void> make_executable();
  Result<void> read_tables();
  Result<void> read_metadata();
  Result<void> check_module(const ModuleInfo& module) const;

  template <typename T>
  T load(uint64_t offset) const {
    T value;
    std::memcpy(&value, artifact_.map_.data() + offset, sizeof value);
    return value;
  }
  const Elf64_Shdr& section(SectionId id) const { return sections_[static_cast<size_t>(id)]; }
  std::span<const uint8_t> bytes_of(SectionId id) const {
    return artifact_.bytes().subspan(section(id).sh_offset, section(id).sh_size);
  }
  template <typename T>
  Result<std::span<const T>> table(SectionId id) const {
    auto bytes = bytes_of(id);
    if (bytes.size() % sizeof(T) != 0 || section(id).sh_offset % alignof(T) != 0) {
      return std::unexpected(damaged("a table has the wrong size"));
    }
    return std::span(reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T));
  }

  Artifact& artifact_;
  Elf64_Shdr sections_[section_count];
};

Result<void> ArtifactReader::map() {
  artifact_.size_ = TRY(file_size(artifact_.file_));
  artifact_.map_ =
      TRY(os::MemoryMap::file(artifact_.file_.get(), 0, artifact_.size_, os::Access::read));
  return {};
}

Result<void> ArtifactReader::read_header() {
  if (!Artifact::is_artifact(artifact_.bytes()))
    return fail(ErrorCode::malformed, "not an artifact");
  auto elf = load<Elf64_Ehdr>(0);
  if (elf.e_ident[EI_NIDENT - 1] != artifact_version) {
    return std::unexpected(
        Error(ErrorCode::malformed, "compiled by another version of this program")
            .hint("compile it again"));
  }
  if (elf.e_machine != EM_X86_64) return std::unexpected(damaged("not for this kind of processor"));
  if (elf.e_shentsize != sizeof(Elf64_Shdr) || elf.e_shnum != section_count + 1 ||
      !within(elf.e_shoff, (section_count + 1) * sizeof(Elf64_Shdr), artifact_page)) {
    return std::unexpected(damaged("its list of sections is not where it should be"));
  }
  for (size_t i = 0; i < section_count; i++) {
    sections_[i] = load<Elf64_Shdr>(elf.e_shoff + (i + 1) * sizeof(Elf64_Shdr));
    if (!within(sections_[i].sh_offset, sections_[i].sh_size, artifact_.size_)) {
      return std::unexpected(damaged("a section lies outside of the file"));
    }
  }
  if (section(SectionId::header).sh_size != sizeof(ArtifactHeader))
    return std::unexpected(damaged("no header"));
  artifact_.header_ = load<ArtifactHeader>(section(SectionId::header).sh_offset);
  artifact_.seal_ = load<ArtifactSeal>(artifact_seal_offset);
  const ArtifactHeader& header = artifact_.header_;
  if (header.contract_version != contract_version) {
    return std::unexpected(
        Error(ErrorCode::malformed, "compiled by another version of this program")
            .hint("compile it again"));
  }
  if (header.kind > static_cast<uint32_t>(ArtifactKind::component) ||
      header.memory_mode > static_cast<uint32_t>(MemoryMode::checked)) {
    return std::unexpected(damaged("unknown kind"));
  }
  return {};
}

Result<void> ArtifactReader::read_sections() {
  const Elf64_Shdr& text = section(SectionId::text);
  const Elf64_Shdr& rodata = section(SectionId::rodata);
  const Elf64_Shdr& images = section(SectionId::images);
  if (text.sh_offset % artifact_page != 0 || text.sh_size > max_text_bytes ||
      text.sh_offset < artifact_page || rodata.sh_offset < text.sh_offset + text.sh_size ||
      images.sh_offset % artifact_page != 0) {
    return std::unexpected(damaged("code is not where it should be"));
  }
  artifact_.text_ = bytes_of(SectionId::text);
  artifact_.data_ = bytes_of(SectionId::data);
  artifact_.images_ = bytes_of(SectionId::images);
  artifact_.images_offset_ = images.sh_offset;
  return {};
}

Result<void> ArtifactReader::make_executable() {
  const Elf64_Shdr& text = section(SectionId::text);
  if (text.sh_size == 0) return {};
  auto done = artifact_.map_.protect(text.sh_offset, text.sh_size, os::Access::read_execute);
  if (done) return {};
  // The file system is mounted `noexec`: run a copy.
  auto copy = TRY(os::MemoryMap::zeroed(artifact_.size_));
  std::memcpy(copy.data(), artifact_.map_.data(), artifact_.size_);
  TRY_VOID(copy.protect(0, artifact_.size_, os::Access::read));
  TRY_VOID(copy.protect(text.sh_offset, text.sh_size, os::Access::read_execute));
  artifact_.map_ = std::move(copy);
  return read_sections();
}

Result<void> ArtifactReader::read_tables() {
  CodeTables& tables = artifact_.tables_;
  tables.functions = TRY(table<FunctionEntry>(SectionId::functions));
  artifact_.entries_ = TRY(table<uint32_t>(SectionId::entries));
  tables.unwind = TRY(table<UnwindRow>(SectionId::unwind));
  tables.unwind_rules = TRY(table<UnwindRule>(SectionId::unwind_rules));
  tables.safepoints = TRY(table<Safepoint>(SectionId::safepoints));
  tables.roots = TRY(table<RootSlot>(SectionId::roots));
  tables.landing_pads = TRY(table<LandingPad>(SectionId::landing_pads));
  tables.position_blocks = TRY(table<PositionBlock>(SectionId::position_blocks));
  tables.position_stream = bytes_of(SectionId::position_stream);
  return {};
}

Result<void> ArtifactReader::check_module(const ModuleInfo& module) const {
  if (!within(module.names_offset, module.names_size, artifact_.data_.size())) {
    return std::unexpected(damaged("names lie outside of their section"));
  }
  for (const DataInfo& data : module.datas) {
    if (!within(data.bytes_offset, data.bytes_size, artifact_.data_.size())) {
      return std::unexpected(damaged("a data segment lies outside of its section"));
    }
  }
  for (const MemoryImage& image : module.images) {
    if (!within(image.image_offset, image.size, artifact_.images_.size()) ||
        image.address % artifact_page != 0 || image.image_offset % artifact_page != 0 ||
        image.memory >= module.memories.size()) {
      return std::unexpected(damaged("a memory image lies outside of its section"));
    }
  }
  uint64_t defined = module.functions.size() - module.imported_functions;
  if (module.imported_functions > module.functions.size() ||
      !within(module.first_function, defined, artifact_.entries_.size())) {
    return std::unexpected(damaged("functions without code"));
  }
  return {};
}

Result<void> ArtifactReader::read_metadata() {
  auto metadata = from_bytes<ArtifactMetadata>(bytes_of(SectionId::metadata));
  if (!metadata) return std::unexpected(damaged(metadata.error().message()));
  artifact_.metadata_ = std::move(*metadata);
  bool is_component = artifact_.kind() == ArtifactKind::component;
  size_t modules = artifact_.plan() != nullptr ? artifact_.plan()->modules.size() : 1;
  if (artifact_.metadata_.plan.has_value() != is_component ||
      artifact_.metadata_.modules.size() != modules) {
    return std::unexpected(damaged("its metadata are of another kind"));
  }
  for (const ModuleInfo& module : artifact_.metadata_.modules) TRY_VOID(check_module(module));
  return {};
}

Result<std::shared_ptr<const Artifact>> Artifact::open(os::FileDescriptor file, Source source) {
  if (source == Source::copy) {
    uint64_t size = TRY(file_size(file));
    auto map = TRY(os::MemoryMap::file(file.get(), 0, size, os::Access::read));
    return open(std::span<const uint8_t>(map.data(), size));
  }
  auto artifact = std::shared_ptr<Artifact>(new Artifact());
  artifact->file_ = std::move(file);
  TRY_VOID(ArtifactReader(*artifact).read());
  return artifact;
}

Result<std::shared_ptr<const Artifact>> Artifact::open(std::span<const uint8_t> bytes) {
  return open(TRY(memory_file(bytes)));
}

bool Artifact::is_artifact(std::span<const uint8_t> bytes) {
  return bytes.size() >= EI_NIDENT && std::memcmp(bytes.data(), ELFMAG, SELFMAG) == 0 &&
         bytes[EI_CLASS] == ELFCLASS64 && bytes[EI_DATA] == ELFDATA2LSB &&
         std::memcmp(bytes.data() + EI_PAD, artifact_mark.data(), artifact_mark.size() - 1) == 0;
}

Digest Artifact::compute_digest() const {
  return artifact_digest(bytes());
}

const void* Artifact::code(uint32_t module, uint32_t function) const {
  if (module >= metadata_.modules.size()) return nullptr;
  const ModuleInfo& info = metadata_.modules[module];
  if (function < info.imported_functions || function >= info.functions.size()) return nullptr;
  uint32_t start = entries_[info.first_function + function - info.imported_functions];
  return start < text_.size() ? text_.data() + start : nullptr;
}

std::span<const uint8_t> Artifact::segment(const DataInfo& segment) const {
  return data_.subspan(segment.bytes_offset, segment.bytes_size);
}

std::span<const uint8_t> Artifact::name_section(const ModuleInfo& module) const {
  return data_.subspan(module.names_offset, module.names_size);
}

std::span<const uint8_t> Artifact::image(const MemoryImage& image) const {
  return images_.subspan(image.image_offset, image.size);
}

Digest artifact_digest(std::span<const uint8_t> bytes) {
  CHECK(bytes.size() >= artifact_page);
  return Hasher().add(bytes.first(artifact_seal_offset)).add(bytes.subspan(artifact_page)).digest();
}

}  // namespace tenon::compiler
