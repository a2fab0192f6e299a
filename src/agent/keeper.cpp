// SPDX-License-Identifier: Apache-2.0
#include "agent/keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <deque>
#include <tuple>

#include "agent/account_report.h"
#include "agent/agent_files.h"
#include "agent/client_listener.h"
#include "agent/config.h"
#include "agent/container_files.h"
#include "agent/hook_plan.h"
#include "agent/kernel_side.h"
#include "agent/rule_source.h"
#include "agent/settings.h"
#include "agent/watch_order.h"
#include "agent/worker_process.h"
#include "base/clock.h"
#include "base/own_child.h"
#include "event/room.h"
#include "load/cgroup.h"
#include "load/object.h"
#include "load/probe.h"
#include "sinks/check_sinks.h"
#include "sinks/courier_process.h"
#include "sinks/pack.h"

namespace gancho {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr seconds k_tick{5};           // between two looks at the kernel's count of skipped runs
constexpr seconds k_finish_limit{10};  // for the worker to write what is left
constexpr std::size_t k_restarts = 5;  // of the worker, within k_restart_window
constexpr seconds k_restart_window{60};
constexpr seconds k_courier_limit{5};  // to deliver what is queued, at the end
// Without it nobody tells which cgroups are containers'.
constexpr std::string_view k_container_program = "tp_btf__cgroup_mkdir";
constexpr std::string_view k_cgroup_iterator = "iter__cgroup";

void say(std::string_view line) {
  fmt::print(stderr, "gancho: {}\n", line);
}

// Several lines, each with its newline.
void say_all(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    if (end != 0) fmt::print(stderr, "{}\n", lines.substr(0, end));
    lines.remove_prefix(std::min(lines.size(), end + 1));
  }
}

// Blocks the signals that we want to hear of, and makes them readable.
Result<Fd> hear_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&set, signal);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0)
    return fail_errno("cannot block signals", errno);
  Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return fail_errno("cannot hear signals", errno);
  return fd;
}

Result<Fd> make_timer(nanoseconds first, nanoseconds period) {
  Fd fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  const auto spec = [](nanoseconds d) {
    return timespec{.tv_sec = std::chrono::duration_cast<seconds>(d).count(),
                    .tv_nsec = (d % seconds(1)).count()};
  };
  const itimerspec when{.it_interval = spec(period), .it_value = spec(first)};
  if (!fd.valid() || ::timerfd_settime(fd.get(), 0, &when, nullptr) != 0)
    return fail_errno("cannot set a timer", errno);
  return fd;
}

// The first process's: our own may be one that systemd has made for us.
std::uint32_t machine_mount_namespace() {
  struct stat status{};
  return ::stat("/proc/1/ns/mnt", &status) == 0 ? static_cast<std::uint32_t>(status.st_ino) : 0;
}

class Keeper {
 public:
  [[nodiscard]] static Result<Keeper> create(AgentOptions options);
  [[nodiscard]] Result<int> run();

 private:
  Keeper(AgentOptions options, KernelSide kernel, WorkerProcess worker)
      : options_(std::move(options)), kernel_(std::move(kernel)), worker_(std::move(worker)) {}

  [[nodiscard]] Status open_files();
  [[nodiscard]] Status start_worker(bool resume);
  [[nodiscard]] Status watch(WatchOrder order);
  [[nodiscard]] Status visit(VisitDepth depth);
  void visit_cgroups();
  [[nodiscard]] Status hear_signal();
  void mind_courier();
  [[nodiscard]] Status hear_worker();
  [[nodiscard]] Status hear_last_words();
  [[nodiscard]] Status worker_ended(int wait_status);
  [[nodiscard]] Status tick();
  [[nodiscard]] Status reload();
  [[nodiscard]] Status change_policy();
  void say_rules() const;
  // The new rules are in force for what happens from now on; what they come to in the kernel, once
  // the worker has judged everything that happened before.
  [[nodiscard]] Status change_rules(std::string orders, WatchOrder order);
  [[nodiscard]] Status rules_changed();
  [[nodiscard]] Status finish();
  void tell_worker(const Message& message, std::span<const int> fds = {});
  [[nodiscard]] Status admit_client();
  [[nodiscard]] std::uint64_t processes() const {
    return kernel_.keeps_table() ? options_.limits.processes : 0;
  }
  void report_account();

  AgentOptions options_;
  KernelSide kernel_;
  WorkerProcess worker_;
  KernelFacts facts_;
  Doorbell bell_;
  Account account_;
  ClientListener listener_;
  std::size_t rules_ = 0;               // in force
  std::string orders_;                  // about rules, for the worker; "": there are none
  std::optional<WatchOrder> narrower_;  // rules are being changed: what they come to in the end
  bool reload_again_ = false;           // asked for meanwhile
  bool visit_again_ = false;  // what the last visit of all processes sent was not all received
  Fd signals_;
  Fd duration_;
  Fd tick_;
  Fd watchdog_;
  Fd output_;
  Fd record_;
  std::optional<CourierProcess> courier_;  // where alerts go that have a way of their own
  ContainerHierarchy containers_;
  ContainerFiles container_files_;
  bool finishing_ = false;
  bool done_ = false;
  std::uint64_t finish_deadline_ = 0;   // boot clock, ns
  std::deque<std::uint64_t> restarts_;  // boot clock, ns
};

Result<Keeper> Keeper::create(AgentOptions options) {
  // Before anything is started: a signal that comes too early would leave half an agent.
  Fd signals = TRY(hear_signals());
  RuleSource rules;
  if (!options.rules.files.empty()) {
    rules = TRY(read_rules(options));
    rules.ask(options);
  }
  KernelProbe probe;
  const KernelFacts& facts = probe.facts();
  if (const std::string missing = missing_privilege(facts); !missing.empty())
    return fail(Errc::permission, missing + "; run it as root");
  // Whoever waits for alerts would wait for ever.
  if (!options.rules.files.empty()) TRY(check_sinks(options.alerts));
  HookPlan plan = TRY(plan_hooks(probe, options));
  WatchOrder order = TRY(make_watch_order(options, facts, plan));
  const EventSet events = order.events();
  if (plan.absent(events) == events && !events.empty())
    return fail(Errc::unsupported, fmt::format("nothing that was asked for can be seen: {}",
                                               fmt::join(plan.losses(events, {}), "; ")));

  Limits& limits = options.limits;
  if (limits.bulk_rings == 0)
    limits.bulk_rings = std::bit_ceil(std::clamp(facts.possible_cpus, 1U, 8U));
  // A reload may ask for other events; where there is none, what nobody asked for is not loaded.
  const bool may_change = !options.config_file.empty() || !options.rules.files.empty();
  const std::vector<std::string_view> programs =
      plan.programs(may_change ? EventSet::all() : events, order.table());
  ContainerHierarchy containers;
  if (std::ranges::find(programs, k_container_program) != programs.end())
    containers = container_hierarchy(facts.cgroup2_at);
  const bool can_visit_cgroups = !containers.mounted_at.empty() &&
                                 std::ranges::find(programs, k_cgroup_iterator) != programs.end();
  BpfObject object =
      TRY(BpfObject::load({.args_max = limits.args_max,
                           .vital_ring_bytes = limits.vital_ring_bytes,
                           .bulk_ring_bytes = limits.bulk_ring_bytes,
                           .bulk_rings = limits.bulk_rings,
                           .containers = containers.kind,
                           .container_tasks = !can_visit_cgroups,
                           .machine_mnt_ns = machine_mount_namespace(),
                           .bare = plan.on_every_call(),
                           .containers_max = limits.containers_max,
                           .handed_over = events.contains(EV_HANDED_OVER) || may_change,
                           .programs = programs,
                           .probes_at_once = probe.probes_at_once()}));
  WorkerProcess worker = TRY(WorkerProcess::create(object.cpus()));
  KernelSide kernel = TRY(
      KernelSide::create(std::move(object), std::move(plan), std::move(order), options.io.files));
  Keeper keeper(std::move(options), std::move(kernel), std::move(worker));
  keeper.facts_ = facts;
  keeper.containers_ = std::move(containers);
  keeper.signals_ = std::move(signals);
  say_all(rules.remarks);
  keeper.rules_ = rules.rules;
  keeper.orders_ = std::move(rules.orders);
  BpfObject& loaded = keeper.kernel_.object();
  keeper.bell_ = TRY(Doorbell::create(loaded.doorbell_fd()));
  keeper.account_ = TRY(Account::create(loaded.account_fd(), loaded.cpus()));
  TRY(keeper.open_files());
  return keeper;
}

Status Keeper::open_files() {
  output_ = TRY(open_output(options_.output_file));
  if (!options_.socket.empty()) listener_ = TRY(ClientListener::create(options_.socket));
  if (!options_.record_file.empty()) record_ = TRY(open_recording(options_.record_file));
  tick_ = TRY(make_timer(k_tick, k_tick));
  if (options_.duration)
    duration_ = TRY(make_timer(std::max(*options_.duration, nanoseconds(1)), nanoseconds(0)));
  std::uint64_t watchdog_us = 0;
  if (::sd_watchdog_enabled(0, &watchdog_us) > 0) {
    const nanoseconds half(watchdog_us * 500);
    watchdog_ = TRY(make_timer(half, half));
  }
  return {};
}

Status Keeper::start_worker(bool resume) {
  if (resume && record_.valid()) {
    // Behind the last complete block may stand half of the next; its records are still in the
    // rings.
    const auto end = static_cast<off_t>(worker_.progress().committed().recorded_bytes);
    struct stat status{};
    if (::fstat(record_.get(), &status) == 0 && S_ISREG(status.st_mode) &&
        (::ftruncate(record_.get(), end) != 0 || ::lseek(record_.get(), end, SEEK_SET) != end))
      return fail_errno("cannot mend the recording", errno);
  }
  const Fd users = open_or_nothing("/etc/passwd");
  const Fd groups = open_or_nothing("/etc/group");
  const Fd where = TRY(memory_file("gancho-where", options_.where));
  const Fd rules = TRY(memory_file("gancho-rules", orders_));
  const BpfObject& object = kernel_.object();
  std::vector<int> fds{object.vital_ring_fd(),
                       object.account_fd(),
                       object.doorbell_fd(),
                       worker_.progress_fd(),
                       users.get(),
                       groups.get(),
                       output_.get(),
                       record_.valid() ? record_.get() : output_.get(),
                       where.get(),
                       rules.get(),
                       courier_ ? courier_->worker_fd() : output_.get()};
  for (std::size_t i = 0; i < object.bulk_rings(); ++i) fds.push_back(object.bulk_ring_fd(i));
  return worker_.start({.vital_ring_bytes = options_.limits.vital_ring_bytes,
                        .bulk_ring_bytes = options_.limits.bulk_ring_bytes,
                        .bulk_rings = options_.limits.bulk_rings,
                        .cpus = object.cpus(),
                        .nap_ms = static_cast<std::uint32_t>(options_.limits.nap.count()),
                        .json = options_.format == OutputFormat::json,
                        .color = options_.color,
                        .record = record_.valid(),
                        .resume = resume,
                        .rules = !orders_.empty(),
                        .alerts = courier_.has_value(),
                        .unused = {},
                        .processes = processes(),
                        .count = options_.count,
                        .containers_max = options_.limits.containers_max,
                        .fields = FieldList::of(options_.fields, options_.environment)},
                       fds);
}

Status Keeper::watch(WatchOrder order) {
  TRY(kernel_.change(std::move(order)));
  visit_cgroups();  // so that the processes' records can say which container they run in
  TRY(visit(VisitDepth::memory));
  kernel_.existing_were_shown();
  return {};
}

// After everything is attached, so that no process is without identity in between.
Status Keeper::visit(VisitDepth depth) {
  const auto lost = [this] {
    const account_class sum = account_.sum(EV_CLASS_VITAL);
    return sum.lost_ring + sum.lost_slot;
  };
  const std::uint64_t lost_before = lost();
  Message visited = Message::of(MessageKind::visited);
  visited.time = boot_now_ns();
  const TaskVisit visit = TRY(kernel_.object().visit_tasks(depth));
  if (visit.held_up)
    say("a process kept us waiting for its arguments or environment; those of some older processes "
        "are missing");
  if (!kernel_.keeps_table()) return {};
  const bool complete = lost() == lost_before;
  visited.status = complete ? 0 : 1;
  // One that looks at less than was missed settles nothing.
  visit_again_ = !complete || (visit_again_ && depth == VisitDepth::task);
  tell_worker(visited);
  return {};
}

// What a process has changed since its exec (its user, its name, its session) no record tells.
Status Keeper::admit_client() {
  const Fd connection = listener_.accept();
  if (!connection.valid()) return {};
  TRY(visit(VisitDepth::task));
  const std::array<int, 1> fds{connection.get()};
  // A worker that is behind with what we tell it is no reason to wait: the client sees the end.
  (void)send_message(worker_.socket(), Message::of(MessageKind::client), fds, MSG_DONTWAIT);
  return {};
}

// Where this cannot be, the tasks tell of their containers.
void Keeper::visit_cgroups() {
  if (containers_.mounted_at.empty()) return;
  const Fd root(::open(containers_.mounted_at.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return;
  if (const Status status = kernel_.object().visit_cgroups(root.get()); !status)
    say(status.error().message);
}

Result<int> Keeper::run() {
  if (!orders_.empty() && options_.alerts.any_sink()) {
    courier_ = TRY(CourierProcess::create(options_.alerts));
    TRY(courier_->start());
  }
  TRY(start_worker(false));
  TRY(kernel_.make_lineage());
  TRY(watch(kernel_.order()));
  if (options_.banner)
    for (const std::string& line :
         kernel_.plan().losses(kernel_.order().events(), kernel_.order().table()))
      say(line);

  std::array<pollfd, 7> waits{};
  while (!done_) {
    waits = {{{.fd = signals_.get(), .events = POLLIN, .revents = 0},
              {.fd = worker_.socket(), .events = POLLIN, .revents = 0},
              {.fd = tick_.get(), .events = POLLIN, .revents = 0},
              {.fd = duration_.get(), .events = POLLIN, .revents = 0},
              {.fd = watchdog_.get(), .events = POLLIN, .revents = 0},
              {.fd = listener_.fd(), .events = POLLIN, .revents = 0},
              {.fd = courier_ ? courier_->socket() : -1, .events = POLLIN, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), finishing_ ? 100 : -1) < 0 && errno != EINTR)
      return fail_errno("cannot wait", errno);
    // What the worker has to say comes before the news that it ended.
    if (waits[1].revents != 0) TRY(hear_worker());
    if (waits[0].revents != 0) TRY(hear_signal());
    if (waits[2].revents != 0) TRY(tick());
    if (waits[3].revents != 0) {
      duration_.reset();
      TRY(finish());
    }
    if (waits[4].revents != 0) {
      std::uint64_t expirations = 0;
      (void)::read(watchdog_.get(), &expirations, sizeof(expirations));
      tell_worker(Message::of(MessageKind::ping));
    }
    if (waits[5].revents != 0 && !finishing_) TRY(admit_client());
    if (waits[6].revents != 0) mind_courier();
    if (finishing_ && !done_ && boot_now_ns() > finish_deadline_)
      return fail(Errc::system,
                  "the output takes nothing any more; what was left in the rings is lost");
  }
  kernel_.object().detach_all_but({});
  if (courier_) {
    for (const std::string& line : courier_->stop(k_courier_limit)) say(line);
    for (const std::string& line : losses(courier_->report())) say(line);
  }
  report_account();
  return 0;
}

void Keeper::mind_courier() {
  if (!courier_) return;
  for (const std::string& line : courier_->mind()) say(line);
}

Status Keeper::hear_signal() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
    switch (info.ssi_signo) {
      case SIGCHLD:
        container_files_.reap(worker_.socket());
        mind_courier();
        TRY(hear_last_words());
        if (const auto status = worker_.reap(); status && !done_) TRY(worker_ended(*status));
        break;
      case SIGHUP:
        TRY(reload());
        break;
      default:
        TRY(finish());
    }
  }
  return {};
}

Status Keeper::hear_worker() {
  Result<Received> received = receive_message(worker_.socket());
  if (!received) {
    // Gone: SIGCHLD brings the reason. Not asked again until there is a new one.
    if (const auto status = worker_.reap(); status && !done_) return worker_ended(*status);
    return {};
  }
  switch (received->message.kind) {
    case MessageKind::ready:
      // Everything is attached by now.
      if (!finishing_) {
        say_rules();
        ::sd_notify(0, "READY=1");
      }
      break;
    case MessageKind::lost_track:
      visit_again_ = true;
      break;
    case MessageKind::pong:
      ::sd_notify(0, "WATCHDOG=1");
      break;
    case MessageKind::done:
      done_ = true;
      break;
    case MessageKind::rules:
      TRY(rules_changed());
      break;
    case MessageKind::container:
      container_files_.ask(received->message.container_question, worker_.socket());
      break;
    case MessageKind::failed: {
      const auto code = std::min<std::uint32_t>(received->message.status,
                                                static_cast<std::uint32_t>(Errc::internal));
      std::string text = received->message.clean_text();
      if (!options_.output_file.empty())
        text += fmt::format("; output.file is {}", options_.output_file);
      if (record_.valid())
        text += fmt::format("; {} holds at least {} whole records: gancho replay --salvage {}",
                            options_.record_file, worker_.progress().committed().recorded_records,
                            options_.record_file);
      return fail(static_cast<Errc>(code), std::move(text));
    }
    default:
      return fail(Errc::internal, "the worker said something that it never says");
  }
  return {};
}

// What it has to say comes before the news that it ended, also when both came just now: it may have
// done what it was told a moment ago.
Status Keeper::hear_last_words() {
  for (;;) {
    pollfd wait{.fd = worker_.socket(), .events = POLLIN, .revents = 0};
    if (done_ || ::poll(&wait, 1, 0) != 1 || (wait.revents & POLLIN) == 0) return {};
    char byte = 0;
    // The end of what it says; whether it ended, we are about to ask.
    if (::recv(wait.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) return {};
    TRY(hear_worker());
  }
}

Status Keeper::worker_ended(int wait_status) {
  // Whoever read our output has gone, like `head`: an end like any other, and so for the recording.
  if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGPIPE) {
    if (!record_.valid()) {
      done_ = true;
      return {};
    }
    output_.reset(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    TRY(start_worker(true));
    if (!finishing_) return finish();
    tell_worker(Message::of(MessageKind::finish));
    return {};
  }
  const std::uint64_t now = boot_now_ns();
  while (!restarts_.empty() && now - restarts_.front() > static_cast<std::uint64_t>(
                                                             nanoseconds(k_restart_window).count()))
    restarts_.pop_front();
  if (restarts_.size() >= k_restarts)
    return fail(Errc::internal,
                fmt::format("the worker {} for the {}th time in a minute; giving up",
                            describe_end(wait_status), k_restarts + 1));
  restarts_.push_back(now);
  say(fmt::format("the worker {}; starting another, which goes on where it stood",
                  describe_end(wait_status)));
  TRY(start_worker(true));
  // What the other knew of processes went with it.
  if (kernel_.keeps_table() && !finishing_) TRY(visit(VisitDepth::memory));
  TRY(rules_changed());  // it knows no others than the new ones
  if (finishing_) tell_worker(Message::of(MessageKind::finish));
  return {};
}

// To one that is dead nothing can be said, and need not be: SIGCHLD is on its way, and its
// successor begins with all that is in force.
void Keeper::tell_worker(const Message& message, std::span<const int> fds) {
  (void)send_message(worker_.socket(), message, fds);
}

Status Keeper::tick() {
  std::uint64_t expirations = 0;
  (void)::read(tick_.get(), &expirations, sizeof(expirations));
  mind_courier();
  // Not at once: what was lost was lost in a flood.
  if (visit_again_ && !finishing_) TRY(visit(VisitDepth::memory));
  return kernel_.object().count_skipped(bell_);
}

// First nothing new, then what is left.
Status Keeper::finish() {
  if (finishing_) return {};
  finishing_ = true;
  finish_deadline_ =
      boot_now_ns() + static_cast<std::uint64_t>(nanoseconds(k_finish_limit).count());
  ::sd_notify(0, "STOPPING=1");
  listener_ = ClientListener();
  TRY(kernel_.stop());
  tell_worker(Message::of(MessageKind::finish));
  return {};
}

// What a running agent cannot change.
bool fixed_settings_differ(const AgentOptions& read, const AgentOptions& running) {
  const auto fixed = [](const AgentOptions& o) {
    return std::make_tuple(o.limits.vital_ring_bytes, o.limits.bulk_ring_bytes, o.limits.args_max,
                           o.limits.nap, o.limits.processes, o.limits.containers_max,
                           o.failed_exec_by_syscall_tracepoint, o.syscalls_by_tracepoint,
                           o.record_file, o.socket, o.rules.files.empty());
  };
  return fixed(read) != fixed(running) ||
         (read.limits.bulk_rings != 0 && read.limits.bulk_rings != running.limits.bulk_rings);
}

Status Keeper::reload() {
  if (finishing_) return {};
  if (narrower_) {
    reload_again_ = true;
    return {};
  }
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
               static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
  if (courier_)
    if (const Status opened = courier_->reopen(); !opened) say(opened.error().message);
  const Status changed = change_policy();
  if (!changed) {
    say_all("gancho: " + changed.error().message);
    say("nothing was changed");
  }
  if (!narrower_) ::sd_notify(0, "READY=1");
  return {};
}

// All of it or nothing.
Status Keeper::change_policy() {
  AgentOptions next = options_;
  if (!options_.config_file.empty()) {
    AgentOptions read = TRY(load_config(options_.config_file));
    if (options_.rules.given) read.rules = options_.rules;
    if (fixed_settings_differ(read, options_))
      say("process, syscalls, containers, rings, nap, record, socket, where alerts go and whether "
          "there are rules are changed by a restart only");
    if (read.rules.files.empty() == options_.rules.files.empty()) next.rules = read.rules;
    if (next.rules.files.empty()) next.events = read.events;
    next.filter = read.filter;
    next.io = read.io;
    next.format = read.format;
    next.fields = read.fields;
    next.environment = read.environment;
    next.output_file = read.output_file;
    next.alerts = read.alerts;
  }
  RuleSource rules;
  if (!next.rules.files.empty()) {
    rules = TRY(read_rules(next));
    rules.ask(next);
  }
  WatchOrder order = TRY(make_watch_order(next, facts_, kernel_.plan()));
  Fd output = TRY(open_output(next.output_file));
  TRY(kernel_.find_files(next.io.files, order));
  if (next.rules.files.empty()) {
    TRY(watch(std::move(order)));
  } else {
    say_all(rules.remarks);
    rules_ = rules.rules;
    TRY(change_rules(std::move(rules.orders), std::move(order)));
  }
  output_ = std::move(output);
  options_ = std::move(next);
  const Fd users = open_or_nothing("/etc/passwd");
  const Fd groups = open_or_nothing("/etc/group");
  Message message = Message::of(MessageKind::reload);
  message.settings.json = options_.format == OutputFormat::json;
  message.settings.processes = processes();
  message.settings.fields = FieldList::of(options_.fields, options_.environment);
  const std::array<int, 3> fds{users.get(), groups.get(), output_.get()};
  tell_worker(message, fds);
  if (!narrower_) say("reloaded");
  return {};
}

Status Keeper::change_rules(std::string orders, WatchOrder order) {
  const Fd text = TRY(memory_file("gancho-rules", orders));
  WatchOrder wide = kernel_.order().widened_to(order);
  if (kernel_.differs(wide)) TRY(watch(std::move(wide)));
  orders_ = std::move(orders);
  narrower_ = std::move(order);
  Message message = Message::of(MessageKind::rules);
  message.time = boot_now_ns();
  const std::array<int, 1> fds{text.get()};
  tell_worker(message, fds);
  return {};
}

Status Keeper::rules_changed() {
  if (!narrower_) return {};
  WatchOrder order = std::move(*narrower_);
  narrower_.reset();
  if (finishing_) return {};
  TRY(kernel_.narrow(std::move(order)));
  say("reloaded");
  say_rules();
  ::sd_notify(0, "READY=1");
  return std::exchange(reload_again_, false) ? reload() : Status{};
}

void Keeper::say_rules() const {
  if (!orders_.empty() && options_.banner)
    say(fmt::format("{} {} in force", rules_, rules_ == 1 ? "rule is" : "rules are"));
}

void Keeper::report_account() {
  (void)kernel_.object().count_skipped(bell_);
  const AccountReport report =
      make_account_report(account_, bell_, kernel_.object().program_names(), worker_.progress());
  if (options_.stats) fmt::print(stderr, "{}\n", to_json(report));
  for (const std::string& line : losses(report)) say(line);
}

}  // namespace

Result<int> run_keeper(AgentOptions options) {
  Keeper keeper = TRY(Keeper::create(std::move(options)));
  return keeper.run();
}

}  // namespace gancho
