// SPDX-License-Identifier: Apache-2.0
#include "sinks/alert.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/clock.h"

namespace gancho {
namespace {

constexpr std::uint32_t k_magic = 0x314c4147;  // "GAL1"
constexpr std::int64_t k_patience_ns = 100'000'000;

struct Header {
  std::uint32_t magic;
  std::uint32_t priority;
  std::uint64_t wall_ns;
  std::array<std::uint32_t, 4> sizes;  // json, text, rule, source: behind each other
};
static_assert(sizeof(Header) == 32);

}  // namespace

bool write_alert(const Alert& alert, std::string& message) {
  const std::array<std::string_view, 4> parts{alert.json, alert.text, alert.rule, alert.source};
  Header header{.magic = k_magic,
                .priority = static_cast<std::uint32_t>(alert.priority),
                .wall_ns = alert.wall_ns,
                .sizes = {}};
  std::size_t bytes = sizeof(header);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].size() > k_alert_message_max - bytes) return false;
    header.sizes[i] = static_cast<std::uint32_t>(parts[i].size());
    bytes += parts[i].size();
  }
  message.assign(reinterpret_cast<const char*>(&header), sizeof(header));
  for (const std::string_view part : parts) message.append(part);
  return true;
}

std::optional<Alert> read_alert(std::span<const std::byte> message) {
  Header header;
  if (message.size() < sizeof(header) || message.size() > k_alert_message_max) return std::nullopt;
  std::memcpy(&header, message.data(), sizeof(header));
  if (header.magic != k_magic ||
      header.priority > static_cast<std::uint32_t>(rules::Priority::debug))
    return std::nullopt;
  std::string_view rest(reinterpret_cast<const char*>(message.data()), message.size());
  rest.remove_prefix(sizeof(header));
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (header.sizes[i] > rest.size()) return std::nullopt;
    parts[i] = rest.substr(0, header.sizes[i]);
    rest.remove_prefix(header.sizes[i]);
  }
  if (!rest.empty()) return std::nullopt;
  return Alert{.json = parts[0],
               .text = parts[1],
               .rule = parts[2],
               .priority = static_cast<rules::Priority>(header.priority),
               .wall_ns = header.wall_ns,
               .source = parts[3]};
}

std::optional<HeldAlert> HeldAlert::create(std::span<const std::byte> message) {
  if (!read_alert(message)) return std::nullopt;
  return HeldAlert(std::string(reinterpret_cast<const char*>(message.data()), message.size()));
}

Alert HeldAlert::alert() const {
  return read_alert(std::as_bytes(std::span(message_))).value_or(Alert{});
}

bool AlertSender::send(const Alert& alert) {
  if (fd_ < 0) return false;
  if (!write_alert(alert, message_)) {
    ++too_large_;
    return false;
  }
  iovec part{.iov_base = message_.data(), .iov_len = message_.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  for (;;) {
    if (::sendmsg(fd_, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
      behind_ = false;
      ++sent_;
      return true;
    }
    if (errno == EINTR) continue;
    if ((errno != EAGAIN && errno != ENOBUFS) || !wait_for_room()) break;
  }
  ++dropped_;
  return false;
}

bool AlertSender::wait_for_room() {
  if (!behind_) patience_ns_ = k_patience_ns;
  behind_ = true;
  if (patience_ns_ <= 0) return false;
  const std::uint64_t before = boot_now_ns();
  pollfd wait{.fd = fd_, .events = POLLOUT, .revents = 0};
  (void)::poll(&wait, 1, static_cast<int>((patience_ns_ + 999'999) / 1'000'000));
  // At least a bit each time: room that is too small for this alert must not keep us here.
  patience_ns_ -=
      std::max<std::int64_t>(static_cast<std::int64_t>(boot_now_ns() - before), 100'000);
  return patience_ns_ > 0;
}

}  // namespace gancho
