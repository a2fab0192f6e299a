// SPDX-License-Identifier: Apache-2.0
#include "agent/worker.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>

#include "agent/keeper.h"
#include "agent/sandbox.h"
#include "agent/version.h"
#include "enrich/container_state.h"
#include "rules/where.h"

namespace gancho {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t k_batch_bytes = 256 * 1024;  // rendered text that is written at a time
// How long it sleeps at most while a client is being served: clients have deadlines.
constexpr milliseconds k_client_nap{100};
// What an event of the epoll set is about.
enum Interest : std::uint32_t { k_ring, k_keeper, k_client };
// A clock that differs by less than this was not set: both clocks cannot be read in one instant.
constexpr std::int64_t k_clock_step_ns = 1'000'000;
// Milliseconds for a program that was interrupted while it wrote the last record.
constexpr int k_last_waits = 1000;
// Between two looks at the time while an event waits for what is known of its container.
constexpr milliseconds k_hold{5};

// A copy that the keeper made: no more of it than such a file may have.
std::string read_bounded(int fd, std::size_t limit) {
  std::string text;
  std::array<char, 16384> part;
  while (text.size() <= limit) {
    const ssize_t n = ::read(fd, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(n));
  }
  return {};
}

Result<std::string> read_all(int fd, const std::string& what) {
  std::string text;
  std::array<char, 16384> part;
  for (;;) {
    const ssize_t n = ::read(fd, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("cannot read " + what, errno);
    if (n == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(n));
  }
}

Result<UserTable> read_users(const Fd& passwd, const Fd& group,
                             std::string* passwd_text = nullptr) {
  std::string users = TRY(read_all(passwd.get(), "the users"));
  const std::string groups = TRY(read_all(group.get(), "the groups"));
  UserTable table = UserTable::parse(users, groups);
  if (passwd_text != nullptr) *passwd_text = std::move(users);
  return table;
}

}  // namespace

Result<Worker> Worker::create(int control_fd, Received start) {
  const WorkerSettings& settings = start.message.settings;
  std::vector<Fd>& fds = start.fds;
  if (start.message.kind != MessageKind::start ||
      fds.size() != k_fd_bulk_rings + settings.bulk_rings)
    return fail(Errc::internal, "the keeper's first message is not a start");

  std::vector<RingReader> rings;
  rings.push_back(TRY(RingReader::create(fds[k_fd_vital_ring].get(), settings.vital_ring_bytes)));
  for (std::uint32_t i = 0; i < settings.bulk_rings; ++i)
    rings.push_back(
        TRY(RingReader::create(fds[k_fd_bulk_rings + i].get(), settings.bulk_ring_bytes)));
  Account account = TRY(Account::create(fds[k_fd_account].get(), settings.cpus));
  Doorbell bell = TRY(Doorbell::create(fds[k_fd_doorbell].get()));

  Progress progress = TRY(Progress::create(fds[k_fd_progress].get(), settings.cpus));
  EventStream stream(std::move(rings), std::move(account), progress);

  Worker worker(control_fd, settings, std::move(progress), std::move(stream), std::move(bell));
  worker.events_ = worker.progress_.committed().events;

  // Edge-triggered: level-triggered, a ring that holds anything ends every nap at once.
  worker.epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event interest{};
  interest.events = EPOLLIN | EPOLLET;
  interest.data.u32 = k_ring;
  const auto watch = [&](int fd) {
    return ::epoll_ctl(worker.epoll_.get(), EPOLL_CTL_ADD, fd, &interest);
  };
  worker.ring_fds_.push_back(std::move(fds[k_fd_vital_ring]));
  for (std::uint32_t i = 0; i < settings.bulk_rings; ++i)
    worker.ring_fds_.push_back(std::move(fds[k_fd_bulk_rings + i]));
  for (const Fd& ring : worker.ring_fds_)
    if (watch(ring.get()) != 0) return fail_errno("cannot wait for a ring", errno);
  interest.events = EPOLLIN;
  interest.data.u32 = k_keeper;
  if (watch(control_fd) != 0) return fail_errno("cannot wait for the keeper", errno);

  std::string passwd;
  worker.users_ =
      std::make_unique<UserTable>(TRY(read_users(fds[k_fd_users], fds[k_fd_groups], &passwd)));
  worker.output_ = std::move(fds[k_fd_output]);
  worker.sink_ = std::make_unique<FdSink>(worker.output_.get(), "cannot write the output");
  worker.clock_ = WallClock::now();
  worker.facts_->set(worker.users_.get());
  worker.facts_->set(worker.containers_.get());
  worker.facts_->set(worker.clock_);
  worker.make_table();
  worker.make_renderers();
  if (settings.record != 0) {
    worker.record_file_ = std::move(fds[k_fd_record]);
    worker.record_sink_ = std::make_unique<FdSink>(worker.record_file_.get(), "recording");
    TRY(worker.start_recording());
  }
  ::tzset();  // reads the time zone's file, which the sandbox has no way to
  const std::time_t now = ::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);

  const std::string where = TRY(read_all(fds[k_fd_where].get(), "the condition"));
  const std::string orders = TRY(read_all(fds[k_fd_rules].get(), "the rules"));
  if (settings.alerts != 0) {
    worker.alerts_ = std::move(fds[k_fd_alerts]);
    *worker.sender_ = AlertSender(worker.alerts_.get());
  }
  utsname system{};
  ::uname(&system);
  const SipKey key = random_key();
  fds.clear();
  TRY(enter_sandbox(choose_sandbox_user(passwd)));
  if (!where.empty()) {
    auto condition = rules::read_where(where);
    // It was checked before it was sent.
    if (!condition) return fail(Errc::internal, condition.error().front());
    worker.where_ = std::make_unique<rules::Evaluator>(std::move(*condition), *worker.facts_);
  }
  if (settings.rules != 0)
    worker.rules_ = std::make_unique<RuleDesk>(
        TRY(RuleDesk::create(orders, worker.style(), *worker.facts_, worker.clock_,
                             static_cast<const char*>(system.nodename), key, *worker.sender_)));
  return worker;
}

// One that is there stays: what it knows cannot be had again.
void Worker::make_table() {
  if (settings_.processes == 0)
    table_.reset();
  else if (!table_)
    table_ = std::make_unique<ProcessTable>(
        ProcessTableLimits{.processes = static_cast<std::uint32_t>(settings_.processes)});
  facts_->set(table_.get());
}

void Worker::make_renderers() {
  const Projection fields = settings_.fields.projection();
  if (settings_.json != 0)
    json_ = std::make_unique<JsonRenderer>(*facts_, clock_, fields);
  else
    text_ = std::make_unique<TextRenderer>(
        *facts_, clock_, TextOptions{.colour = settings_.color != 0},
        settings_.fields.count == 0 ? std::nullopt : std::optional(fields));
}

Status Worker::start_recording() {
  const Commit& before = progress_.committed();
  // A predecessor that was killed before its first commit left nothing.
  if (before.recorded_bytes != 0) {
    recording_ =
        RecordingWriter::resume(*record_sink_, before.recorded_bytes, before.recorded_records);
    return {};
  }
  utsname system{};
  ::uname(&system);
  recording_ =
      TRY(RecordingWriter::create(*record_sink_, {.clock = clock_,
                                                  .writer = fmt::format("gancho {}", k_version),
                                                  .kernel_release = system.release,
                                                  .host = system.nodename,
                                                  .users = users_->users(),
                                                  .groups = users_->groups()}));
  return {};
}

Status Worker::run() {
  if (settings_.resume != 0 && progress_.writing()) buffer_.append('\n');
  TRY(send_message(control_, Message::of(MessageKind::ready)));
  bool finishing = false;
  int patience = k_last_waits;
  for (;;) {
    // Before what happened since is shown.
    check_clock();
    const std::size_t records = TRY(drain());
    if (enough()) break;
    TRY(ask_about_containers());
    // A record that waits is one that has not been taken, and so is one that is being written.
    const bool behind = records != 0 || held_ || !stream_.empty();
    settle_visit(behind);
    TRY(forget_old_rules(behind));
    const bool more = serve_clients(behind);
    if (held_) {
      // The answer wakes us; meanwhile more events may come, and with them more questions.
      bell_.clear_urged();
      if (!TRY(wait(more ? milliseconds(0) : k_hold))) finishing = true;
      continue;
    }
    if (finishing) {
      if (records != 0) continue;
      if (stream_.empty() || patience-- == 0) break;
      (void)TRY(wait(milliseconds(1)));
      continue;
    }
    bell_.clear_urged();
    // Napping over a full batch, we would be no faster than a batch for each nap.
    if (more || cut_) {
      finishing = !TRY(wait(milliseconds(0)));
      continue;
    }
    if (records != 0) {
      // More is likely to come soon: a nap instead of a wake-up for each.
      finishing = !TRY(wait(milliseconds(settings_.nap_ms)));
      continue;
    }
    bell_.arm();
    if (!stream_.empty()) {
      bell_.disarm();
      // Something is being written into a ring at this very moment.
      finishing = !TRY(wait(milliseconds(1)));
      continue;
    }
    const bool busy = !desk_.empty();
    finishing = !TRY(wait(busy ? std::optional(k_client_nap) : until_report()));
    bell_.disarm();
    if (busy) continue;
    progress_.count_wakeup();
  }
  if (rules_) {
    rules_->report(boot_now_ns(), true, buffer_);
    TRY(flush());
  }
  if (recording_) {
    RecordingTotals totals{};
    for (std::size_t i = 0; i < totals.size(); ++i) {
      const account_class sum = stream_.account().sum(static_cast<ev_class>(i));
      totals[i] = {.offered = sum.offered,
                   .delivered = progress_.delivered(static_cast<ev_class>(i)),
                   .lost_ring = sum.lost_ring,
                   .lost_slot = sum.lost_slot};
    }
    if (auto status = recording_->finish(totals); !status)
      return wrap("cannot end the recording", status.error());
  }
  return send_message(control_, Message::of(MessageKind::done));
}

bool Worker::enough() const {
  return settings_.count != 0 && events_ >= settings_.count;
}

Result<std::size_t> Worker::drain() {
  std::size_t records = 0;
  held_ = false;
  cut_ = true;
  for (const ev_class class_id : {EV_CLASS_VITAL, EV_CLASS_BULK})
    progress_.tell_fill(class_id, stream_.fill(class_id));
  while (buffer_.size() < k_batch_bytes && !enough()) {
    const std::span<const std::byte> record = stream_.peek();
    cut_ = !record.empty();
    if (!cut_) break;
    TRY(put(record));
    if (held_) break;
    stream_.take();
    ++records;
  }
  TRY(put_losses());
  if (rules_) rules_->report(boot_now_ns(), false, buffer_);
  TRY(flush());
  return records;
}

Status Worker::put(std::span<const std::byte> record) {
  const Result<EventView> event = EventView::create(record);
  if (!event) return wrap("the kernel side sent a record that makes no sense", event.error());
  const ev_header header = event->header();
  const bool shown = (header.flags & EV_FOR_TABLE) == 0;
  held_ = shown && event->container().cgroup_id != 0 && !inquiry_->ready(*event, boot_now_ns());
  if (held_) return {};  // it comes again
  last_time_ = header.time;
  if (table_) table_->apply(*event);
  if (!shown) return recording_ ? recording_->append(record) : Status{};
  if (rules_) {
    const std::size_t said = rules_->judge(*event, buffer_);
    if (said == 0) return record_unshown(*event);
    events_ += said;
    return recording_ ? recording_->append(record) : Status{};
  }
  if (where_ && !where_->matches(*event)) return record_unshown(*event);
  if (json_)
    json_->render(*event, buffer_);
  else
    text_->render(*event, buffer_);
  ++events_;
  return recording_ ? recording_->append(record) : Status{};
}

Status Worker::record_unshown(const EventView& event) {
  if (!recording_ || event.desc().lifecycle == nullptr) return {};
  unshown_.assign(event.record().begin(), event.record().end());
  ev_header header = event.header();
  header.flags |= EV_FOR_TABLE;
  std::memcpy(unshown_.data(), &header, sizeof(header));
  return recording_->append(unshown_);
}

Status Worker::put_losses() {
  Status status;
  bool lost_track = false;
  stream_.report_losses([&](const Loss& loss) {
    lost_track = lost_track || loss.class_id == EV_CLASS_VITAL;
    if (json_)
      json_->render(loss, buffer_);
    else
      text_->render(loss, buffer_);
    if (recording_ && status) status = recording_->append(loss);
  });
  if (lost_track && table_ && !std::exchange(asked_for_visit_, true) && status)
    return send_message(control_, Message::of(MessageKind::lost_track));
  return status;
}

Status Worker::flush() {
  if (!buffer_.empty()) {
    progress_.set_writing(true);
    TRY(sink_->write(std::as_bytes(std::span(buffer_.view()))));
    buffer_.clear();
  }
  if (recording_) {
    TRY(recording_->flush());
    progress_.draft().recorded_bytes = recording_->bytes();
    progress_.draft().recorded_records = recording_->records();
  }
  progress_.draft().events = events_;
  progress_.tell(lost_of(table_ ? table_->counts() : ProcessTableCounts{}, inquiry_->holdings()));
  stream_.save(progress_);
  progress_.commit();
  progress_.set_writing(false);
  stream_.release();
  return {};
}

void Worker::settle_visit(bool behind) {
  if (!visit_ || !table_ || (behind && last_time_ < visit_->heard)) return;
  table_->visited(visit_->began, visit_->complete);
  visit_.reset();
}

// Whatever is in the rings then happened before the old rules were replaced, or not long after.
Status Worker::forget_old_rules(bool behind) {
  constexpr std::uint64_t late_ns = 50'000'000;
  if (!rules_ || !rules_->changing()) return {};
  const std::uint64_t now = boot_now_ns();
  const std::uint64_t seen = behind ? std::max(last_time_, late_ns) - late_ns : now;
  rules_->forget_before(seen, buffer_);
  if (rules_->changing()) return {};
  TRY(flush());
  return send_message(control_, Message::of(MessageKind::rules));
}

std::optional<milliseconds> Worker::until_report() const {
  const auto due = rules_ ? rules_->report_due_ns() : std::nullopt;
  if (!due) return std::nullopt;
  const std::uint64_t now = boot_now_ns();
  return milliseconds(*due > now ? (*due - now) / 1'000'000 + 1 : 1);
}

bool Worker::serve_clients(bool behind) {
  // Whoever asks is told what had happened by then.
  if (desk_.empty() || (behind && last_time_ < last_client_)) return false;
  return desk_.serve(table_.get(), *facts_, clock_, inquiry_->holdings());
}

Status Worker::ask_about_containers() {
  if (inquiry_->nothing_to_ask()) return {};
  const std::uint64_t now = boot_now_ns();
  if (held_)
    stream_.look_ahead([&](std::span<const std::byte> record) {
      if (const auto event = EventView::create(record);
          event && (event->header().flags & EV_FOR_TABLE) == 0)
        inquiry_->look_ahead(*event, now);
    });
  while (const auto question = inquiry_->next(now)) {
    Message message = Message::of(MessageKind::container);
    message.container_question = *question;
    TRY(send_message(control_, message));
  }
  return {};
}

Status Worker::hear_of_container(const Received& answer) {
  const ContainerAnswer& about = answer.message.container_answer;
  const auto question = inquiry_->asked(about.cgroup_id);
  if (!question) return {};
  std::optional<ContainerInfo> state;
  Privileged privileged = Privileged::unknown;
  std::array<std::string, 8> text;
  for (std::size_t i = 0; i < answer.fds.size() && i < about.files.size(); ++i) {
    const auto file = static_cast<ContainerFile>(about.files[i]);
    std::string bytes = read_bounded(answer.fds[i].get(), container_file_max(file));
    if (file >= ContainerFile::passwd && file <= ContainerFile::gid_map)
      text[about.files[i]] = std::move(bytes);
    else if (file == ContainerFile::docker_host_config || file == ContainerFile::podman_config)
      privileged = parse_container_privilege(file, bytes);
    else if (!state)
      state = parse_container_state(file, bytes, question->id_text(), question->runtime);
  }
  if (state && privileged != Privileged::unknown) state->privileged = privileged;
  const auto names = [&](ContainerFile file, ContainerFile map) {
    return container_names(text[static_cast<std::size_t>(file)],
                           text[static_cast<std::size_t>(map)]);
  };
  if (!inquiry_->answer(
          about.cgroup_id, std::move(state), names(ContainerFile::passwd, ContainerFile::uid_map),
          names(ContainerFile::group, ContainerFile::gid_map), about.more == 0, boot_now_ns()))
    return {};
  const ContainerInfo* info = containers_->find(about.cgroup_id);
  return recording_ && info != nullptr ? recording_->append(about.cgroup_id, *info, boot_now_ns())
                                       : Status{};
}

void Worker::check_clock() {
  const WallClock now = WallClock::now();
  const std::int64_t step = now.offset_ns - clock_.offset_ns;
  if (step > -k_clock_step_ns && step < k_clock_step_ns) return;
  clock_ = now;
  if (rules_) rules_->set_clock(now);
  facts_->set(now);
  if (json_) json_->set_clock(now);
  if (text_) text_->set_clock(now);
  // A recording that cannot be written says so at its next flush.
  if (recording_) (void)recording_->append(now, boot_now_ns());
}

Result<bool> Worker::wait(std::optional<milliseconds> limit) {
  std::array<epoll_event, 8> events;
  const int timeout = limit ? static_cast<int>(limit->count()) : -1;
  const int n = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
  if (n < 0 && errno != EINTR) return fail_errno("cannot wait for events", errno);
  for (int i = 0; i < n; ++i)
    if (events[static_cast<std::size_t>(i)].data.u32 == k_keeper) return hear_keeper();
  return true;
}

Result<bool> Worker::hear_keeper() {
  Received received = TRY(receive_message(control_));
  switch (received.message.kind) {
    case MessageKind::ping:
      TRY(send_message(control_, Message::of(MessageKind::pong)));
      return true;
    case MessageKind::finish:
      return false;
    case MessageKind::client: {
      if (received.fds.size() != 1) return fail(Errc::internal, "a client without its connection");
      epoll_event interest{};
      interest.events = EPOLLIN | EPOLLOUT | EPOLLET;
      interest.data.u32 = k_client;
      // Closing it takes it out of the set.
      if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, received.fds[0].get(), &interest) == 0)
        desk_.admit(std::move(received.fds[0]));
      last_client_ = boot_now_ns();
      return true;
    }
    case MessageKind::visited:
      visit_ = {.began = received.message.time,
                .heard = boot_now_ns(),
                .complete = received.message.status == 0};
      asked_for_visit_ = false;
      return true;
    case MessageKind::container:
      TRY(hear_of_container(received));
      return true;
    case MessageKind::reload: {
      if (received.fds.size() < 2) return fail(Errc::internal, "a reload without its files");
      auto users = std::make_unique<UserTable>(TRY(read_users(received.fds[0], received.fds[1])));
      if (received.fds.size() > 2) {
        output_ = std::move(received.fds[2]);
        sink_ = std::make_unique<FdSink>(output_.get(), "cannot write the output");
      }
      settings_.json = received.message.settings.json;
      settings_.processes = received.message.settings.processes;
      settings_.fields = received.message.settings.fields;
      json_.reset();
      text_.reset();
      users_ = std::move(users);
      facts_->set(users_.get());
      make_table();
      make_renderers();
      if (rules_) rules_->set_style(style());
      return true;
    }
    case MessageKind::rules: {
      if (!rules_ || received.fds.size() != 1)
        return fail(Errc::internal, "rules that nobody can judge by");
      const std::string orders = TRY(read_all(received.fds[0].get(), "the rules"));
      TRY(rules_->change(orders, received.message.time));
      return true;
    }
    default:
      return fail(Errc::internal, "the keeper said something that it never says");
  }
}

int run_worker(int control_fd) {
  // Whoever ends all processes of a service, or of this name, means the keeper, which tells us
  // when.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_IGN);
  ::prctl(PR_SET_NAME, "gancho-worker");  // it was started as /proc/self/exe
  const auto give_up = [&](const Error& error) {
    Message message = Message::of(MessageKind::failed);
    message.status = static_cast<std::uint32_t>(error.code);
    message.set_text(error.message);
    (void)send_message(control_fd, message);
    return 1;
  };
  Result<Received> start = receive_message(control_fd);
  if (!start) return give_up(start.error());
  Result<Worker> worker = Worker::create(control_fd, std::move(*start));
  if (!worker) return give_up(worker.error());
  if (const Status status = worker->run(); !status) return give_up(status.error());
  return 0;
}

}  // namespace gancho
