// SPDX-License-Identifier: Apache-2.0
#include "load/libbpf_log.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

namespace gancho {
namespace {

constexpr std::size_t k_kept = 64U << 10;
thread_local std::string t_log;

[[gnu::format(printf, 2, 0)]] int keep(libbpf_print_level level, const char* format,
                                       va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  if (length > 0) {
    // The verifier's whole walk may come as one message, and its end is the reason.
    std::string line(static_cast<std::size_t>(length), '\0');
    (void)std::vsnprintf(line.data(), line.size() + 1, format, again);
    t_log += line;
  }
  va_end(again);
  if (t_log.size() > k_kept) t_log.erase(0, t_log.size() - k_kept);
  return 0;
}

std::string last_line(std::string_view log) {
  const auto end = log.find_last_not_of(" \n");
  if (end == std::string::npos) return "";
  const auto begin = log.rfind('\n', end);
  return std::string(log.substr(begin == std::string::npos ? 0 : begin + 1,
                                end - (begin == std::string::npos ? 0 : begin)));
}

// What libbpf says last is about the object as a whole. The reason is what it says last about a
// program, and the verifier's last words before its statistics.
std::string reason(std::string_view log) {
  const auto program = log.rfind("libbpf: prog '");
  if (program == std::string_view::npos) return last_line(log);
  std::string about(log.substr(program, log.find('\n', program) - program));
  const auto walked = log.rfind("\nprocessed ", program);
  return walked == std::string_view::npos
             ? about
             : fmt::format("{}: {}", about, last_line(log.substr(0, walked)));
}

}  // namespace

void capture_libbpf_log() {
  libbpf_set_print(keep);
}

std::string take_libbpf_log() {
  return std::exchange(t_log, {});
}

std::unexpected<Error> fail_libbpf(std::string_view what, int error) {
  const std::string said = reason(take_libbpf_log());
  const int number = error < 0 ? -error : error;
  const bool denied = number == EPERM || number == EACCES;
  return fail(denied ? Errc::permission : Errc::unsupported,
              fmt::format("{}: {}{}{}; `gancho check` says what this kernel allows", what,
                          strerror(number), said.empty() ? "" : ": ", said));
}

}  // namespace gancho
