// SPDX-License-Identifier: Apache-2.0
#include "support/load.h"

#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <stdexcept>

#include "base/fd.h"

namespace gancho::test {
namespace {

// xor edi, edi; mov eax, 60 (exit); syscall
constexpr std::array<unsigned char, 9> k_exit{0x31, 0xff, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05};

void execute(Kind kind, const std::string& program, const std::string& tag, std::uint64_t number) {
  std::string argument = std::to_string(number);
  std::string first = tag;
  const std::array<char*, 3> arguments{first.data(), argument.data(), nullptr};
  if (kind == Kind::failed_exec) {
    ::execv((program + ".missing").c_str(), arguments.data());
    return;
  }
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execv(program.c_str(), arguments.data());
    ::_exit(127);
  }
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid || status != 0)
    throw std::runtime_error("cannot execute " + program);
}

}  // namespace

void write_tiny_program(const std::string& path) {
  struct {
    Elf64_Ehdr header{};
    Elf64_Phdr segment{};
    std::array<unsigned char, 16> code{};
  } file;
  constexpr std::uint64_t k_base = 0x400000;
  std::memcpy(file.header.e_ident, ELFMAG, SELFMAG);
  file.header.e_ident[EI_CLASS] = ELFCLASS64;
  file.header.e_ident[EI_DATA] = ELFDATA2LSB;
  file.header.e_ident[EI_VERSION] = EV_CURRENT;
  file.header.e_type = ET_EXEC;
  file.header.e_machine = EM_X86_64;
  file.header.e_version = EV_CURRENT;
  file.header.e_entry = k_base + sizeof(file.header) + sizeof(file.segment);
  file.header.e_phoff = sizeof(file.header);
  file.header.e_ehsize = sizeof(file.header);
  file.header.e_phentsize = sizeof(file.segment);
  file.header.e_phnum = 1;
  file.segment.p_type = PT_LOAD;
  file.segment.p_flags = PF_R | PF_X;
  file.segment.p_vaddr = k_base;
  file.segment.p_filesz = sizeof(file);
  file.segment.p_memsz = sizeof(file);
  file.segment.p_align = 4096;
  std::copy(k_exit.begin(), k_exit.end(), file.code.begin());
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755));
  if (::write(fd.get(), &file, sizeof(file)) != static_cast<ssize_t>(sizeof(file)))
    throw std::runtime_error("cannot write " + path);
}

TemporaryDirectory::TemporaryDirectory() : path_("/tmp/gancho-test.XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp");
  ::chmod(path_.c_str(), 0755);
}
TemporaryDirectory::~TemporaryDirectory() {
  std::filesystem::remove_all(path_);
}

void perform(Kind kind, const std::string& program, const std::string& tag, std::uint64_t count,
             std::uint64_t first, int cpu) {
  cpu_set_t before;
  ::sched_getaffinity(0, sizeof(before), &before);
  if (cpu >= 0) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<unsigned>(cpu), &only);
    ::sched_setaffinity(0, sizeof(only), &only);
  }
  for (std::uint64_t i = 0; i < count; ++i) execute(kind, program, tag, first + i);
  ::sched_setaffinity(0, sizeof(before), &before);
}

struct Load::Shared {
  std::atomic<std::uint64_t> done = 0;
  std::atomic<bool> stop = false;
};

Load::Load(Kind kind, const std::string& program, const std::string& tag) {
  void* page =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::runtime_error("mmap");
  shared_ = new (page) Shared;
  pid_ = ::fork();
  if (pid_ != 0) return;
  // An exception must not go on in what is a copy of the test.
  [&]() noexcept {
    while (!shared_->stop) {
      execute(kind, program, tag, shared_->done);
      ++shared_->done;
    }
    ::_exit(0);
  }();
}

Load::~Load() {
  stop();
  ::munmap(shared_, sizeof(Shared));
}

std::uint64_t Load::done() const {
  return shared_->done;
}

std::uint64_t Load::stop() {
  shared_->stop = true;
  if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  return shared_->done;
}

}  // namespace gancho::test
