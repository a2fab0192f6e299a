// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "rules/act.h"

namespace gancho::test {
namespace {

// Opened only: what the kernel believes stays as it is.
void open_file(const char* path, int flags) {
  const int fd = ::open(path, flags | O_CLOEXEC);
  require(fd >= 0, path);
  ::close(fd);
}

}  // namespace

std::vector<Act> file_acts() {
  return {
      {.rule = "Password hashes read",
       .act = [] { run_program({"/bin/grep", "-q", "root", "/etc/shadow"}); },
       .miss =
           [] {
             run_program({"/bin/grep", "-q", "root", "/etc/passwd"});
             shell("passwd -S root > /dev/null; ls -l /etc/shadow > /dev/null");
           }},
      {.rule = "Accounts or their rights changed",
       .act =
           [] {
             shell(
                 "echo 'nobody ALL=(ALL) NOPASSWD: ALL' > /root/rights;"
                 "mkdir -p /etc/sudoers.d; mv /root/rights /etc/sudoers.d/starter");
             shell("echo 'x:x:0:0::/:/bin/sh' >> /etc/passwd");
           },
       .miss = [] { shell("useradd starter; userdel starter; cat /etc/passwd > /dev/null"); },
       .tidy = [] { shell("rm -f /etc/sudoers.d/starter; sed -i '/^x:x:0/d' /etc/passwd"); }},
      {.rule = "SSH key may log in",
       .prepare = [] { shell("mkdir -p /root/.ssh"); },
       .act = [] { shell("echo ssh-ed25519 AAAA >> /root/.ssh/authorized_keys"); },
       .miss =
           [] {
             shell(
                 "echo host ssh-ed25519 AAAA >> /root/.ssh/known_hosts;"
                 "ls -l /root/.ssh > /dev/null");
           }},
      {.rule = "Private SSH key read",
       .prepare =
           [] {
             shell(
                 "mkdir -p /root/.ssh; rm -f /root/.ssh/id_starter*;"
                 "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_starter");
           },
       .act = [] { shell("cat /root/.ssh/id_starter > /dev/null"); },
       .miss =
           [] {
             shell(
                 "ssh-keygen -y -f /root/.ssh/id_starter > /dev/null;"
                 "cat /root/.ssh/id_starter.pub > /dev/null");
           }},
      {.rule = "Cron job put in place",
       .prepare = [] { shell("mkdir -p /etc/cron.d"); },
       .act = [] { shell("echo '* * * * * root true' > /etc/cron.d/starter"); },
       .miss = [] { shell("echo x > /etc/starter.cron; ls -R /etc/cron.d > /dev/null"); },
       .tidy = [] { shell("rm -f /etc/cron.d/starter /etc/starter.cron"); }},
      {.rule = "Something is to be started at boot",
       .prepare = [] { shell("mkdir -p /etc/systemd/system /run/systemd/system"); },
       .act =
           [] {
             shell(
                 "echo '[Service]' > /etc/systemd/system/starter.service;"
                 "ln -s /usr/local/bin/x /etc/init.d/starter");
           },
       .miss =
           [] {
             shell(
                 "echo '[Service]' > /run/systemd/system/starter.service; cat /etc/profile > "
                 "/dev/null");
           },
       .tidy = [] { shell("rm -f /etc/systemd/system/starter.service /etc/init.d/starter"); }},
      {.rule = "Library forced on every program",
       .act =
           [] {
             shell(": > /root/preload; mv /root/preload /etc/ld.so.preload");
             shell(": > /etc/ld.so.preload; rm /etc/ld.so.preload");
           },
       .miss = [] { shell("echo /usr/local/lib > /etc/ld.so.conf.d/starter.conf; ldconfig"); }},
      {.rule = "Traces wiped",
       .prepare =
           [] {
             shell(
                 "echo one > /var/log/auth.log; echo two > /var/log/my.log; echo three > "
                 "/root/.bash_history");
           },
       .act =
           [] {
             shell("truncate -s 0 /var/log/auth.log");
             shell(": > /var/log/auth.log");
             shell("rm /root/.bash_history");
             shell("ln -s /dev/null /root/.bash_history");
           },
       .miss =
           [] {
             shell(
                 "echo more >> /var/log/auth.log; : > /var/log/my.log; rm /var/log/my.log;"
                 "cat /var/log/auth.log > /dev/null");
           },
       .tidy = [] { shell("rm -f /root/.bash_history /var/log/auth.log"); }},
      {.rule = "File made to give root's rights",
       .prepare = [] { install("ordinary"); },
       .act =
           [] {
             shell("chmod 4755 /usr/local/bin/ordinary");
             const int fd = ::open("/usr/local/bin/born-so", O_WRONLY | O_CREAT | O_CLOEXEC, 04755);
             require(fd >= 0, "open");
             ::unlink("/usr/local/bin/born-so");
           },
       .miss =
           [] {
             shell(
                 "chmod 2755 /usr/local/bin/ordinary; chmod 1777 /tmp; chmod 755 "
                 "/usr/local/bin/ordinary");
           }},
      {.rule = "Helper of the kernel replaced",
       .act = [] { open_file("/proc/sys/kernel/core_pattern", O_WRONLY); },
       .miss =
           [] {
             open_file("/proc/sys/kernel/core_pattern", O_RDONLY);
             open_file("/proc/sys/kernel/core_uses_pid", O_WRONLY);
           }},
  };
}

}  // namespace gancho::test
