// SPDX-License-Identifier: Apache-2.0
//
// Which containers the worker has to ask the keeper about, and how long an event waits for the
// answer: a second from its own time at most, and only for a container that nobody has waited for
// before. Then it is written, and marked. Pure: times are given. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/container_question.h"
#include "agent/holdings.h"
#include "enrich/containers.h"
#include "event/view.h"

namespace gancho {

class ContainerInquiry {
 public:
  static constexpr std::uint64_t k_wait_ns = 1'000'000'000;    // of an event, from its time
  static constexpr std::uint64_t k_answer_ns = 200'000'000;    // at least, for a first answer
  static constexpr std::uint64_t k_ask_again_ns = 20'000'000;  // doubled up to ...
  static constexpr std::uint64_t k_ask_again_max_ns = 160'000'000;
  // Asked again for an event at most so often, once nobody waits any more.
  static constexpr std::uint64_t k_forget_ns = 10'000'000'000;
  static constexpr std::size_t k_open_max = 256;      // containers that are asked about at a time
  static constexpr std::size_t k_in_flight_max = 16;  // questions without an answer
  // A container may have no files of users.
  static constexpr std::uint32_t k_names_attempts = 5;
  static constexpr std::uint64_t k_names_again_ns = 1'000'000'000;
  static constexpr std::uint64_t k_never = UINT64_MAX;
  static constexpr std::uint64_t k_lost_ns = 5'000'000'000;  // a question without an answer

  // `table` gets what is found out, and must outlive this.
  explicit ContainerInquiry(ContainerTable& table) : table_(table) {}

  // Whether the event may be written now. Asks otherwise, and sometimes also then.
  [[nodiscard]] bool ready(const EventView& event, std::uint64_t now);
  // An event that is not next yet: so that its question is on the way.
  void look_ahead(const EventView& event, std::uint64_t now);

  [[nodiscard]] bool nothing_to_ask() const { return open_.empty(); }

  // A question to be sent now.
  [[nodiscard]] std::optional<ContainerQuestion> next(std::uint64_t now);

  // The question that an answer belongs to; nullopt when there is none on the way.
  [[nodiscard]] std::optional<ContainerQuestion> asked(std::uint64_t cgroup_id) const;

  // What was found out: `state` as far as there is any, users as far as there are any; `last`: no
  // more answers to the same question follow. True when the table has changed for this container.
  bool answer(std::uint64_t cgroup_id, std::optional<ContainerInfo> state,
              std::vector<IdName> users, std::vector<IdName> groups, bool last, std::uint64_t now);

  [[nodiscard]] std::uint64_t unknown() const { return unknown_; }  // containers given up
  [[nodiscard]] ContainerHoldings holdings() const;                 // and the table's

 private:
  struct Open {
    ContainerQuestion question{};
    std::uint64_t first = 0;  // looked at
    std::uint64_t due = 0;    // to be asked (again); k_never: not by itself
    std::uint64_t sent = 0;   // 0: no question is on the way
    std::uint64_t again = 0;  // idle: an event may bring a question from then on
    std::uint32_t attempts = 0;
    std::uint32_t names_attempts = 0;  // with a process to ask about
    bool answered = false;             // at least once
    bool idle = false;                 // no event waits, and none will
  };
  Open* open(const EventView& event, const ev_container& container, std::uint64_t now);
  static void refresh(Open& open, const EventView& event, const ev_container& container);
  [[nodiscard]] bool take_last(Open& open, const ContainerInfo& info, std::uint64_t now);
  static void rest(Open& open, std::uint64_t again);
  void make_room();

  ContainerTable& table_;
  std::unordered_map<std::uint64_t, Open> open_;  // by cgroup
  std::size_t in_flight_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t forgotten_ = 0;
  std::uint64_t unasked_ = 0;
};

}  // namespace gancho
