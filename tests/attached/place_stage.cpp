// SPDX-License-Identifier: Apache-2.0
#include "attached/place_stage.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <places.skel.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "attached/places.h"

namespace gancho::test {
namespace {

constexpr const char* k_pins = "/sys/fs/bpf";

void check(bool good, const std::string& what) {
  if (!good) throw std::runtime_error(what + ": " + std::strerror(errno));
}

}  // namespace

Programs::Programs() : all_(places_bpf__open()) {
  check(all_ != nullptr, "opening the programs");
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, all_->obj) {
    const std::string section = bpf_program__section_name(program);
    if (!knows_tcx() && (section.starts_with("tcx/") || section.starts_with("netkit/")))
      bpf_program__set_autoload(program, false);
  }
  const int error = places_bpf__load(all_);
  errno = -error;
  check(error == 0, "loading the programs");
  struct stat here{};
  struct stat above{};
  check(::stat(k_pins, &here) == 0 && ::stat("/sys/fs", &above) == 0, k_pins);
  if (here.st_dev == above.st_dev) check(::mount("bpf", k_pins, "bpf", 0, nullptr) == 0, k_pins);
}

Programs::~Programs() {
  for (const std::string& pin : pins_) ::unlink(pin.c_str());
  places_bpf__destroy(all_);
}

std::string Programs::pin(bpf_program* program) {
  std::string path = std::string(k_pins) + "/place_" + bpf_program__name(program);
  if (std::ranges::find(pins_, path) != pins_.end()) return path;
  check(bpf_obj_pin(bpf_program__fd(program), path.c_str()) == 0, path);
  pins_.push_back(path);
  return path;
}

std::set<std::uint32_t> Programs::ids() const {
  std::set<std::uint32_t> ids;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, all_->obj) {
    if (bpf_program__fd(program) >= 0) ids.insert(id_of(program));
  }
  return ids;
}

Programs& test_programs() {
  static Programs programs;
  return programs;
}

std::uint32_t id_of(const bpf_program* program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  check(bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0, "a program");
  return info.id;
}

bool knows_tcx() {
  static const bool knows = libbpf_find_vmlinux_btf_id("tcx_prog_attach", BPF_TRACE_FENTRY) > 0;
  return knows;
}

Link::Link(bpf_link* link) {
  check(link != nullptr, "attaching");
  fd_ = Fd(::fcntl(bpf_link__fd(link), F_DUPFD_CLOEXEC, 0));
  bpf_link__destroy(link);
}

Link::Link(int link_or_error) : fd_(link_or_error) {
  check(fd_.valid(), "attaching");
}

std::uint32_t Link::id() const {
  bpf_link_info info{};
  std::uint32_t size = sizeof info;
  check(bpf_link_get_info_by_fd(fd_.get(), &info, &size) == 0, "a link");
  return info.id;
}

Network::Network(Held held, const std::string& name) : held_(held) {
  if (held == Held::by_name) {
    test::run("ip netns add " + name);
    path_ = "/run/netns/" + name;
    fd_ = Fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    check(fd_.valid(), path_);
    return;
  }
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) != 0) return;
    fd_ = Fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (held != Held::by_process) return;
    pid_ = ::fork();
    while (pid_ == 0) ::pause();
  }).join();
  check(fd_.valid(), "a network namespace");
  if (held == Held::by_mount) {
    path_ = "/tmp/" + name;
    std::ofstream file(path_);
    check(::mount(fmt::format("/proc/self/fd/{}", fd_.get()).c_str(), path_.c_str(), nullptr,
                  MS_BIND, nullptr) == 0,
          path_);
  }
}

Network::~Network() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (held_ == Held::by_name) (void)::system(("ip netns del " + path_.substr(11)).c_str());
  if (held_ == Held::by_mount) {
    ::umount(path_.c_str());
    ::unlink(path_.c_str());
  }
}

std::uint64_t Network::inode() const {
  struct stat status{};
  check(::fstat(fd_.get(), &status) == 0, "a network namespace");
  return status.st_ino;
}

void Network::inside(const std::function<void()>& work) const {
  std::string error;
  std::thread([&] {
    try {
      check(::setns(fd_.get(), CLONE_NEWNET) == 0, "setns");
      work();
    } catch (const std::exception& thrown) {
      error = thrown.what();
    }
  }).join();
  if (!error.empty()) throw std::runtime_error(error);
}

std::string Network::run(const std::string& command) const {
  std::string output;
  inside([&] { output = test::run(command); });
  return output;
}

int Network::interface(const std::string& name) const {
  int index = 0;
  inside([&] { index = static_cast<int>(::if_nametoindex(name.c_str())); });
  check(index != 0, name);
  return index;
}

std::string run(const std::string& command) {
  FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  check(pipe != nullptr, command);
  std::string output;
  for (int letter; (letter = std::fgetc(pipe)) != EOF;) output += static_cast<char>(letter);
  if (::pclose(pipe) != 0) throw std::runtime_error(command + ": " + output);
  return output;
}

Attached look() {
  Attached attached;
  add_places(attached);
  return attached;
}

std::string words(const Attachment& one) {
  return fmt::format("{} | {} | {} | {} | {} | network {} | link {} | program {}", one.how,
                     one.kind ? place_kind_name(*one.kind) : "-", one.place, one.detail,
                     one.sharing, one.network, one.link, one.program);
}

std::set<std::string> words_of(const Attached& attached, const Programs& programs) {
  const std::set<std::uint32_t> ids = programs.ids();
  std::set<std::string> found;
  for (const Attachment& one : attached.attachments)
    if (ids.contains(one.program) && !found.insert(words(one)).second)
      throw std::runtime_error("twice: " + words(one));
  return found;
}

}  // namespace gancho::test
