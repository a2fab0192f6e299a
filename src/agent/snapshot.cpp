// SPDX-License-Identifier: Apache-2.0
#include "agent/snapshot.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "agent/client.h"
#include "agent/hook_plan.h"
#include "agent/worker_process.h"
#include "base/clock.h"
#include "event/room.h"
#include "load/object.h"
#include "load/probe.h"

namespace gancho {
namespace {

Fd open_or_nothing(const char* path) {
  Fd fd(::open(path, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) fd.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return fd;
}

Status start(WorkerProcess& worker, const BpfObject& object, const Limits& limits) {
  const Fd users = open_or_nothing("/etc/passwd");
  const Fd groups = open_or_nothing("/etc/group");
  const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const std::array<int, k_fd_bulk_rings + 1> fds{
      object.vital_ring_fd(), object.account_fd(), object.doorbell_fd(),
      worker.progress_fd(),   users.get(),         groups.get(),
      nothing.get(),          nothing.get(),       nothing.get(),
      nothing.get(),          nothing.get(),       object.bulk_ring_fd(0)};
  return worker.start({.vital_ring_bytes = limits.vital_ring_bytes,
                       .bulk_ring_bytes = limits.bulk_ring_bytes,
                       .bulk_rings = 1,
                       .cpus = object.cpus(),
                       .nap_ms = 1,
                       .json = 1,
                       .color = 0,
                       .record = 0,
                       .resume = 0,
                       .rules = 0,
                       .alerts = 0,
                       .unused = {},
                       .processes = limits.processes,
                       .count = 0,
                       .containers_max = 1,  // which container is not asked here
                       .fields = {}},
                      fds);
}

}  // namespace

Result<Snapshot> ask_a_snapshot() {
  KernelProbe probe;
  if (const std::string missing = missing_privilege(probe.facts()); !missing.empty())
    return fail(Errc::permission, missing + "; run it as root");
  const HookPlan plan = TRY(plan_hooks(probe, {}));
  const std::vector<std::string_view> programs = plan.task_iterators();
  if (programs.empty())
    return fail(Errc::unsupported, "this kernel has no task iterator; `gancho check` says more");

  Limits limits;
  limits.processes = 1U << 20;  // all of them, however many there are
  limits.bulk_ring_bytes = 4096;
  BpfObject object = TRY(BpfObject::load({.args_max = limits.args_max,
                                          .vital_ring_bytes = limits.vital_ring_bytes,
                                          .bulk_ring_bytes = limits.bulk_ring_bytes,
                                          .bulk_rings = 1,
                                          .programs = programs}));
  Policy policy = TRY(Policy::create(object.policy_fd()));
  WorkerProcess worker = TRY(WorkerProcess::create(object.cpus()));
  TRY(start(worker, object, limits));
  gancho_filter filter{};
  EventSet({EV_PROCESS_EXISTING}).copy_to(filter.table);
  policy.set(filter);
  Message visited = Message::of(MessageKind::visited);
  visited.time = boot_now_ns();
  const TaskVisit visit = TRY(object.visit_tasks(VisitDepth::memory));
  TRY(send_message(worker.socket(), visited));

  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return fail_errno("cannot create a socket", errno);
  const Fd ours(pair[0]);
  Fd theirs(pair[1]);
  const std::array<int, 1> fds{theirs.get()};
  TRY(send_message(worker.socket(), Message::of(MessageKind::client), fds));
  theirs.reset();
  return Snapshot{.answer = TRY(ask(ours.get(), Request::processes)), .held_up = visit.held_up};
}

}  // namespace gancho
