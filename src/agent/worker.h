// SPDX-License-Identifier: Apache-2.0
//
// The unprivileged half of the agent: takes records out of the rings, renders and writes them. It
// is started as root, takes its descriptors from the keeper, maps what it needs, and shuts itself
// into the sandbox before it looks at the first byte that somebody else chose.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "agent/client_desk.h"
#include "agent/container_inquiry.h"
#include "agent/control.h"
#include "agent/event_stream.h"
#include "agent/progress.h"
#include "agent/rule_desk.h"
#include "base/byte_sink.h"
#include "base/bytes.h"
#include "enrich/containers.h"
#include "enrich/known_facts.h"
#include "enrich/users.h"
#include "event/json.h"
#include "event/recording.h"
#include "event/text.h"
#include "rules/evaluate.h"

namespace gancho {

class Worker {
 public:
  // Before the sandbox: everything that needs a privilege.
  [[nodiscard]] static Result<Worker> create(int control_fd, Received start);

  // Inside the sandbox. Returns when the keeper says finish, or when the count is reached.
  [[nodiscard]] Status run();

 private:
  Worker(int control_fd, const WorkerSettings& settings, Progress progress, EventStream stream,
         Doorbell bell)
      : control_(control_fd),
        settings_(settings),
        progress_(std::move(progress)),
        stream_(std::move(stream)),
        bell_(std::move(bell)),
        containers_(std::make_unique<ContainerTable>(settings.containers_max)),
        inquiry_(std::make_unique<ContainerInquiry>(*containers_)) {}

  void make_renderers();
  void make_table();
  [[nodiscard]] Status start_recording();

  // One batch: renders up to k_batch_bytes, writes them, gives their space back. How many records.
  [[nodiscard]] Result<std::size_t> drain();
  [[nodiscard]] Status put(std::span<const std::byte> record);
  // What is not shown, but says something about its process, for the table of whoever replays it.
  [[nodiscard]] Status record_unshown(const EventView& event);
  [[nodiscard]] Status put_losses();
  [[nodiscard]] Status flush();
  void check_clock();
  [[nodiscard]] AlertStyle style() const {
    return {.json = settings_.json != 0, .colour = settings_.color != 0};
  }
  // `behind`: records may be left that the old rules judge.
  [[nodiscard]] Status forget_old_rules(bool behind);
  // How long it may sleep because of alerts that were suppressed.
  [[nodiscard]] std::optional<std::chrono::milliseconds> until_report() const;
  // What a visit of all processes has shown, once all that it sent has been taken.
  void settle_visit(bool behind);
  // `behind`: records may be left that have not been taken. True when a client could go on at once.
  [[nodiscard]] bool serve_clients(bool behind);
  // Sleeps until there is something to do; false when the keeper said finish.
  [[nodiscard]] Result<bool> wait(std::optional<std::chrono::milliseconds> limit);
  [[nodiscard]] Result<bool> hear_keeper();
  // Sends the questions about containers that are due; while an event waits, also those of the
  // events behind it.
  [[nodiscard]] Status ask_about_containers();
  [[nodiscard]] Status hear_of_container(const Received& answer);
  [[nodiscard]] bool enough() const;

  int control_;
  WorkerSettings settings_;
  Progress progress_;
  EventStream stream_;
  Doorbell bell_;
  std::vector<Fd> ring_fds_;  // open only for epoll
  Fd epoll_;
  Fd output_;
  Fd record_file_;
  std::unique_ptr<FdSink> sink_;
  std::unique_ptr<FdSink> record_sink_;
  std::optional<RecordingWriter> recording_;
  std::unique_ptr<UserTable> users_;
  std::unique_ptr<ProcessTable> table_;  // nullptr: nobody needs it
  std::unique_ptr<ContainerTable> containers_;
  std::unique_ptr<ContainerInquiry> inquiry_;
  std::unique_ptr<KnownFacts> facts_ = std::make_unique<KnownFacts>();  // refers to all three
  bool held_ = false;  // the next event waits for what is known of its container
  bool cut_ = false;   // the last batch was full: more may be there already
  struct Visit {
    std::uint64_t began;  // boot clock, ns
    std::uint64_t heard;  // of it, by us; all that it sent is older
    bool complete;
  };
  std::optional<Visit> visit_;  // told of, not settled
  bool asked_for_visit_ = false;
  std::uint64_t last_time_ = 0;  // of the last record taken
  ClientDesk desk_;
  std::uint64_t last_client_ = 0;  // when it was admitted, boot clock, ns
  WallClock clock_;
  std::unique_ptr<JsonRenderer> json_;
  std::unique_ptr<TextRenderer> text_;
  std::unique_ptr<rules::Evaluator> where_;  // nullptr: everything is shown
  Fd alerts_;
  std::unique_ptr<AlertSender> sender_ = std::make_unique<AlertSender>();
  std::unique_ptr<RuleDesk> rules_;  // nullptr: events are shown
  std::vector<std::byte> unshown_;
  ByteBuffer buffer_;
  std::uint64_t events_ = 0;  // rendered, this worker's and its predecessors'
};

}  // namespace gancho
