// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "rules/act.h"

namespace gancho::test {
namespace {

void execute_descriptor(int fd) {
  char name[] = "program";
  char* const arguments[] = {name, nullptr};
  char* const none[] = {nullptr};
  ::fexecve(fd, arguments, none);
  require(false, "fexecve");
}

int in_memory(const std::string& program) {
  std::ifstream file(program, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  const int fd = ::memfd_create("copy", MFD_CLOEXEC);
  require(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()),
          "a program in memory");
  return fd;
}

void give_capability(const std::string& path, unsigned capability) {
  vfs_cap_data data{};
  data.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
  data.data[0].permitted = 1U << capability;
  require(::setxattr(path.c_str(), "security.capability", &data, sizeof data, 0) == 0, "setxattr");
}

void stem_from_login(const char* uid) {
  const int fd = ::open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
  require(::write(fd, uid, std::char_traits<char>::length(uid)) > 0, "loginuid");
  ::close(fd);
}

const std::string k_starts_shell = "#!/bin/sh\n/bin/sh -c :\n/bin/true\n:\n";

}  // namespace

std::vector<Act> program_acts() {
  return {
      {.rule = "Program run from a temporary folder",
       .prepare =
           [] {
             install("ordinary");
             shell(
                 "cp /usr/local/bin/ordinary /dev/shm/dropped; cp /usr/local/bin/ordinary /tmp;"
                 "printf '#!/bin/sh\\n:\\n' > /var/tmp/dropped.sh; chmod 755 /var/tmp/dropped.sh");
           },
       .act =
           [] {
             run_program({"/dev/shm/dropped"});
             run_program({"/var/tmp/dropped.sh"});
           },
       // The folder as argument and as working directory.
       .miss =
           [] {
             require(::chdir("/tmp") == 0, "chdir");
             run_program({"/usr/local/bin/ordinary", "/tmp/ordinary"});
           }},
      {.rule = "Program run from memory",
       .prepare = [] { install("ordinary"); },
       .act = [] { execute_descriptor(in_memory("/usr/local/bin/ordinary")); },
       // Memory that has a name and no program is nothing.
       .miss =
           [] {
             in_memory("/usr/local/bin/ordinary");
             execute_descriptor(::open("/usr/local/bin/ordinary", O_RDONLY | O_CLOEXEC));
           }},
      {.rule = "Program run whose file is gone",
       .prepare =
           [] {
             install("leaving");
             install("staying");
           },
       .act =
           [] {
             const int fd = ::open("/usr/local/bin/leaving", O_RDONLY | O_CLOEXEC);
             require(::unlink("/usr/local/bin/leaving") == 0, "unlink");
             execute_descriptor(fd);
           },
       // Renamed and executed, then removed.
       .miss =
           [] {
             const int fd = ::open("/usr/local/bin/staying", O_RDONLY | O_CLOEXEC);
             require(::rename("/usr/local/bin/staying", "/usr/local/bin/stayed") == 0, "rename");
             in_child([fd] { execute_descriptor(fd); });
             require(::unlink("/usr/local/bin/stayed") == 0, "unlink");
           }},
      {.rule = "Shell started by a network service",
       .prepare =
           [] {
             install("nginx", k_starts_shell);
             install("engine", k_starts_shell);
             install("haproxy", "#!/bin/sh\n/bin/true\n:\n");
           },
       .act = [] { run_program({"/usr/local/bin/nginx"}); },
       .miss =
           [] {
             run_program({"/usr/local/bin/engine"});
             run_program({"/usr/local/bin/haproxy"});
           }},
      {.rule = "Program takes the name of a kernel thread",
       .act = [] { execute("/bin/true", {"[kworker/0:1-events]"}); },
       .miss = [] { execute("/usr/bin/[", {"[", "1", "]"}); }},
      {.rule = "Service asks for root",
       .act =
           [] {
             become_nobody();
             execute("/usr/bin/su", {"su", "-V"});
           },
       .miss =
           [] {
             run_program({"/usr/bin/su", "-V"});  // is root
             stem_from_login("65534");
             become_nobody();
             execute("/usr/bin/su", {"su", "-V"});
           }},
      {.rule = "Capabilities gained from a file",
       .prepare =
           [] {
             give_capability(install("becomes-any-user"), CAP_SETUID);
             give_capability(install("sends-raw-packets"), CAP_NET_RAW);
           },
       .act =
           [] {
             become_nobody();
             execute("/usr/local/bin/becomes-any-user", {"becomes-any-user"});
           },
       .miss =
           [] {
             run_program({"/usr/local/bin/becomes-any-user"});  // has it already
             become_nobody();
             execute("/usr/local/bin/sends-raw-packets", {"sends-raw-packets"});
           }},
  };
}

}  // namespace gancho::test
