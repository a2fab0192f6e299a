// SPDX-License-Identifier: Apache-2.0
#include "walker/bpf_walker.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "config.bpf.h"
#include "walker/walker.bpf.h"
#include "wire/account.h"

#include "walker.skel.h"

namespace gancho::test {

std::string shown(const std::string& bytes) {
  std::string text;
  for (const char c : bytes)
    text += c > ' ' && c < 127 ? std::string(1, c)
                               : fmt::format("\\{:02x}", static_cast<unsigned char>(c));
  return text.size() > 600 ? fmt::format("{}...{} ({} bytes)", text.substr(0, 300),
                                         text.substr(text.size() - 300), bytes.size())
                           : text;
}

std::string shown(const Walked& walked) {
  return fmt::format("{} root_length {} flags {:x}", shown(walked.path), walked.root_length,
                     walked.flags);
}

struct Walker::Program {
  Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() { walker_bpf__destroy(skeleton); }

  walker_bpf* skeleton = walker_bpf__open_and_load();
};

Walker::Walker() : program_(std::make_unique<Program>()) {
  if (program_->skeleton == nullptr) throw std::runtime_error("cannot load walker.bpf.o");
}

Walker::~Walker() = default;

std::size_t Walker::max_steps() const {
  return program_->skeleton->rodata->max_steps;
}

void Walker::run(const int* fds, std::size_t count) {
  auto& shared = *program_->skeleton->bss;
  shared.count = static_cast<std::uint32_t>(count);
  std::copy_n(fds, count, shared.fds);
  LIBBPF_OPTS(bpf_test_run_opts, options);
  if (bpf_prog_test_run_opts(bpf_program__fd(program_->skeleton->progs.walk), &options) != 0)
    throw std::runtime_error("cannot run the walker");
}

std::vector<std::optional<Walked>> Walker::walk(const std::vector<int>& fds) {
  std::vector<std::optional<Walked>> result(fds.size());
  for (std::size_t from = 0; from < fds.size(); from += WALKS_MAX) {
    const std::size_t count = std::min<std::size_t>(fds.size() - from, WALKS_MAX);
    run(&fds[from], count);
    for (std::size_t i = 0; i < count; ++i) {
      const walk_answer& answer = program_->skeleton->bss->answers[i];
      if (answer.found == 0) continue;
      result[from + i] = Walked{.path = {reinterpret_cast<const char*>(answer.path), answer.length},
                                .root_length = answer.root_length,
                                .flags = answer.flags};
    }
  }
  return result;
}

}  // namespace gancho::test
