// SPDX-License-Identifier: Apache-2.0
#include "map/elf_places.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/fd.h"
#include "base/quote.h"

namespace gancho {
namespace {

constexpr std::size_t k_longest_instruction = 15;

using ElfHandle = std::unique_ptr<Elf, int (*)(Elf*)>;

struct Segment {
  std::uint64_t address;
  std::uint64_t size;
  std::uint64_t offset;
};

class Reader {
 public:
  explicit Reader(Elf* elf) : elf_(elf) {}

  Result<ElfPlaces> read() {
    GElf_Ehdr header;
    if (gelf_getehdr(elf_, &header) == nullptr) return fail(Errc::input, "its header is broken");
    native_ = header.e_machine == EM_X86_64;
    std::size_t size = 0;
    const char* bytes = elf_rawfile(elf_, &size);
    if (bytes != nullptr) image_ = std::as_bytes(std::span(bytes, size));
    read_segments();
    if (segments_.empty()) return fail(Errc::input, "it has no code that could be probed");
    std::size_t names = 0;
    if (elf_getshdrstrndx(elf_, &names) != 0) names = 0;
    read_sections(names);
    ElfPlaces places;
    places.stripped = symbols_ == nullptr;
    if (Elf_Scn* table = symbols_ != nullptr ? symbols_ : dynamic_; table != nullptr)
      read_symbols(table, places.functions);
    if (notes_ != nullptr) read_notes(places.probes);
    std::ranges::sort(places.functions, {},
                      [](const ElfFunction& one) { return std::tie(one.address, one.name); });
    const auto again = std::ranges::unique(places.functions, {}, [](const ElfFunction& one) {
      return std::tie(one.address, one.name);
    });
    places.functions.erase(again.begin(), again.end());
    std::ranges::sort(places.probes, {}, [](const ElfProbe& one) {
      return std::tie(one.provider, one.name, one.address);
    });
    return places;
  }

 private:
  void read_segments() {
    std::size_t count = 0;
    if (elf_getphdrnum(elf_, &count) != 0) return;
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Phdr segment;
      if (gelf_getphdr(elf_, static_cast<int>(i), &segment) == nullptr) return;
      if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0)
        segments_.push_back({segment.p_vaddr, segment.p_filesz, segment.p_offset});
    }
  }

  void read_sections(std::size_t names) {
    Elf_Scn* section = nullptr;
    while ((section = elf_nextscn(elf_, section)) != nullptr) {
      GElf_Shdr header;
      if (gelf_getshdr(section, &header) == nullptr) continue;
      const char* text = elf_strptr(elf_, names, header.sh_name);
      const std::string_view name = text == nullptr ? "" : text;
      if (header.sh_type == SHT_SYMTAB) symbols_ = section;
      if (header.sh_type == SHT_DYNSYM) dynamic_ = section;
      if (header.sh_type == SHT_NOTE && name == ".note.stapsdt") notes_ = section;
      if (name == ".stapsdt.base") base_ = header.sh_addr;
    }
  }

  void read_symbols(Elf_Scn* section, std::vector<ElfFunction>& functions) const {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_entsize == 0) return;
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr) return;
    const std::size_t count = data->d_size / header.sh_entsize;
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) return;
      const auto type = GELF_ST_TYPE(symbol.st_info);
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF) continue;
      const char* name = elf_strptr(elf_, header.sh_link, symbol.st_name);
      const auto offset = offset_of(symbol.st_value);
      if (name == nullptr || *name == '\0' || !offset) continue;
      functions.push_back(
          {.name = name, .address = symbol.st_value, .offset = *offset, .cost = cost_at(*offset)});
    }
  }

  // "stapsdt", type 3: three words (place, base, semaphore), then three strings.
  void read_notes(std::vector<ElfProbe>& probes) const {
    Elf_Data* data = elf_getdata(notes_, nullptr);
    if (data == nullptr) return;
    const std::string_view bytes(static_cast<const char*>(data->d_buf), data->d_size);
    std::size_t next = 0;
    GElf_Nhdr note;
    std::size_t name = 0;
    std::size_t desc = 0;
    while ((next = gelf_getnote(data, next, &note, &name, &desc)) > 0) {
      if (note.n_type != 3 || !bytes.substr(name, note.n_namesz).starts_with("stapsdt")) continue;
      if (auto probe = parse_probe(bytes.substr(desc, note.n_descsz)))
        probes.push_back(std::move(*probe));
    }
  }

  [[nodiscard]] std::optional<ElfProbe> parse_probe(std::string_view note) const {
    std::uint64_t words[3];
    if (gelf_getclass(elf_) != ELFCLASS64 || note.size() < sizeof words) return std::nullopt;
    std::memcpy(words, note.data(), sizeof words);
    note.remove_prefix(sizeof words);
    std::string strings[3];
    for (std::string& text : strings) {
      const std::size_t end = note.find('\0');
      if (end == std::string_view::npos) return std::nullopt;
      text = note.substr(0, end);
      note.remove_prefix(end + 1);
    }
    // What was moved after the notes were written is known by how far the base has moved.
    const std::uint64_t address = base_ != 0 ? words[0] + (base_ - words[1]) : words[0];
    const auto offset = offset_of(address);
    if (!offset) return std::nullopt;
    return ElfProbe{.provider = std::move(strings[0]),
                    .name = std::move(strings[1]),
                    .address = address,
                    .offset = *offset,
                    .arguments = std::move(strings[2]),
                    .semaphore = words[2] != 0,
                    .cost = cost_at(*offset)};
  }

  [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
    for (const Segment& segment : segments_)
      if (address >= segment.address && address - segment.address < segment.size)
        return address - segment.address + segment.offset;
    return std::nullopt;
  }

  [[nodiscard]] UprobeCost cost_at(std::uint64_t offset) const {
    if (!native_ || offset >= image_.size()) return UprobeCost::unknown;
    const std::size_t left = image_.size() - offset;
    return uprobe_cost(image_.subspan(offset, std::min(left, k_longest_instruction)));
  }

  Elf* elf_;
  bool native_ = false;
  std::span<const std::byte> image_;
  std::vector<Segment> segments_;
  Elf_Scn* symbols_ = nullptr;
  Elf_Scn* dynamic_ = nullptr;
  Elf_Scn* notes_ = nullptr;
  std::uint64_t base_ = 0;
};

}  // namespace

Result<ElfPlaces> read_elf_places(const std::string& path) {
  // Not blocking: it may be a pipe that nobody writes into.
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return fail_errno(in_quotes(path), errno);
  elf_version(EV_CURRENT);
  const ElfHandle elf(elf_begin(file.get(), ELF_C_READ_MMAP, nullptr), elf_end);
  if (!elf || elf_kind(elf.get()) != ELF_K_ELF)
    return fail(Errc::input, in_quotes(path) + ": no program or library (ELF)");
  auto places = Reader(elf.get()).read();
  if (!places) return wrap(in_quotes(path), std::move(places).error());
  return places;
}

}  // namespace gancho
