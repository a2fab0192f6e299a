// SPDX-License-Identifier: Apache-2.0
//
// What the agent knew beside the records, built again from a recording while it is walked.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "enrich/known_facts.h"
#include "enrich/users.h"
#include "event/recording.h"
#include "event/view.h"
#include "wire/event.h"

namespace gancho {

// One thread. Stays where it was made: facts() refers to it.
class RecordedMachine {
 public:
  explicit RecordedMachine(const RecordingInfo& info)
      : users_(UserTable::from_names(info.users, info.groups)) {
    facts_.set(&users_);
    facts_.set(&processes_);
    facts_.set(&containers_);
    facts_.set(info.clock);
  }
  RecordedMachine(const RecordedMachine&) = delete;
  RecordedMachine& operator=(const RecordedMachine&) = delete;

  [[nodiscard]] const Facts& facts() const { return facts_; }
  // Has a record brought one so far, be it for the table?
  [[nodiscard]] bool environments() const { return environments_; }

  // Every item, in its order. The event when it is one that was to be seen, not only for the table;
  // losses and the clock are for whoever shows them, too.
  [[nodiscard]] Result<std::optional<EventView>> take(Recording::Item& item) {
    switch (item.kind) {
      case Recording::Kind::record: {
        const EventView event = TRY(EventView::create(item.record));
        processes_.apply(event);
        environments_ = environments_ || has_environment(event);
        if ((event.header().flags & EV_FOR_TABLE) != 0) break;
        return std::optional(event);
      }
      case Recording::Kind::clock:
        facts_.set(item.clock);
        break;
      case Recording::Kind::container:
        containers_.put(item.cgroup_id, std::move(item.container));
        break;
      case Recording::Kind::loss:
        break;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] static bool has_environment(const EventView& event) {
    Value value;
    return std::ranges::any_of(event.desc().fields, [&](const FieldDesc& field) {
      return field.of_environment && event.get(field, value);
    });
  }

  UserTable users_;
  ProcessTable processes_;
  // As many as the file tells of: what was known once is known up to its end.
  ContainerTable containers_{SIZE_MAX, SIZE_MAX};
  KnownFacts facts_;
  bool environments_ = false;
};

}  // namespace gancho
