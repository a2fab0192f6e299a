// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

#include "containers/stage.h"
#include "rules/act.h"

namespace gancho::test {
namespace {

sockaddr_in at(const char* address, int port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, address, &result.sin_addr);
  return result;
}

// Nobody need be there: what is asked for counts.
void try_to_connect(int type, const char* address, int port) {
  const int fd = ::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  require(fd >= 0, "socket");
  const sockaddr_in to = at(address, port);
  (void)::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  ::close(fd);
}

// {listening, connected, accepted}
std::array<int, 3> tcp_pair() {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = at("127.0.0.1", 0);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  require(::bind(listening, any, size) == 0 && ::listen(listening, 1) == 0, "listen");
  require(::getsockname(listening, any, &size) == 0, "getsockname");
  const int connected = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(::connect(connected, any, size) == 0, "connect");
  return {listening, connected, ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC)};
}

sockaddr_un at(const char* path) {
  sockaddr_un result{};
  result.sun_family = AF_UNIX;
  std::strncpy(result.sun_path, path, sizeof result.sun_path - 1);
  return result;
}

void listen_at(const char* path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = at(path);
  ::unlink(path);
  require(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
              ::listen(fd, 8) == 0,
          path);
}

void connect_to(const char* path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = at(path);
  require(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, path);
}

const std::string k_perl_connects =
    "use Socket; socket(S, PF_INET, SOCK_STREAM, 0); "
    "connect(S, pack_sockaddr_in(80, inet_aton(\"192.0.2.1\")));";

}  // namespace

std::vector<Act> network_acts() {
  // As long as the test runs.
  static const auto container =
      std::make_unique<Cgroup>("/system.slice/docker-" + new_id() + ".scope");
  static std::unique_ptr<Sleeper> runtime;
  const auto in_container = [](const std::function<void()>& operation) {
    in_child([&] {
      write_text(container->directory() + "/cgroup.procs", "0");
      operation();
    });
  };
  return {
      {.rule = "Shell or one-liner connects out",
       .prepare = [] { install("client", "#!/usr/bin/perl\n" + k_perl_connects + "\nexit 0;\n"); },
       .act =
           [] {
             run_program(
                 {"/bin/bash", "-c", "(exec 3<>/dev/tcp/192.0.2.1/80) 2>/dev/null || exit 0"});
             run_program({"/usr/bin/perl", "-e", k_perl_connects + " exit 0"});
           },
       .miss =
           [] {
             run_program(
                 {"/bin/bash", "-c", "(exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null || exit 0"});
             run_program({"/usr/local/bin/client"});
           }},
      {.rule = "Keys of the cloud asked for",
       .act = [] { try_to_connect(SOCK_STREAM, "169.254.169.254", 80); },
       // A cloud's name server, and another link-local address.
       .miss =
           [] {
             try_to_connect(SOCK_DGRAM, "169.254.169.254", 53);
             try_to_connect(SOCK_STREAM, "169.254.169.253", 80);
           }},
      {.rule = "Connection tied to input or output",
       .act =
           [] {
             const auto [listening, connected, accepted] = tcp_pair();
             require(::dup2(accepted, 0) == 0 && ::dup2(connected, 2) == 2, "dup2");
           },
       .miss =
           [] {
             const auto [listening, connected, accepted] = tcp_pair();
             require(::dup2(accepted, 10) == 10, "dup2");
             require(::dup2(listening, 0) == 0, "dup2");
             std::array<int, 2> pair{};
             require(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0, "socketpair");
             require(::dup2(pair[0], 1) == 1, "dup2");
           }},
      {.rule = "Container speaks to the container runtime",
       .prepare =
           [] {
             runtime = std::make_unique<Sleeper>([] {
               listen_at("/run/docker.sock");
               listen_at("/run/database.sock");
             });
           },
       .act = [in_container] { in_container([] { connect_to("/run/docker.sock"); }); },
       .miss =
           [in_container] {
             connect_to("/run/docker.sock");
             in_container([] { connect_to("/run/database.sock"); });
           },
       .tidy = [] { runtime.reset(); }},
      // Here for the container's sake.
      {.rule = "Disk mounted in a container",
       .prepare = [] { shell("mkfs.ext4 -q -F /dev/vda"); },
       .act = [in_container] { in_container([] { shell("mount /dev/vda /mnt; umount /mnt"); }); },
       .miss =
           [in_container] {
             shell("mount /dev/vda /mnt; umount /mnt");
             in_container([] { shell("mount -t tmpfs scratch /mnt; umount /mnt"); });
           }},
  };
}

}  // namespace gancho::test
