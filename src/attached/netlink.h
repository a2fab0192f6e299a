// SPDX-License-Identifier: Apache-2.0
//
// rtnetlink(7): questions that are answered by a list, and attributes in the answers. Attributes
// are read by their own lengths, which are held against what there is.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gancho {

// The first member of what the bytes begin with; nullopt when they are too few.
template <class Header>
[[nodiscard]] std::optional<Header> header_of(std::string_view bytes) {
  Header header{};
  if (bytes.size() < sizeof header) return std::nullopt;
  bytes.copy(reinterpret_cast<char*>(&header), sizeof header);
  return header;
}

// What follows such a header, which is padded to four bytes as all that travels here.
template <class Header>
[[nodiscard]] std::string_view behind(std::string_view bytes) {
  constexpr std::size_t k_size = NLMSG_ALIGN(sizeof(Header));
  return bytes.size() < k_size ? std::string_view{} : bytes.substr(k_size);
}

struct Attribute {
  std::uint16_t type = 0;  // without its flags
  std::string_view value;
};

// Takes the next one off the bytes; nullopt at the end, and where they make no sense any more.
[[nodiscard]] std::optional<Attribute> next_attribute(std::string_view& bytes);

// The value of the first of this type, "" when there is none.
[[nodiscard]] std::string_view find_attribute(std::string_view bytes, std::uint16_t type);

// 0 when it is no number of this size.
[[nodiscard]] std::uint32_t number_of(std::string_view value);
// Up to its zero.
[[nodiscard]] std::string text_of(std::string_view value);

// One as it travels.
[[nodiscard]] std::string attribute(std::uint16_t type, std::string_view value);

// A question: header and attributes.
class Question {
 public:
  template <class Header>
  Question(std::uint16_t type, const Header& header)
      : type_(type), bytes_(reinterpret_cast<const char*>(&header), sizeof header) {
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }
  void add(std::uint16_t type, std::string_view value) { bytes_ += attribute(type, value); }

  [[nodiscard]] std::uint16_t type() const { return type_; }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  std::uint16_t type_;
  std::string bytes_;
};

// A socket of the network namespace that its maker's thread was in. One thread.
class RouteSocket {
 public:
  [[nodiscard]] static Result<RouteSocket> create();

  // The bodies of all answers. Asked again when the list changed meanwhile; after a few times it is
  // what it is.
  [[nodiscard]] Result<std::vector<std::string>> list(const Question& question);

 private:
  explicit RouteSocket(Fd socket) : socket_(std::move(socket)) {}
  // Whether it was a list of one moment.
  [[nodiscard]] Result<bool> list_once(const Question& question, std::vector<std::string>& bodies);
  [[nodiscard]] Result<std::string> receive();

  Fd socket_;
  std::uint32_t sequence_ = 0;
};

}  // namespace gancho
