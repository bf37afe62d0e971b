#include "compiler/artifact/writer.h"

#include <elf.h>

#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "compiler/artifact/metadata_archive.h"

namespace tenon::compiler {

namespace {

struct SectionPlan {
  std::string_view name;
  uint32_t type;
  uint64_t flags;
  uint64_t alignment;
};

// By SectionId.
constexpr SectionPlan plans[] = {
    {".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, artifact_page},
    {".rodata", SHT_PROGBITS, SHF_ALLOC, artifact_page},
    {".tenon.functions", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.entries", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.unwind", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.unwind_rules", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.landing_pads", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.safepoints", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.roots", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.positions", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.position_stream", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.metadata", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.data", SHT_PROGBITS, SHF_ALLOC, 64},
    {".tenon.images", SHT_PROGBITS, SHF_ALLOC, artifact_page},
    {".tenon.header", SHT_PROGBITS, SHF_ALLOC, 8},
    {".shstrtab", SHT_STRTAB, 0, 1},
};
constexpr size_t section_count = std::size(plans);
static_assert(section_count == static_cast<size_t>(SectionId::count));

constexpr uint32_t segment_count = 2;  // code; everything

template <typename T>
std::span<const uint8_t> as_bytes(const std::vector<T>& items) {
  return {reinterpret_cast<const uint8_t*>(items.data()), items.size() * sizeof(T)};
}

uint64_t align(uint64_t offset, uint64_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

class Layout {
 public:
  // Sections of page 0 are placed from behind the section headers, the others from the second page.
  void place(SectionId id, std::span<const uint8_t> bytes) {
    bool in_first_page = id == SectionId::header || id == SectionId::names;
    uint64_t& next = in_first_page ? next_in_page_ : next_;
    const SectionPlan& plan = plans[static_cast<size_t>(id)];
    Elf64_Shdr& section = headers_[static_cast<size_t>(id) + 1];
    next = align(next, plan.alignment);
    section.sh_type = plan.type;
    section.sh_flags = plan.flags;
    section.sh_addr = plan.flags == 0 ? 0 : next;
    section.sh_offset = next;
    section.sh_size = bytes.size();
    section.sh_addralign = plan.alignment;
    bytes_[static_cast<size_t>(id)] = bytes;
    next += bytes.size();
  }
  void place_names() {
    names_.push_back(0);
    for (size_t i = 0; i < section_count; i++) {
      headers_[i + 1].sh_name = static_cast<uint32_t>(names_.size());
      names_.insert(names_.end(), plans[i].name.begin(), plans[i].name.end());
      names_.push_back(0);
    }
    place(SectionId::names, names_);
    CHECK(next_in_page_ <= artifact_seal_offset);
  }

  uint64_t size() const { return next_; }
  std::vector<uint8_t> write() const {
    std::vector<uint8_t> file(next_);
    write_elf_header(file.data());
    std::memcpy(file.data() + sizeof(Elf64_Ehdr) + segment_count * sizeof(Elf64_Phdr), headers_,
                sizeof headers_);
    for (size_t i = 0; i < section_count; i++) {
      if (!bytes_[i].empty())
        std::memcpy(file.data() + headers_[i + 1].sh_offset, bytes_[i].data(), bytes_[i].size());
    }
    return file;
  }

 private:
  void write_elf_header(uint8_t* file) const {
    Elf64_Ehdr elf{};
    std::memcpy(elf.e_ident, ELFMAG, SELFMAG);
    elf.e_ident[EI_CLASS] = ELFCLASS64;
    elf.e_ident[EI_DATA] = ELFDATA2LSB;
    elf.e_ident[EI_VERSION] = EV_CURRENT;
    std::memcpy(elf.e_ident + EI_PAD, artifact_mark.data(), artifact_mark.size());
    elf.e_type = ET_DYN;
    elf.e_machine = EM_X86_64;
    elf.e_version = EV_CURRENT;
    elf.e_phoff = sizeof(Elf64_Ehdr);
    elf.e_shoff = sizeof(Elf64_Ehdr) + segment_count * sizeof(Elf64_Phdr);
    elf.e_ehsize = sizeof(Elf64_Ehdr);
    elf.e_phentsize = sizeof(Elf64_Phdr);
    elf.e_phnum = segment_count;
    elf.e_shentsize = sizeof(Elf64_Shdr);
    elf.e_shnum = section_count + 1;
    elf.e_shstrndx = static_cast<uint16_t>(SectionId::names) + 1;
    std::memcpy(file, &elf, sizeof elf);

    const Elf64_Shdr& text = headers_[static_cast<size_t>(SectionId::text) + 1];
    Elf64_Phdr code{};
    code.p_type = PT_LOAD;
    code.p_flags = PF_R | PF_X;
    code.p_offset = code.p_vaddr = code.p_paddr = text.sh_offset;
    code.p_filesz = code.p_memsz = text.sh_size;
    code.p_align = artifact_page;
    Elf64_Phdr rest = code;
    rest.p_flags = PF_R;
    rest.p_offset = rest.p_vaddr = rest.p_paddr =
        headers_[static_cast<size_t>(SectionId::rodata) + 1].sh_offset;
    rest.p_filesz = rest.p_memsz = next_ - rest.p_offset;
    std::memcpy(file + sizeof elf, &code, sizeof code);
    std::memcpy(file + sizeof elf + sizeof code, &rest, sizeof rest);
  }

  uint64_t next_in_page_ = sizeof(Elf64_Ehdr) + segment_count * sizeof(Elf64_Phdr) +
                           (section_count + 1) * sizeof(Elf64_Shdr);
  uint64_t next_ = artifact_page;
  Elf64_Shdr headers_[section_count + 1] = {};
  std::span<const uint8_t> bytes_[section_count];
  std::vector<uint8_t> names_;
};

Digest maker_mac(const Digest& digest, const MacKey& key) {
  return Hasher(key).add("tenon artifact").add(std::span<const uint8_t>(digest)).digest();
}

}  // namespace

Result<std::vector<uint8_t>> write_artifact(const ArtifactContents& contents) {
  if (contents.text.size() > max_text_bytes || contents.rodata.size() > max_text_bytes) {
    return fail(ErrorCode::limit,
                fmt::format("the code is larger than {} MiB", max_text_bytes >> 20));
  }
  const std::vector<uint8_t> metadata = to_bytes(contents.metadata);
  const std::span<const uint8_t> header(reinterpret_cast<const uint8_t*>(&contents.header),
                                        sizeof(ArtifactHeader));
  Layout layout;
  layout.place(SectionId::text, contents.text);
  layout.place(SectionId::rodata, contents.rodata);
  layout.place(SectionId::functions, as_bytes(contents.functions));
  layout.place(SectionId::entries, as_bytes(contents.entries));
  layout.place(SectionId::unwind, as_bytes(contents.unwind));
  layout.place(SectionId::unwind_rules, as_bytes(contents.unwind_rules));
  layout.place(SectionId::landing_pads, as_bytes(contents.landing_pads));
  layout.place(SectionId::safepoints, as_bytes(contents.safepoints));
  layout.place(SectionId::roots, as_bytes(contents.roots));
  layout.place(SectionId::position_blocks, as_bytes(contents.position_blocks));
  layout.place(SectionId::position_stream, contents.position_stream);
  layout.place(SectionId::metadata, metadata);
  layout.place(SectionId::data, contents.data);
  layout.place(SectionId::images, contents.images);
  layout.place(SectionId::header, header);
  layout.place_names();
  if (layout.size() > max_artifact_bytes) {
    return fail(ErrorCode::limit,
                fmt::format("the compiled code and its data are larger than {} MiB",
                            max_artifact_bytes >> 20));
  }
  std::vector<uint8_t> file = layout.write();
  Digest digest = artifact_digest(file);
  std::memcpy(file.data() + artifact_seal_offset + offsetof(ArtifactSeal, digest), digest.data(),
              digest.size());
  return file;
}

void sign_artifact(std::vector<uint8_t>& artifact, const MacKey& key) {
  CHECK(artifact.size() >= artifact_page);
  ArtifactSeal seal;
  std::memcpy(&seal, artifact.data() + artifact_seal_offset, sizeof seal);
  seal.maker = maker_mac(seal.digest, key);
  std::memcpy(artifact.data() + artifact_seal_offset, &seal, sizeof seal);
}

bool made_with(const ArtifactSeal& seal, const MacKey& key) {
  return same_digest(seal.maker, maker_mac(seal.digest, key));
}

}  // namespace tenon::compiler
