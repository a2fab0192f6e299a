// SPDX-License-Identifier: Apache-2.0
//
// 32-bit programs and callers. Their ELF files are made here, byte by byte: no 32-bit compiler is
// needed.
#include <gtest/gtest.h>

#include "support/exec_truth.h"

namespace gancho::test {
namespace {

constexpr std::uint32_t k_base = 0x08048000;
constexpr std::uint32_t k_headers = 52 + 32;

void put(std::string& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; i++) bytes += static_cast<char>(value >> 8 * i & 0xff);
}

// One segment, readable, writable and executable, that holds the headers and the code behind them.
std::string elf32(const std::string& code) {
  std::string file(
      "\x7f"
      "ELF\1\1\1",
      7);
  file.resize(16);
  put(file, 2, 2), put(file, 3, 2), put(file, 1, 4);                    // executable, i386
  put(file, k_base + k_headers, 4), put(file, 52, 4), put(file, 0, 4);  // entry, program headers
  put(file, 0, 4), put(file, 52, 2), put(file, 32, 2), put(file, 1, 2);
  put(file, 40, 2), put(file, 0, 2), put(file, 0, 2);
  const auto size = static_cast<std::uint32_t>(k_headers + code.size());
  put(file, 1, 4), put(file, 0, 4), put(file, k_base, 4), put(file, k_base, 4);
  put(file, size, 4), put(file, size, 4), put(file, 7, 4), put(file, 0x1000, 4);
  return file + code;
}

// mov eax, 1; xor ebx, ebx; int 0x80: exit(0)
const std::string k_exit("\xb8\1\0\0\0\x31\xdb\xcd\x80", 9);

// execve(path, {"a0", "a 1"}, NULL) by int 0x80; then exit(0). execveat(-100, path, ...) if `at`.
std::string execve32(const std::string& path, bool at) {
  std::string code;
  const std::uint32_t length = at ? 34 : 22;
  const std::uint32_t data =
      k_base + k_headers + length + static_cast<std::uint32_t>(k_exit.size());
  const std::uint32_t strings = data + 12;
  const auto mov = [&](char opcode, std::uint32_t value) { code += opcode, put(code, value, 4); };
  mov('\xb8', at ? 358 : 11);                                  // eax
  mov('\xbb', at ? 0xffffff9c : strings + 7);                  // ebx
  mov('\xb9', at ? strings + 7 : data);                        // ecx
  mov('\xba', at ? data : 0);                                  // edx
  if (at) mov('\xbe', 0), mov('\xbf', 0), code += "\x90\x90";  // esi, edi
  code += "\xcd\x80";
  code += k_exit;
  put(code, strings, 4), put(code, strings + 3, 4), put(code, 0, 4);
  return code + std::string("a0\0a 1\0", 7) + path + std::string(1, '\0');
}

TEST(Compat, ProgramOf32BitsFrom64) {
  const std::string path = directory("/tmp/truth/compat") + "/exit32";
  write_file(path, elf32(k_exit));
  check("32-bit program", plainly(path, {"t", "x"}),
        {.filename = path, .exepath = path, .args = {"t", "x"}});
}

void from_32_bits(const std::string& name, const std::string& path, bool at, bool there) {
  const std::string caller = directory("/tmp/truth/compat") + "/caller";
  write_file(caller, elf32(execve32(path, at)));
  const Outcome outcome = perform(name, plainly(caller, {"t"}));
  const auto events = ExecLog::get().records(name, outcome.facts.pid, 2);
  SCOPED_TRACE(name);
  EXPECT_EQ(text_of(events[0], "evt.arg.filename"), caller);
  EXPECT_FALSE(flag_of(events[0], "proc.is_compat"));
  Outcome second = outcome;
  second.error = there ? 0 : ENOENT;
  Expect expect{.filename = path,
                .exepath = std::nullopt,
                .args = {"a0", "a 1"},
                .flags = {"compat"},
                .lineage = {{"caller", "process_vm_test"}}};
  expect.env = Words();
  if (there) expect.exepath = path;
  if (!there) expect.name = "caller";
  check_record(second, events[1], expect);
}

TEST(Compat, CallerOf32Bits) {
  const std::string path = directory("/tmp/truth/compat") + "/exit32";
  write_file(path, elf32(k_exit));
  from_32_bits("execve by int 0x80", path, false, true);
  from_32_bits("execve by int 0x80, to 64 bits", target_path(), false, true);
  from_32_bits("execve by int 0x80, failed", "/none/compat", false, false);
  from_32_bits("execveat by int 0x80", path, true, true);
  from_32_bits("execveat by int 0x80, failed", "/none/compat", true, false);
}

}  // namespace
}  // namespace gancho::test
