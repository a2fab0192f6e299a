// SPDX-License-Identifier: Apache-2.0
//
// The functions and USDT probes of this very program, which has one of each cost.
#include "map/elf_places.h"

#include <gtest/gtest.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string>

// Functions whose first instruction is known, and a probe as <sys/sdt.h> makes it.
__asm__(
    ".text\n"
    ".globl gancho_pushes\n.type gancho_pushes, @function\n"
    "gancho_pushes: push %rbp\n pop %rbp\n ret\n.size gancho_pushes, .-gancho_pushes\n"
    ".globl gancho_moves\n.type gancho_moves, @function\n"
    "gancho_moves: mov %rdi, %rax\n"
    "990: nop\n ret\n.size gancho_moves, .-gancho_moves\n"
    ".pushsection .note.stapsdt,\"\",\"note\"\n"
    ".balign 4\n.4byte 992f-991f, 994f-993f, 3\n"
    "991: .asciz \"stapsdt\"\n992: .balign 4\n"
    "993: .8byte 990b\n.8byte _.stapsdt.base\n.8byte 0\n"
    ".asciz \"gancho\"\n.asciz \"moved\"\n.asciz \"8@%rdi\"\n"
    "994: .balign 4\n.popsection\n"
    ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
    ".weak _.stapsdt.base\n.hidden _.stapsdt.base\n"
    "_.stapsdt.base: .space 1\n.size _.stapsdt.base, 1\n.popsection\n");
extern "C" void gancho_pushes();
extern "C" void gancho_moves();

namespace gancho {
namespace {

// Where the kernel has put this program: what addresses in the file are to be added to.
std::uint64_t load_bias() {
  std::uint64_t bias = 0;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* to) {
        *static_cast<std::uint64_t*>(to) = info->dlpi_addr;
        return 1;  // the first is the program itself
      },
      &bias);
  return bias;
}

const ElfFunction* find(const ElfPlaces& places, std::string_view name) {
  const auto found = std::ranges::find(places.functions, name, &ElfFunction::name);
  return found == places.functions.end() ? nullptr : &*found;
}

TEST(ElfPlaces, HasThisProgramsFunctions) {
  const auto places = read_elf_places("/proc/self/exe");
  ASSERT_TRUE(places) << places.error().message;
  EXPECT_FALSE(places->stripped);
  const ElfFunction* pushes = find(*places, "gancho_pushes");
  ASSERT_NE(pushes, nullptr);
  EXPECT_EQ(pushes->address + load_bias(), reinterpret_cast<std::uint64_t>(&gancho_pushes));
  EXPECT_EQ(pushes->cost, UprobeCost::emulated);
  const ElfFunction* moves = find(*places, "gancho_moves");
  ASSERT_NE(moves, nullptr);
  EXPECT_EQ(moves->cost, UprobeCost::single_stepped);
  // At that offset of the file is what is at that address of the memory.
  std::ifstream file("/proc/self/exe", std::ios::binary);
  file.seekg(static_cast<std::streamoff>(moves->offset));
  std::array<char, 3> bytes{};
  file.read(bytes.data(), bytes.size());
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(),
                         reinterpret_cast<const char*>(moves->address + load_bias())));
}

TEST(ElfPlaces, HasItsProbe) {
  const auto places = read_elf_places("/proc/self/exe");
  ASSERT_TRUE(places) << places.error().message;
  const auto probe = std::ranges::find(places->probes, "moved", &ElfProbe::name);
  ASSERT_NE(probe, places->probes.end());
  EXPECT_EQ(probe->provider, "gancho");
  EXPECT_EQ(probe->arguments, "8@%rdi");
  EXPECT_FALSE(probe->semaphore);
  EXPECT_EQ(probe->cost, UprobeCost::emulated);
  const ElfFunction* moves = find(*places, "gancho_moves");
  ASSERT_NE(moves, nullptr);
  EXPECT_EQ(probe->address, moves->address + 3);
}

TEST(ElfPlaces, OfAStrippedProgramAreThoseThatOthersLinkTo) {
  const auto places = read_elf_places("/bin/sh");
  ASSERT_TRUE(places) << places.error().message;
  if (!places->stripped) GTEST_SKIP() << "this system's shell is not stripped";
  EXPECT_EQ(find(*places, "main"), nullptr);
}

TEST(ElfPlaces, RefusesWhatIsNoProgram) {
  EXPECT_FALSE(read_elf_places("/no/such/file"));
  EXPECT_FALSE(read_elf_places("/"));
  EXPECT_FALSE(read_elf_places("/dev/null"));
  const auto text = read_elf_places("/proc/self/status");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::input);
}

TEST(ElfPlaces, TakesDamageWithoutHarm) {
  std::ifstream file("/bin/sh", std::ios::binary);
  std::string whole((std::istreambuf_iterator<char>(file)), {});
  const std::string path = testing::TempDir() + "gancho_damaged." + std::to_string(::getpid());
  for (std::size_t seed = 1; seed < 200; ++seed) {
    std::string damaged = whole.substr(0, seed % 3 == 0 ? whole.size() * seed / 200 : whole.size());
    // In the header, the program headers and the tables at the end.
    for (std::size_t i = 0; i < 20; ++i) {
      const std::size_t at = (seed * 7919 + i * 104729) % 1024;
      if (at < damaged.size()) damaged[at] = static_cast<char>(seed * i);
      if (damaged.size() > at + 1) damaged[damaged.size() - 1 - at] ^= static_cast<char>(seed + i);
    }
    std::ofstream(path, std::ios::binary) << damaged;
    (void)read_elf_places(path);  // either; a sanitizer sees the rest
  }
  std::remove(path.c_str());
}

std::vector<std::byte> code(std::initializer_list<int> bytes) {
  std::vector<std::byte> out;
  for (const int byte : bytes) out.push_back(static_cast<std::byte>(byte));
  return out;
}

TEST(UprobeCost, IsThatOfTheKernelsRules) {
  using enum UprobeCost;
  EXPECT_EQ(uprobe_cost(code({0x90})), emulated);
  EXPECT_EQ(uprobe_cost(code({0x66, 0x90})), emulated);
  EXPECT_EQ(uprobe_cost(code({0x55})), emulated);                          // push %rbp
  EXPECT_EQ(uprobe_cost(code({0x41, 0x57})), emulated);                    // push %r15
  EXPECT_EQ(uprobe_cost(code({0x66, 0x55})), single_stepped);              // push %bp
  EXPECT_EQ(uprobe_cost(code({0xe8, 0, 0, 0, 0})), emulated);              // call
  EXPECT_EQ(uprobe_cost(code({0x66, 0xe8, 0, 0})), single_stepped);        // callw
  EXPECT_EQ(uprobe_cost(code({0x74, 0x10})), emulated);                    // je
  EXPECT_EQ(uprobe_cost(code({0x0f, 0x84, 0, 0, 0, 0})), emulated);        // je, far
  EXPECT_EQ(uprobe_cost(code({0xf3, 0x0f, 0x1e, 0xfa})), single_stepped);  // endbr64
  EXPECT_EQ(uprobe_cost(code({0x0f, 0x1f, 0x44, 0, 0})), long_nop);
  EXPECT_EQ(uprobe_cost(code({0x48, 0x83, 0xec, 0x08})), single_stepped);  // sub $8,%rsp
  EXPECT_EQ(uprobe_cost(code({0xc3})), single_stepped);                    // ret
  EXPECT_EQ(uprobe_cost({}), unknown);
  EXPECT_EQ(uprobe_cost(code({0x66})), unknown);
}

}  // namespace
}  // namespace gancho
