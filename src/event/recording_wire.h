// SPDX-License-Identifier: Apache-2.0
//
// The structs of the recorded form, which recording.h draws. For writer, reader and their tests
// only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "base/crc32c.h"
#include "event/container.h"

namespace gancho::recorded {

inline constexpr std::array<unsigned char, 8> k_magic = {0x89, 'G',  'N',  'C',
                                                         '\r', '\n', 0x1a, '\n'};
inline constexpr std::uint32_t k_byte_order = 0x01020304;
inline constexpr std::uint32_t k_foreign_byte_order = 0x04030201;

struct Preamble {
  std::array<unsigned char, 8> magic;
  std::uint32_t byte_order;
  std::uint32_t version;
};

enum BlockKind : std::uint32_t { k_header = 1, k_items = 2, k_end = 3 };

struct BlockHead {
  std::uint32_t kind;
  std::uint32_t length;
  std::uint32_t records;
  std::uint32_t crc;
};

struct HeaderHead {
  std::int64_t wall_offset_ns;
  std::uint32_t events;
  std::uint32_t users;
  std::uint32_t groups;
  std::uint32_t zero;
};

struct HeaderEvent {
  std::uint16_t type;
  std::uint16_t zero;
  std::uint32_t size;
};

enum NoticeKind : std::uint8_t { k_loss = 1, k_clock = 2, k_container = 3 };

struct Notice {
  std::uint32_t size;
  std::uint16_t type;  // EV_NONE
  std::uint8_t class_id;
  std::uint8_t notice;
  std::uint64_t time;
  std::uint64_t value;
  std::uint32_t cpu;
  std::uint32_t reason;
  std::uint64_t zero;
};

// The strings of a container's notice, in their order.
inline constexpr std::array k_container_texts{
    &ContainerInfo::type,      &ContainerInfo::name,
    &ContainerInfo::image,     &ContainerInfo::image_repository,
    &ContainerInfo::image_tag, &ContainerInfo::image_digest,
    &ContainerInfo::image_id,  &ContainerInfo::created,
    &ContainerInfo::pod_name,  &ContainerInfo::pod_namespace,
};

struct End {
  struct Class {
    std::uint64_t offered;
    std::uint64_t delivered;
    std::uint64_t lost_ring;
    std::uint64_t lost_slot;
  };
  std::array<Class, 2> classes;
  std::uint64_t records;
};

// No holes: every byte of the file is written on purpose.
template <class T>
inline constexpr bool k_wire = std::has_unique_object_representations_v<T> && sizeof(T) % 8 == 0;
static_assert(k_wire<Preamble> && sizeof(Preamble) == 16);
static_assert(k_wire<BlockHead> && sizeof(BlockHead) == 16);
static_assert(k_wire<HeaderHead> && sizeof(HeaderHead) == 24);
static_assert(k_wire<HeaderEvent> && sizeof(HeaderEvent) == 8);
static_assert(k_wire<Notice> && sizeof(Notice) == 40);
static_assert(k_wire<End> && sizeof(End) == 72);

template <class T>
std::span<const std::byte> bytes_of(const T& wire) {
  return std::as_bytes(std::span(&wire, 1));
}

// Of everything in a block but the checksum itself.
inline std::uint32_t block_crc(const BlockHead& head, std::span<const std::byte> payload) {
  return crc32c(payload, crc32c(bytes_of(head).first(offsetof(BlockHead, crc))));
}

inline constexpr std::size_t padded(std::size_t size) {
  return (size + 7) & ~std::size_t{7};
}

}  // namespace gancho::recorded
