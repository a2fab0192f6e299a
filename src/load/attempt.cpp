// SPDX-License-Identifier: Apache-2.0
#include "load/attempt.h"

#include <bpf/bpf.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "load/libbpf_log.h"

namespace gancho {
namespace {

// The kernel's own errno, never meant to be seen outside, and yet returned by bpf(2).
constexpr int k_enotsupp = 524;

// What it usually means when bpf(2) or perf_event_open(2) answers with it and says no more.
std::string meaning(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return std::string(k_not_permitted);
    case EINVAL:
      return "this kernel does not know it";
    case ENOENT:
    case ESRCH:
      return "this kernel does not have it";
    case k_enotsupp:
    case EOPNOTSUPP:
      return "this kernel does not support it";
    default:
      return std::strerror(error);
  }
}

bool says_why(std::string_view line) {
  if (line.empty() || std::isdigit(static_cast<unsigned char>(line.front())) != 0) return false;
  // "R0=..." register states, "; source" lines, "processed 2 insns ...", "func#0 @0"
  if (line.starts_with("R") && line.size() > 1 &&
      std::isdigit(static_cast<unsigned char>(line[1])) != 0 && line.contains('=')) {
    return false;
  }
  return !line.starts_with(";") && !line.starts_with("processed ") && !line.starts_with("func#") &&
         !line.starts_with("verification time") && !line.starts_with("stack depth");
}

}  // namespace

Attempt load_program(const SmallProgram& program) {
  capture_libbpf_log();
  const std::array<bpf_insn, 2> plain{{
      {.code = BPF_ALU64 | BPF_MOV | BPF_K,
       .dst_reg = BPF_REG_0,
       .src_reg = 0,
       .off = 0,
       .imm = program.return_value},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  const std::span<const bpf_insn> code = program.code.empty() ? plain : program.code;
  std::array<char, 4096> log{};
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.expected_attach_type = program.attach_type;
  options.attach_btf_id = program.attach_btf_id;
  options.prog_flags = program.sleepable ? BPF_F_SLEEPABLE : 0;
  // With level 0 libbpf asks for the log only after a refusal.
  options.log_buf = log.data();
  options.log_size = log.size();
  Attempt attempt = attempt_of(
      bpf_prog_load(program.type, "gancho_probe", "GPL", code.data(), code.size(), &options));
  if (!attempt.works()) {
    if (std::string words = verifier_reason(log.data()); !words.empty()) {
      attempt.reason = std::move(words);
    }
  }
  return attempt;
}

Attempt attempt_of(int fd_or_error) {
  Attempt attempt;
  if (fd_or_error >= 0) {
    attempt.fd.reset(fd_or_error);
  } else {
    attempt.error = -fd_or_error;
    attempt.reason = meaning(attempt.error);
  }
  return attempt;
}

std::string error_name(int error) {
  if (error == k_enotsupp) return "ENOTSUPP";
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : std::to_string(error);
}

std::string verifier_reason(std::string_view log) {
  std::string_view reason;
  while (!log.empty()) {
    const auto end = log.find('\n');
    const std::string_view line = log.substr(0, end);
    if (says_why(line)) reason = line;
    if (end == std::string_view::npos) break;
    log.remove_prefix(end + 1);
  }
  while (reason.ends_with('.') || reason.ends_with(' ')) reason.remove_suffix(1);
  return std::string(reason);
}

}  // namespace gancho
