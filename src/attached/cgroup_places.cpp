// SPDX-License-Identifier: Apache-2.0
//
// The cgroups of version 2, each asked for what is attached to it itself. A machine has thousands,
// with something at a handful: so only types are asked for of which a program is loaded, what the
// kernel refuses at the first cgroup is not asked again, and a directory's number of links says
// whether it is worth reading.
#include <bpf/bpf.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "attached/place_look.h"
#include "attached/program_query.h"
#include "base/ascii.h"
#include "base/fd.h"
#include "load/kernel_btf.h"
#include "load/pseudo_fs.h"

namespace gancho {
namespace {

// More than that is somebody's attack on who looks at them.
constexpr std::size_t k_most = 100'000;

struct Known {
  bpf_attach_type attach;
  bpf_prog_type program;
};

constexpr std::array k_known{
    Known{BPF_CGROUP_INET_INGRESS, BPF_PROG_TYPE_CGROUP_SKB},
    Known{BPF_CGROUP_INET_EGRESS, BPF_PROG_TYPE_CGROUP_SKB},
    Known{BPF_CGROUP_INET_SOCK_CREATE, BPF_PROG_TYPE_CGROUP_SOCK},
    Known{BPF_CGROUP_INET_SOCK_RELEASE, BPF_PROG_TYPE_CGROUP_SOCK},
    Known{BPF_CGROUP_INET4_POST_BIND, BPF_PROG_TYPE_CGROUP_SOCK},
    Known{BPF_CGROUP_INET6_POST_BIND, BPF_PROG_TYPE_CGROUP_SOCK},
    Known{BPF_CGROUP_SOCK_OPS, BPF_PROG_TYPE_SOCK_OPS},
    Known{BPF_CGROUP_DEVICE, BPF_PROG_TYPE_CGROUP_DEVICE},
    Known{BPF_CGROUP_INET4_BIND, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_INET6_BIND, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_INET4_CONNECT, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_INET6_CONNECT, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_UNIX_CONNECT, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_UDP4_SENDMSG, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_UDP6_SENDMSG, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_UNIX_SENDMSG, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_UDP4_RECVMSG, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_UDP6_RECVMSG, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_UNIX_RECVMSG, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_INET4_GETPEERNAME, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_INET6_GETPEERNAME, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_UNIX_GETPEERNAME, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_INET4_GETSOCKNAME, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_INET6_GETSOCKNAME, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_UNIX_GETSOCKNAME, BPF_PROG_TYPE_CGROUP_SOCK_ADDR},
    Known{BPF_CGROUP_SYSCTL, BPF_PROG_TYPE_CGROUP_SYSCTL},
    Known{BPF_CGROUP_GETSOCKOPT, BPF_PROG_TYPE_CGROUP_SOCKOPT},
    Known{BPF_CGROUP_SETSOCKOPT, BPF_PROG_TYPE_CGROUP_SOCKOPT},
    Known{BPF_LSM_CGROUP, BPF_PROG_TYPE_LSM},
};

struct CgroupType {
  std::uint32_t value = 0;
  std::string place;
};

// Those that can have a program. A kernel that is newer than our headers has types of its own: of
// which program, we do not know.
std::vector<CgroupType> types_to_ask(const ProgramTypes& loaded) {
  std::vector<CgroupType> types;
  for (const Known& one : k_known)
    if (loaded[one.program]) types.push_back({one.attach, place_of_attach_type(one.attach)});
  bool unknown = !types.empty();
  for (std::size_t type = __MAX_BPF_PROG_TYPE; type < loaded.size(); ++type)
    unknown = unknown || loaded[type];
  if (!unknown) return types;
  const auto btf = KernelBtf::create();
  if (!btf) return types;
  for (const auto& [name, value] : btf->enumeration("bpf_attach_type"))
    if (value >= __MAX_BPF_ATTACH_TYPE && name.starts_with("BPF_CGROUP_"))
      types.push_back({value, lowered(std::string_view(name).substr(4))});
  return types;
}

std::string sharing_of(std::uint32_t flags) {
  if ((flags & BPF_F_ALLOW_MULTI) != 0) return "multi";
  return (flags & BPF_F_ALLOW_OVERRIDE) != 0 ? "override" : "";
}

class CgroupWalk {
 public:
  CgroupWalk(PlaceLook& look, Fd root, std::vector<CgroupType> types)
      : look_(look), root_(std::move(root)), types_(std::move(types)) {}

  void run() {
    struct stat status{};
    if (fstat(root_.get(), &status) != 0) return;
    device_ = status.st_dev;
    if (!ask_root(status.st_ino)) return;
    read_directory(root_.get(), "");
    while (!found_.empty()) {
      const std::string path = std::move(found_.back());
      found_.pop_back();
      visit(path);
    }
  }

 private:
  // Whether it is worth going on.
  bool ask_root(std::uint64_t id) {
    int refused = 0;
    std::erase_if(types_, [&](const CgroupType& type) {
      const int error = ask(root_.get(), id, "/", type);
      // Not known here: neither the type nor, without BPF for cgroups, any.
      if (error != 0 && error != EINVAL && error != EOPNOTSUPP) refused = error;
      return error != 0;
    });
    if (refused != 0) look_.blank(std::string("cgroups: ") + std::strerror(refused));
    return !types_.empty();
  }

  int ask(int directory, std::uint64_t id, const std::string& path, const CgroupType& type) {
    // Its hooks have flags of their own.
    const auto also =
        type.value == BPF_LSM_CGROUP ? ProgramQuery::Also::flags : ProgramQuery::Also::nothing;
    const int error = query_.ask(directory, type.value, also);
    for (const auto& [program, link, flags] : query_.answer()) {
      const std::uint32_t by = look_.links.take(BPF_LINK_TYPE_CGROUP, id, type.value, program);
      Attachment found = look_.at_cgroup(program, by, type.value, type.place);
      found.detail = path;
      found.sharing = sharing_of(flags);
      look_.add(std::move(found));
    }
    return error;
  }

  void visit(const std::string& path) {
    const Fd directory(
        openat(root_.get(), path.c_str() + 1, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status{};
    if (!directory.valid() || fstat(directory.get(), &status) != 0) {
      cannot_be_read(errno);
      return;
    }
    if (status.st_dev != device_) {
      look_.blank("some cgroups: something else is mounted on them");
      return;
    }
    for (const CgroupType& type : types_) ask(directory.get(), status.st_ino, path, type);
    if (status.st_nlink > 2) read_directory(directory.get(), path);
  }

  void cannot_be_read(int error) {
    // It went meanwhile.
    if (error != ENOENT) look_.blank(std::string("some cgroups: ") + std::strerror(error));
  }

  void read_directory(int at, const std::string& path) {
    const int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(fd < 0 ? nullptr : fdopendir(fd), closedir);
    if (!directory) {
      cannot_be_read(errno);
      if (fd >= 0) close(fd);
      return;
    }
    while (const dirent* entry = readdir(directory.get())) {
      const std::string_view name = entry->d_name;
      if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
      if (count_ == k_most) {
        look_.blank("cgroups beyond the first " + std::to_string(k_most));
        return;
      }
      ++count_;
      found_.push_back(path + '/' + std::string(name));
    }
  }

  PlaceLook& look_;
  Fd root_;
  std::vector<CgroupType> types_;
  dev_t device_{};
  ProgramQuery query_;
  std::vector<std::string> found_;  // below the root, not visited yet: "/system.slice"
  std::size_t count_ = 0;
};

// Nothing was ever attached where version 2 never was: who mounts it leaves a trace.
bool has_version_2() {
  const auto ours = read_small_file(AT_FDCWD, "/proc/self/cgroup");
  return !ours || ours->starts_with("0::") || ours->find("\n0::") != std::string::npos;
}

}  // namespace

void look_at_cgroups(PlaceLook& look) {
  std::vector<CgroupType> types = types_to_ask(look.loaded);
  if (types.empty() || !has_version_2()) return;
  auto root = open_file_system("cgroup2");
  if (!root) {
    look.blank("cgroups: " + root.error().message);
    return;
  }
  // PROC_CGROUP_INIT_INO of include/linux/proc_ns.h.
  struct stat ours{};
  if (stat("/proc/self/ns/cgroup", &ours) == 0 && ours.st_ino != 0xeffffffb)
    look.blank("cgroups above the root of our cgroup namespace");
  CgroupWalk(look, std::move(*root), std::move(types)).run();
}

}  // namespace gancho
