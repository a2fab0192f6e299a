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
#include <cstring>
#include <ctime>
#include <deque>
#include <tuple>

#include "agent/account_report.h"
#include "agent/client_listener.h"
#include "agent/config.h"
#include "agent/container_files.h"
#include "agent/hook_plan.h"
#include "agent/rule_source.h"
#include "agent/settings.h"
#include "agent/worker_process.h"
#include "base/clock.h"
#include "base/own_child.h"
#include "event/room.h"
#include "load/call_functions.h"
#include "load/cgroup.h"
#include "load/object.h"
#include "load/probe.h"
#include "load/watched_files.h"
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

Result<gancho_filter> make_filter(const AgentOptions& options, const KernelFacts& facts) {
  gancho_filter filter{};
  const EventSet events = events_of(options);
  for (const std::string& call : calls_of(options)) {
    const SyscallNumbers numbers = syscall_numbers(call);
    const auto ask = [&](std::size_t table, std::optional<std::uint32_t> number) {
      if (number && *number < CALLS_MAX)
        filter.calls[table][*number / 64] |= std::uint64_t{1} << (*number % 64);
    };
    ask(0, numbers.table_64);
    ask(1, numbers.table_32);
  }
  // A client may ask for it at any time.
  bool wants_table = !options.socket.empty() || options.needs_processes;
  EventSet table;
  for (const Room* room : rooms())
    for (const EventDesc& event : room->events) {
      if (event.lifecycle != nullptr) table.add(event.type);
      if (event.needs_process && events.contains(event.type)) wants_table = true;
    }
  events.copy_to(filter.events);
  if (wants_table) table.copy_to(filter.table);
  filter.pid = options.filter.pid;
  filter.children = options.filter.children ? 1 : 0;
  if (filter.pid != 0 && ::kill(static_cast<pid_t>(filter.pid), 0) != 0 && errno == ESRCH)
    return fail(Errc::usage, fmt::format("no process {}", filter.pid));
  if (events.intersects({EV_READ, EV_WRITE})) {
    TRY(check_watched_files(options.io.files));
    EventSet with = events;
    if (options.io.handed_over || options.io.files.empty()) with.add(EV_HANDED_OVER);
    with.copy_to(filter.events);
  }
  if (!options.filter.cgroup.empty()) {
    const CgroupId cgroup = TRY(find_cgroup(options.filter.cgroup, facts.cgroup2_at));
    filter.cgroup_id = cgroup.id;
    filter.cgroup_level = cgroup.level;
  }
  return filter;
}

// What probes are attached to for the calls that are asked for by name.
Result<std::vector<CallFunction>> call_functions(const HookPlan& plan,
                                                 const AgentOptions& options) {
  if (plan.on_every_call().contains(EV_SYSCALL)) return std::vector<CallFunction>{};
  return find_call_functions(calls_of(options));
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
  Keeper(AgentOptions options, BpfObject object, WorkerProcess worker)
      : options_(std::move(options)), object_(std::move(object)), worker_(std::move(worker)) {}

  [[nodiscard]] Status open_files();
  [[nodiscard]] Status start_worker(bool resume);
  [[nodiscard]] Status make_lineage();
  [[nodiscard]] Status attach();
  [[nodiscard]] std::vector<std::string_view> programs_for(const gancho_filter& filter) const {
    return plan_.programs(EventSet::of(filter.events), EventSet::of(filter.table));
  }
  [[nodiscard]] Status visit(VisitDepth depth);
  void visit_cgroups();
  [[nodiscard]] Status hear_signal();
  void mind_courier();
  void leave_out_paths(const EventSet& events) {
    no_paths_ = events;
    policy_.leave_out_paths(events);
  }
  [[nodiscard]] Status hear_worker();
  [[nodiscard]] Status hear_last_words();
  [[nodiscard]] Status worker_ended(int wait_status);
  [[nodiscard]] Status tick();
  [[nodiscard]] Status reload();
  [[nodiscard]] Status change_policy();
  void say_rules() const;
  struct Narrower {
    gancho_filter filter;
    std::vector<CallFunction> calls;
    EventSet without_paths;
  };
  // The new rules are in force for what happens from now on; what they come to in the kernel, once
  // the worker has judged everything that happened before.
  [[nodiscard]] Status change_rules(std::string orders, Narrower narrower);
  [[nodiscard]] Status rules_changed();
  [[nodiscard]] Status find_files(const AgentOptions& options, gancho_filter& filter) const;
  [[nodiscard]] Status finish();
  void tell_worker(const Message& message, std::span<const int> fds = {});
  [[nodiscard]] Status admit_client();
  [[nodiscard]] bool keeps_table() const { return !EventSet::of(filter_.table).empty(); }
  [[nodiscard]] std::uint64_t processes() const {
    return keeps_table() ? options_.limits.processes : 0;
  }
  void report_account();

  AgentOptions options_;
  BpfObject object_;
  WorkerProcess worker_;
  HookPlan plan_;
  KernelFacts facts_;
  gancho_filter filter_{};
  EventSet without_paths_;  // what the filter's events may be without; in the kernel: no_paths_
  EventSet no_paths_;
  std::vector<CallFunction> calls_;  // of the calls that the filter asks for by name
  Policy policy_;
  Doorbell bell_;
  Account account_;
  ClientListener listener_;
  std::size_t rules_ = 0;             // in force
  std::string orders_;                // about rules, for the worker; "": there are none
  std::optional<Narrower> narrower_;  // rules are being changed: what they come to in the end
  bool reload_again_ = false;         // asked for meanwhile
  bool existing_shown_ = false;
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
  if (!options.rules.files.empty()) rules = TRY(read_rules(options));
  KernelProbe probe;
  const KernelFacts& facts = probe.facts();
  if (const std::string missing = missing_privilege(facts); !missing.empty())
    return fail(Errc::permission, missing + "; run it as root");
  const gancho_filter filter = TRY(make_filter(options, facts));
  HookPlan plan = TRY(plan_hooks(probe, options));
  std::vector<CallFunction> calls = TRY(call_functions(plan, options));
  const EventSet events = EventSet::of(filter.events);
  if (plan.absent(events) == events && !events.empty())
    return fail(Errc::unsupported, fmt::format("nothing that was asked for can be seen: {}",
                                               fmt::join(plan.losses(events, {}), "; ")));

  Limits& limits = options.limits;
  if (limits.bulk_rings == 0)
    limits.bulk_rings = std::bit_ceil(std::clamp(facts.possible_cpus, 1U, 8U));
  // A reload may ask for other events; where there is none, what nobody asked for is not loaded.
  const bool may_change = !options.config_file.empty() || !options.rules.files.empty();
  const std::vector<std::string_view> programs =
      plan.programs(may_change ? EventSet::all() : events, EventSet::of(filter.table));
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
  Keeper keeper(std::move(options), std::move(object), std::move(worker));
  keeper.plan_ = std::move(plan);
  keeper.facts_ = facts;
  keeper.containers_ = std::move(containers);
  keeper.filter_ = filter;
  keeper.calls_ = std::move(calls);
  keeper.signals_ = std::move(signals);
  say_all(rules.remarks);
  keeper.rules_ = rules.rules;
  keeper.orders_ = std::move(rules.orders);
  keeper.policy_ = TRY(Policy::create(keeper.object_.policy_fd()));
  keeper.bell_ = TRY(Doorbell::create(keeper.object_.doorbell_fd()));
  keeper.account_ = TRY(Account::create(keeper.object_.account_fd(), keeper.object_.cpus()));
  keeper.without_paths_ = without_paths(keeper.options_);
  TRY(keeper.open_files());
  TRY(keeper.find_files(keeper.options_, keeper.filter_));
  return keeper;
}

Result<Fd> open_output(const std::string& path) {
  if (path.empty() || path == "-") {
    if ((::fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY)
      return fail(Errc::system, "cannot write to standard output: it is closed");
    Fd fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!fd.valid()) return fail_errno("cannot use standard output", errno);
    return fd;
  }
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640));
  if (!fd.valid()) return fail_errno(fmt::format("cannot open {}", path), errno);
  return fd;
}

// Records hold other people's arguments: for the owner only.
Result<Fd> open_recording(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd.valid()) return fail_errno(fmt::format("cannot open {}", path), errno);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0)
    return fail_errno(fmt::format("cannot look at {}", path), errno);
  if (S_ISREG(status.st_mode) && ::ftruncate(fd.get(), 0) != 0)
    return fail_errno(fmt::format("cannot empty {}", path), errno);
  return fd;
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

Fd open_or_nothing(const char* path) {
  Fd fd(::open(path, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) fd.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return fd;
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
  std::vector<int> fds{object_.vital_ring_fd(),
                       object_.account_fd(),
                       object_.doorbell_fd(),
                       worker_.progress_fd(),
                       users.get(),
                       groups.get(),
                       output_.get(),
                       record_.valid() ? record_.get() : output_.get(),
                       where.get(),
                       rules.get(),
                       courier_ ? courier_->worker_fd() : output_.get()};
  for (std::size_t i = 0; i < object_.bulk_rings(); ++i) fds.push_back(object_.bulk_ring_fd(i));
  return worker_.start({.vital_ring_bytes = options_.limits.vital_ring_bytes,
                        .bulk_ring_bytes = options_.limits.bulk_ring_bytes,
                        .bulk_rings = options_.limits.bulk_rings,
                        .cpus = object_.cpus(),
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
                        .fields = FieldList::of(options_.fields)},
                       fds);
}

// Everybody's, while no record is wanted. Up to 6.1 the iterator that may sleep, which tells of
// them later, would wait for memory with the CPU's task storage locked, and forks would find none.
Status Keeper::make_lineage() {
  TRY(object_.attach(programs_for(filter_)));
  gancho_filter nothing = filter_;
  EventSet().copy_to(nothing.events);
  EventSet().copy_to(nothing.table);
  policy_.set(nothing);
  TRY(object_.visit_tasks(VisitDepth::task));
  return {};
}

// What is new is attached and filled before the filter changes; what is no longer needed goes
// after.
Status Keeper::attach() {
  const std::vector<std::string_view> programs = programs_for(filter_);
  TRY(object_.attach(programs, calls_));
  leave_out_paths(no_paths_ & without_paths_);
  policy_.set(filter_);
  TRY(object_.wait_for_programs());
  leave_out_paths(without_paths_);
  object_.detach_all_but(programs, calls_);
  visit_cgroups();  // so that the processes' records can say which container they run in
  TRY(visit(VisitDepth::memory));
  // Shown once, they are no news any more.
  EventSet events = EventSet::of(filter_.events);
  existing_shown_ = existing_shown_ || events.contains(EV_PROCESS_EXISTING);
  events.remove(EV_PROCESS_EXISTING);
  events.copy_to(filter_.events);
  policy_.set(filter_);
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
  const TaskVisit visit = TRY(object_.visit_tasks(depth));
  if (visit.held_up)
    say("a process kept us waiting for its arguments; those of some older processes are missing");
  if (!keeps_table()) return {};
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
  if (const Status status = object_.visit_cgroups(root.get()); !status) say(status.error().message);
}

Result<int> Keeper::run() {
  if (!orders_.empty() && options_.alerts.any_sink()) {
    courier_ = TRY(CourierProcess::create(options_.alerts));
    TRY(courier_->start());
  }
  TRY(start_worker(false));
  TRY(make_lineage());
  TRY(attach());
  if (options_.banner)
    for (const std::string& line :
         plan_.losses(EventSet::of(filter_.events), EventSet::of(filter_.table)))
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
  object_.detach_all_but({});
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
  if (keeps_table() && !finishing_) TRY(visit(VisitDepth::memory));
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
  return object_.count_skipped(bell_);
}

// First nothing new, then what is left.
Status Keeper::finish() {
  if (finishing_) return {};
  finishing_ = true;
  finish_deadline_ =
      boot_now_ns() + static_cast<std::uint64_t>(nanoseconds(k_finish_limit).count());
  ::sd_notify(0, "STOPPING=1");
  std::ranges::fill(filter_.events, 0);
  std::ranges::fill(filter_.table, 0);
  listener_ = ClientListener();
  policy_.set(filter_);
  TRY(object_.wait_for_programs());
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

// The files that `filter` watches, written beside those of the filter that is in force.
Status Keeper::find_files(const AgentOptions& options, gancho_filter& filter) const {
  const bool second = (filter_.watch & WATCH_SECOND) == 0;
  WatchSet files;
  if (EventSet::of(filter.events).intersects({EV_READ, EV_WRITE}))
    files = TRY(object_.find_files(options.io.files));
  filter.watch = files.watch | (second ? WATCH_SECOND : 0U);
  std::ranges::fill(filter.watch_bits, 0);
  for (const WatchSet::File& one : files.files) {
    const std::uint64_t bit = watch_bit(one.file.inode, one.file.dev);
    filter.watch_bits[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
  return object_.write_files(files, second);
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
    next.output_file = read.output_file;
    next.alerts = read.alerts;
  }
  RuleSource rules;
  if (!next.rules.files.empty()) rules = TRY(read_rules(next));
  gancho_filter filter = TRY(make_filter(next, facts_));
  if (existing_shown_) {
    EventSet events = EventSet::of(filter.events);
    events.remove(EV_PROCESS_EXISTING);
    events.copy_to(filter.events);
  }
  std::vector<CallFunction> calls = TRY(call_functions(plan_, next));
  Fd output = TRY(open_output(next.output_file));
  TRY(find_files(next, filter));
  if (next.rules.files.empty()) {
    // What is new is attached first: should it fail, the old policy is still in force.
    TRY(object_.attach(programs_for(filter), calls));
    filter_ = filter;
    calls_ = std::move(calls);
    without_paths_ = without_paths(next);
    TRY(attach());
  } else {
    say_all(rules.remarks);
    rules_ = rules.rules;
    TRY(change_rules(
        std::move(rules.orders),
        {.filter = filter, .calls = std::move(calls), .without_paths = without_paths(next)}));
  }
  output_ = std::move(output);
  options_ = std::move(next);
  const Fd users = open_or_nothing("/etc/passwd");
  const Fd groups = open_or_nothing("/etc/group");
  Message message = Message::of(MessageKind::reload);
  message.settings.json = options_.format == OutputFormat::json;
  message.settings.processes = processes();
  message.settings.fields = FieldList::of(options_.fields);
  const std::array<int, 3> fds{users.get(), groups.get(), output_.get()};
  tell_worker(message, fds);
  if (!narrower_) say("reloaded");
  return {};
}

Status Keeper::change_rules(std::string orders, Narrower narrower) {
  const Fd text = TRY(memory_file("gancho-rules", orders));
  gancho_filter wide = narrower.filter;
  const auto add = [](auto& words, const auto& more) {
    for (std::size_t i = 0; i < std::size(words); ++i) words[i] |= more[i];
  };
  add(wide.events, filter_.events);
  add(wide.table, filter_.table);
  for (std::size_t table = 0; table < std::size(wide.calls); ++table)
    add(wide.calls[table], filter_.calls[table]);
  std::vector<CallFunction> all_calls = calls_;
  for (const CallFunction& call : narrower.calls)
    if (std::ranges::find(all_calls, call) == all_calls.end()) all_calls.push_back(call);
  const EventSet without = without_paths_ & narrower.without_paths;
  const bool more = std::memcmp(&wide, &filter_, sizeof(wide)) != 0 || without != without_paths_;
  if (more) {
    // What is new is attached first: should it fail, the old policy is still in force.
    TRY(object_.attach(programs_for(wide), all_calls));
    filter_ = wide;
    calls_ = std::move(all_calls);
    without_paths_ = without;
    TRY(attach());
  }
  orders_ = std::move(orders);
  narrower_ = std::move(narrower);
  Message message = Message::of(MessageKind::rules);
  message.time = boot_now_ns();
  const std::array<int, 1> fds{text.get()};
  tell_worker(message, fds);
  return {};
}

Status Keeper::rules_changed() {
  if (!narrower_) return {};
  const bool less = std::memcmp(&narrower_->filter, &filter_, sizeof(filter_)) != 0;
  filter_ = narrower_->filter;
  calls_ = std::move(narrower_->calls);
  without_paths_ = narrower_->without_paths;
  narrower_.reset();
  if (finishing_) return {};
  if (without_paths_ != no_paths_) leave_out_paths(without_paths_);
  if (less) {
    policy_.set(filter_);
    TRY(object_.wait_for_programs());
    object_.detach_all_but(programs_for(filter_), calls_);
  }
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
  (void)object_.count_skipped(bell_);
  const AccountReport report =
      make_account_report(account_, bell_, object_.program_names(), worker_.progress());
  if (options_.stats) fmt::print(stderr, "{}\n", to_json(report));
  for (const std::string& line : losses(report)) say(line);
}

}  // namespace

Result<int> run_keeper(AgentOptions options) {
  Keeper keeper = TRY(Keeper::create(std::move(options)));
  return keeper.run();
}

}  // namespace gancho
