// SPDX-License-Identifier: Apache-2.0
#include "attached/program_query.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>

namespace gancho {
namespace {

// As many as most places take. LSM hooks of a cgroup share a question.
constexpr std::size_t k_first = 64;

}  // namespace

ProgramQuery::ProgramQuery() : programs_(k_first), extras_(k_first) {}

int ProgramQuery::ask(int target, std::uint32_t type, Also also) {
  answer_.clear();
  for (int attempt = 0; attempt < 5; ++attempt) {
    struct bpf_prog_query_opts options{};
    options.sz = sizeof options;
    options.prog_ids = programs_.data();
    options.count = static_cast<std::uint32_t>(programs_.size());
    if (also != Also::nothing) std::ranges::fill(extras_, 0U);
    if (also == Also::links) options.link_ids = extras_.data();
    if (also == Also::flags) options.prog_attach_flags = extras_.data();
    if (bpf_prog_query_opts(target, static_cast<bpf_attach_type>(type), &options) == 0) {
      const std::size_t count = std::min<std::size_t>(options.count, programs_.size());
      for (std::size_t i = 0; i < count; ++i)
        answer_.push_back({.program = programs_[i],
                           .link = also == Also::links ? extras_[i] : 0,
                           .flags = also == Also::flags ? extras_[i] : options.attach_flags});
      return 0;
    }
    if (errno != ENOSPC) return errno;
    programs_.resize(std::max<std::size_t>(programs_.size() * 2, options.count));
    extras_.resize(programs_.size());
  }
  return ENOSPC;
}

}  // namespace gancho
