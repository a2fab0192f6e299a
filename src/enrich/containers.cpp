// SPDX-License-Identifier: Apache-2.0
#include "enrich/containers.h"

#include <utility>

namespace gancho {
namespace {

std::size_t bytes_of(const ContainerInfo& info) {
  std::size_t bytes = sizeof(info);
  for (const std::string* text :
       {&info.type, &info.name, &info.image, &info.image_repository, &info.image_tag,
        &info.image_digest, &info.image_id, &info.created, &info.pod_name, &info.pod_namespace})
    bytes += text->size();
  for (const auto* names : {&info.users, &info.groups})
    for (const IdName& entry : *names) bytes += sizeof(entry) + entry.name.size();
  return bytes;
}

}  // namespace

const ContainerInfo* ContainerTable::find(std::uint64_t cgroup_id) const {
  const auto found = by_id_.find(cgroup_id);
  return found == by_id_.end() ? nullptr : &found->second->info;
}

const ContainerInfo* ContainerTable::use(std::uint64_t cgroup_id) {
  const auto found = by_id_.find(cgroup_id);
  if (found == by_id_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->info;
}

void ContainerTable::put(std::uint64_t cgroup_id, ContainerInfo info) {
  if (const auto old = by_id_.find(cgroup_id); old != by_id_.end()) erase(old->second);
  const std::size_t bytes = bytes_of(info);
  while (!entries_.empty() && (entries_.size() >= capacity_ || bytes_ + bytes > bytes_max_)) {
    erase(std::prev(entries_.end()));
    ++evicted_;
  }
  entries_.push_front({.cgroup_id = cgroup_id, .info = std::move(info), .bytes = bytes});
  by_id_[cgroup_id] = entries_.begin();
  bytes_ += bytes;
}

void ContainerTable::erase(std::list<Entry>::iterator entry) {
  bytes_ -= entry->bytes;
  by_id_.erase(entry->cgroup_id);
  entries_.erase(entry);
}

}  // namespace gancho
