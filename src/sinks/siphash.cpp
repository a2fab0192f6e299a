// SPDX-License-Identifier: Apache-2.0
#include "sinks/siphash.h"

#include <sys/random.h>

#include <array>
#include <bit>
#include <cstring>

namespace gancho {
namespace {

static_assert(std::endian::native == std::endian::little);

struct State {
  std::uint64_t a;
  std::uint64_t b;
  std::uint64_t c;
  std::uint64_t d;

  void round() {
    a += b;
    b = std::rotl(b, 13) ^ a;
    a = std::rotl(a, 32);
    c += d;
    d = std::rotl(d, 16) ^ c;
    a += d;
    d = std::rotl(d, 21) ^ a;
    c += b;
    b = std::rotl(b, 17) ^ c;
    c = std::rotl(c, 32);
  }
  void take(std::uint64_t word) {
    d ^= word;
    round();
    round();
    a ^= word;
  }
};

}  // namespace

SipKey random_key() {
  SipKey key;
  // Cannot fail for so few bytes once the machine is up.
  (void)::getrandom(&key, sizeof(key), 0);
  return key;
}

std::uint64_t siphash(const SipKey& key, std::string_view bytes) {
  State state{.a = key.first ^ 0x736f6d6570736575,
              .b = key.second ^ 0x646f72616e646f6d,
              .c = key.first ^ 0x6c7967656e657261,
              .d = key.second ^ 0x7465646279746573};
  const std::uint64_t length = bytes.size();
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    state.take(word);
    bytes.remove_prefix(8);
  }
  std::uint64_t last = length << 56;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    last |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  state.take(last);
  state.c ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.a ^ state.b ^ state.c ^ state.d;
}

}  // namespace gancho
