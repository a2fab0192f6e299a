// SPDX-License-Identifier: Apache-2.0
#include "base/memory_map.h"

#include <sys/mman.h>

#include <cerrno>

namespace gancho {

Result<MemoryMap> MemoryMap::create(int fd, std::size_t bytes, Access access, std::size_t offset,
                                    const std::string& what) {
  const int protection = access == Access::read ? PROT_READ : PROT_READ | PROT_WRITE;
  void* address = ::mmap(nullptr, bytes, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (address == MAP_FAILED) return fail_errno("cannot map " + what, errno);
  MemoryMap map;
  map.address_ = address;
  map.bytes_ = bytes;
  return map;
}

MemoryMap::~MemoryMap() {
  if (address_ != nullptr) ::munmap(address_, bytes_);
}

}  // namespace gancho
