// SPDX-License-Identifier: Apache-2.0
#include "agent/container_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <utility>

#include "agent/control.h"

namespace gancho {
namespace {

constexpr std::size_t k_passwd_max = 1U << 20;  // the machine's own

Fd open_directory(const std::string& path) {
  return Fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

// The file at `path` below `directory`, to be read. `resolve` says what must not be gone through.
// Looked at before it is opened: opening something else than a file may do something.
Fd open_file(int directory, const char* path, std::uint64_t resolve, std::optional<uid_t> owner) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = resolve;
  const Fd place(static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof(how))));
  struct stat status{};
  if (!place.valid() || ::fstat(place.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      (owner && status.st_uid != *owner))
    return Fd();
  const std::string same = fmt::format("/proc/self/fd/{}", place.get());
  return Fd(::open(same.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

// All of it, when that is no more than `limit` bytes.
std::optional<std::string> read_whole(int fd, std::size_t limit) {
  std::string text;
  std::array<char, 16384> part;
  for (;;) {
    const ssize_t n = ::read(fd, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(n));
    if (text.size() > limit) return std::nullopt;
  }
}

// What is sent: copies, so that the worker never waits for somebody else's file system.
class Parcel {
 public:
  explicit Parcel(std::uint64_t cgroup_id) {
    message_ = Message::of(MessageKind::container);
    message_.container_answer.cgroup_id = cgroup_id;
  }

  void add(ContainerFile file, std::string_view text) {
    if (fds_.size() >= ContainerAnswer::k_files) return;
    Fd copy(::memfd_create("gancho-container", MFD_CLOEXEC));
    if (!copy.valid()) return;
    for (std::size_t done = 0; done < text.size();) {
      // The offset stays at the beginning, where the worker reads.
      const ssize_t n =
          ::pwrite(copy.get(), text.data() + done, text.size() - done, static_cast<off_t>(done));
      if (n <= 0) return;
      done += static_cast<std::size_t>(n);
    }
    message_.container_answer.files[fds_.size()] = static_cast<std::uint8_t>(file);
    fds_.push_back(std::move(copy));
  }

  void add(ContainerFile file, const Fd& from) {
    if (!from.valid()) return;
    if (const auto text = read_whole(from.get(), container_file_max(file))) add(file, *text);
  }

  void more_follows() { message_.container_answer.more = 1; }

  [[nodiscard]] Status send(int socket, int flags = 0) const {
    std::vector<int> fds;
    for (const Fd& fd : fds_) fds.push_back(fd.get());
    return send_message(socket, message_, fds, flags);
  }

 private:
  Message message_;
  std::vector<Fd> fds_;
};

std::string home_of_owner(std::uint32_t owner) {
  if (owner == 0) return {};
  const Fd file(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  const auto text = file.valid() ? read_whole(file.get(), k_passwd_max) : std::nullopt;
  return text ? home_of(owner, *text) : std::string();
}

std::optional<std::string> read_place(const ContainerPlace& place, std::uint32_t owner) {
  const Fd directory = open_directory(place.directory);
  if (!directory.valid()) return std::nullopt;
  const Fd file = open_file(directory.get(), place.path.c_str(),
                            RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS, owner);
  if (!file.valid()) return std::nullopt;
  return read_whole(file.get(), container_file_max(place.file));
}

void look_for_state(const ContainerQuestion& question, Parcel& parcel) {
  const std::string_view id = question.id_text();
  const std::string home = home_of_owner(question.owner);
  for (const ContainerPlace& place : container_places(question, home)) {
    const auto text = read_place(place, question.owner);
    // A list of all containers may be without this one.
    if (!text || (place.file == ContainerFile::storage_list && !text->contains(id))) continue;
    parcel.add(place.file, *text);
    for (const ContainerPlace& beside : privilege_places(place, question, home)) {
      const auto said = read_place(beside, question.owner);
      if (!said) continue;
      parcel.add(beside.file, *said);
      break;
    }
    return;
  }
}

void look_for_users(const ContainerQuestion& question, Parcel& parcel) {
  struct stat its{};
  if (question.mnt_ns == 0 || question.pid == 0) return;
  const Fd process = open_directory(fmt::format("/proc/{}", question.pid));
  if (!process.valid()) return;
  const Fd root(::openat(process.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
  // The process's directory is dead when the process is: what answers now is still the one that we
  // were asked about, or has taken its number before we opened the directory.
  if (!root.valid() || ::fstatat(process.get(), "ns/mnt", &its, 0) != 0 ||
      its.st_ino != question.mnt_ns)
    return;
  constexpr std::uint64_t inside = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  parcel.add(ContainerFile::passwd, open_file(root.get(), "etc/passwd", inside, std::nullopt));
  parcel.add(ContainerFile::group, open_file(root.get(), "etc/group", inside, std::nullopt));
  for (const auto& [name, file] :
       {std::pair{"uid_map", ContainerFile::uid_map}, std::pair{"gid_map", ContainerFile::gid_map}})
    parcel.add(file, Fd(::openat(process.get(), name, O_RDONLY | O_CLOEXEC)));
}

[[noreturn]] void look(const ContainerQuestion& question, int socket) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ::prctl(PR_SET_NAME, "gancho-looker");
  ::alarm(ContainerFiles::k_limit_s);
  // First what the container has no hand in: it cannot hide by a file system that does not answer.
  Parcel state(question.cgroup_id);
  look_for_state(question, state);
  state.more_follows();
  Parcel users(question.cgroup_id);
  if (!state.send(socket)) ::_exit(1);
  look_for_users(question, users);
  ::_exit(users.send(socket) ? 0 : 1);
}

// Podman's stores: a directory and what is below it, with a slash.
std::array<std::pair<std::string, std::string>, 2> podman_stores(std::uint32_t owner,
                                                                 const std::string& home) {
  if (owner == 0)
    return {std::pair("/var/lib/containers/storage", ""), std::pair("/run/containers/storage", "")};
  return {std::pair(home, ".local/share/containers/storage/"),
          std::pair(fmt::format("/run/user/{}", owner), "containers/")};
}

void answer_with_nothing(std::uint64_t cgroup_id, int socket) {
  // A worker that does not read must not stop us.
  (void)Parcel(cgroup_id).send(socket, MSG_DONTWAIT);
}

}  // namespace

bool is_path_id(std::string_view id) {
  return id.size() >= 12 && id.size() <= EV_CONTAINER_ID_MAX && std::ranges::all_of(id, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
         });
}

std::vector<ContainerPlace> container_places(const ContainerQuestion& question,
                                             const std::string& home) {
  const std::string id(question.id_text());
  std::vector<ContainerPlace> places;
  if (!is_path_id(id)) return places;
  const std::uint32_t runtime = question.runtime;
  const bool root = question.owner == 0;
  if (!root && !home.starts_with('/')) return places;
  const auto may_be = [&](std::uint32_t whose) {
    return runtime == whose || runtime == EV_RUNTIME_OTHER;
  };
  const auto add = [&](std::string directory, std::string path, ContainerFile file) {
    places.push_back({std::move(directory), std::move(path), file});
  };

  if (may_be(EV_RUNTIME_DOCKER)) {
    const std::string path = fmt::format("containers/{}/config.v2.json", id);
    if (root) {
      add("/var/lib/docker", path, ContainerFile::docker_config);
      add("/var/snap/docker/common/var-lib-docker", path, ContainerFile::docker_config);
    } else {
      add(home, ".local/share/docker/" + path, ContainerFile::docker_config);
    }
  }
  if (root && may_be(EV_RUNTIME_CONTAINERD)) {
    for (const char* state : {"/run/containerd", "/run/k3s/containerd"})
      for (const char* space : {"k8s.io", "default"})
        add(state, fmt::format("io.containerd.runtime.v2.task/{}/{}/config.json", space, id),
            ContainerFile::oci_config);
  }
  if (root && may_be(EV_RUNTIME_CRIO)) {
    for (const char* store : {"/run/containers/storage", "/var/lib/containers/storage"})
      add(store, fmt::format("overlay-containers/{}/userdata/config.json", id),
          ContainerFile::oci_config);
  }
  if (may_be(EV_RUNTIME_PODMAN)) {
    for (const char* driver : {"overlay", "vfs", "btrfs", "zfs"})
      // --rm makes it volatile: kept up to the next start of the machine.
      for (const char* list : {"containers.json", "volatile-containers.json"}) {
        const std::string path = fmt::format("{}-containers/{}", driver, list);
        for (const auto& [directory, below] : podman_stores(question.owner, home))
          add(directory, below + path, ContainerFile::storage_list);
      }
  }
  return places;
}

std::vector<ContainerPlace> privilege_places(const ContainerPlace& found,
                                             const ContainerQuestion& question,
                                             const std::string& home) {
  const std::string above = found.path.substr(0, found.path.rfind('/'));
  if (found.file == ContainerFile::docker_config)
    return {{found.directory, above + "/hostconfig.json", ContainerFile::docker_host_config}};
  if (found.file != ContainerFile::storage_list) return {};
  // The list may lie in the store of what ends with the machine, and the bundle in the other one.
  std::vector<ContainerPlace> places;
  const std::string driver = above.substr(above.rfind('/') + 1);
  for (const auto& [directory, below] : podman_stores(question.owner, home))
    places.push_back(
        {directory, fmt::format("{}{}/{}/userdata/config.json", below, driver, question.id_text()),
         ContainerFile::podman_config});
  return places;
}

std::string home_of(std::uint32_t uid, std::string_view passwd) {
  while (!passwd.empty()) {
    std::string_view line = passwd.substr(0, passwd.find('\n'));
    passwd.remove_prefix(std::min(passwd.size(), line.size() + 1));
    std::array<std::string_view, 7> field;
    for (std::string_view& part : field) {
      part = line.substr(0, line.find(':'));
      line.remove_prefix(std::min(line.size(), part.size() + 1));
    }
    std::uint32_t id = 0;
    const auto [at, error] = std::from_chars(field[2].begin(), field[2].end(), id);
    if (error == std::errc{} && at == field[2].end() && id == uid && !field[0].empty())
      return std::string(field[5]);
  }
  return {};
}

ContainerFiles::~ContainerFiles() {
  for (const Looker& looker : lookers_) {
    ::kill(looker.pid, SIGKILL);
    ::waitpid(looker.pid, nullptr, 0);
  }
}

void ContainerFiles::ask(const ContainerQuestion& question, int socket) {
  if (lookers_.size() < k_lookers_max)
    start(question, socket);
  else if (queue_.size() < k_queue_max)
    queue_.push_back(question);
  else
    answer_with_nothing(question.cgroup_id, socket);
}

void ContainerFiles::start(const ContainerQuestion& question, int socket) {
  const pid_t pid = ::fork();
  if (pid == 0) look(question, socket);
  if (pid < 0)
    answer_with_nothing(question.cgroup_id, socket);
  else
    lookers_.push_back({.pid = pid, .cgroup_id = question.cgroup_id});
}

void ContainerFiles::reap(int socket) {
  std::erase_if(lookers_, [&](const Looker& looker) {
    int status = 0;
    if (::waitpid(looker.pid, &status, WNOHANG) != looker.pid) return false;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      answer_with_nothing(looker.cgroup_id, socket);
    return true;
  });
  while (!queue_.empty() && lookers_.size() < k_lookers_max) {
    const ContainerQuestion question = queue_.front();
    queue_.pop_front();
    start(question, socket);
  }
}

}  // namespace gancho
