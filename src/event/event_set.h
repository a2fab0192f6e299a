// SPDX-License-Identifier: Apache-2.0
//
// A set of event types, laid out as the kernel side's filter has it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "wire/event.h"

namespace gancho {

class EventSet {
 public:
  constexpr EventSet() = default;
  constexpr EventSet(std::initializer_list<ev_type> types) {
    for (const ev_type type : types) add(type);
  }
  [[nodiscard]] static constexpr EventSet all() {
    EventSet set;
    set.words_.fill(~std::uint64_t{0});
    return set;
  }

  [[nodiscard]] static constexpr EventSet of(const __u64 (&words)[EV_TYPE_MAX / 64]) {
    EventSet set;
    for (std::size_t i = 0; i < set.words_.size(); ++i) set.words_[i] = words[i];
    return set;
  }

  // Types at or above EV_TYPE_MAX are none that a filter can hold.
  constexpr void add(std::uint16_t type) {
    if (type < EV_TYPE_MAX) words_[type / 64U] |= std::uint64_t{1} << (type % 64U);
  }
  constexpr void add(const EventSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  constexpr void remove(const EventSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }
  constexpr void remove(std::uint16_t type) {
    if (type < EV_TYPE_MAX) words_[type / 64U] &= ~(std::uint64_t{1} << (type % 64U));
  }
  constexpr void copy_to(__u64 (&words)[EV_TYPE_MAX / 64]) const {
    for (std::size_t i = 0; i < words_.size(); ++i) words[i] = words_[i];
  }
  [[nodiscard]] constexpr bool contains(std::uint16_t type) const {
    return type < EV_TYPE_MAX && (words_[type / 64U] >> (type % 64U) & 1) != 0;
  }
  [[nodiscard]] constexpr bool intersects(const EventSet& other) const {
    for (std::size_t i = 0; i < words_.size(); ++i)
      if ((words_[i] & other.words_[i]) != 0) return true;
    return false;
  }
  [[nodiscard]] constexpr bool empty() const { return *this == EventSet(); }

  friend constexpr EventSet operator&(EventSet a, const EventSet& b) {
    for (std::size_t i = 0; i < a.words_.size(); ++i) a.words_[i] &= b.words_[i];
    return a;
  }
  friend constexpr bool operator==(const EventSet&, const EventSet&) = default;

 private:
  std::array<std::uint64_t, EV_TYPE_MAX / 64> words_{};
};

}  // namespace gancho
