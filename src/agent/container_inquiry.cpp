// SPDX-License-Identifier: Apache-2.0
#include "agent/container_inquiry.h"

#include <algorithm>
#include <string>

#include "enrich/container_state.h"

namespace gancho {
namespace {

bool has_users(const ContainerInfo& info) {
  return !info.users.empty() || !info.groups.empty();
}

}  // namespace

void ContainerInquiry::refresh(Open& open, const EventView& event, const ev_container& container) {
  open.question.pid = event.header().pid;
  open.question.mnt_ns = sees_machine(container) ? 0 : container.mnt_ns;
}

// The oldest of those that nobody waits for.
void ContainerInquiry::make_room() {
  auto oldest = open_.end();
  for (auto at = open_.begin(); at != open_.end(); ++at)
    if (at->second.idle && at->second.sent == 0 &&
        (oldest == open_.end() || at->second.first < oldest->second.first))
      oldest = at;
  if (oldest == open_.end()) return;
  open_.erase(oldest);
  ++forgotten_;
}

ContainerInquiry::Open* ContainerInquiry::open(const EventView& event,
                                               const ev_container& container, std::uint64_t now) {
  if (const auto found = open_.find(container.cgroup_id); found != open_.end())
    return &found->second;
  if (open_.size() >= k_open_max) make_room();
  if (open_.size() >= k_open_max) return nullptr;
  Open& open = open_[container.cgroup_id];
  const std::string_view id = event.string(container.id).substr(0, EV_CONTAINER_ID_MAX);
  open.question.cgroup_id = container.cgroup_id;
  open.question.runtime = container.runtime;
  open.question.owner = container.owner;
  open.question.id_length = static_cast<std::uint32_t>(id.size());
  std::ranges::copy(id, open.question.id.begin());
  open.first = open.due = now;
  refresh(open, event, container);
  return &open;
}

bool ContainerInquiry::ready(const EventView& event, std::uint64_t now) {
  const ev_container container = event.container();
  if (container.cgroup_id == 0) return true;
  const ContainerInfo* info = table_.use(container.cgroup_id);
  const bool found = info != nullptr && info->found;
  // Once found it is asked about for its users only, and only as long as it is open.
  if (found &&
      (has_users(*info) || sees_machine(container) || !open_.contains(container.cgroup_id)))
    return true;

  const std::uint64_t waited_until = event.header().time + k_wait_ns;
  // Who is late already is granted an answer, but not one after another in a crowd.
  const bool crowded = open_.size() >= k_open_max;
  Open* asked = open(event, container, now);
  if (asked == nullptr) {
    if (now < waited_until) return false;
    ++unasked_;
    return true;
  }
  // A process of this event may tell of the users where one of an earlier event was gone already.
  if (asked->sent == 0) refresh(*asked, event, container);
  if (asked->idle) {
    if (now >= asked->again) asked->due = std::min(asked->due, now);
    return true;
  }
  if (now < waited_until) return false;
  if (!asked->answered && !crowded && now < asked->first + k_answer_ns) return false;
  rest(*asked, now + (found ? k_names_again_ns : k_forget_ns));
  if (!found) ++unknown_;
  return true;
}

// Nobody waits any more.
void ContainerInquiry::rest(Open& open, std::uint64_t again) {
  open.idle = true;
  open.due = k_never;
  open.again = again;
}

void ContainerInquiry::look_ahead(const EventView& event, std::uint64_t now) {
  const ev_container container = event.container();
  if (container.cgroup_id != 0 && table_.find(container.cgroup_id) == nullptr)
    (void)open(event, container, now);
}

std::optional<ContainerQuestion> ContainerInquiry::next(std::uint64_t now) {
  for (auto& [cgroup_id, open] : open_) {
    if (open.sent != 0 && now - open.sent > k_lost_ns) {
      open.sent = 0;
      --in_flight_;
    }
    if (open.sent != 0 || now < open.due || in_flight_ >= k_in_flight_max) continue;
    open.sent = now;
    ++in_flight_;
    return open.question;
  }
  return std::nullopt;
}

std::optional<ContainerQuestion> ContainerInquiry::asked(std::uint64_t cgroup_id) const {
  const auto found = open_.find(cgroup_id);
  if (found == open_.end() || found->second.sent == 0) return std::nullopt;
  return found->second.question;
}

// The question has been answered. False when there is nothing more to ask.
bool ContainerInquiry::take_last(Open& open, const ContainerInfo& info, std::uint64_t now) {
  open.sent = 0;
  --in_flight_;
  ++open.attempts;
  if (open.question.mnt_ns != 0) ++open.names_attempts;
  open.answered = true;
  if (info.found) {
    if (has_users(info) || open.names_attempts >= k_names_attempts) return false;
    rest(open, now + k_names_again_ns);
  } else if (open.idle) {
    rest(open, now + k_forget_ns);
  } else {
    const std::uint32_t doubled = std::min(open.attempts - 1, 8U);
    open.due = now + std::min(k_ask_again_ns << doubled, k_ask_again_max_ns);
  }
  return true;
}

bool ContainerInquiry::answer(std::uint64_t cgroup_id, std::optional<ContainerInfo> state,
                              std::vector<IdName> users, std::vector<IdName> groups, bool last,
                              std::uint64_t now) {
  const auto found = open_.find(cgroup_id);
  // A predecessor's question, or none of ours.
  if (found == open_.end() || found->second.sent == 0) return false;
  Open& open = found->second;
  ContainerInfo info;
  if (const ContainerInfo* before = table_.find(cgroup_id); before != nullptr) info = *before;
  const ContainerInfo old = info;
  if (!state && !info.found)
    state = container_without_state(open.question.id_text(), open.question.runtime);
  if (state) {
    state->users = std::move(info.users);
    state->groups = std::move(info.groups);
    info = std::move(*state);
  }
  if (!users.empty() || !groups.empty()) {
    info.users = std::move(users);
    info.groups = std::move(groups);
  }
  if (last && !take_last(open, info, now)) open_.erase(found);
  if (info == old) return false;
  table_.put(cgroup_id, std::move(info));
  return true;
}

ContainerHoldings ContainerInquiry::holdings() const {
  return {.max = table_.capacity(),
          .known = table_.size(),
          .bytes_max = table_.bytes_max(),
          .bytes = table_.bytes(),
          .asked_max = k_open_max,
          .asked = open_.size(),
          .evicted = table_.evicted(),
          .unknown = unknown_,
          .forgotten = forgotten_,
          .unasked = unasked_};
}

}  // namespace gancho
