// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/names.h"

#include <fcntl.h>
#include <linux/module.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <map>
#include <stdexcept>

namespace gancho::test {
namespace {

using Table = std::map<std::string_view, long>;
#define N(name) {#name, static_cast<long>(name)}

const Table& table_of(Names names) {
  static const std::map<Names, Table> tables{
      {Names::none, {}},
      {Names::open_flags,
       {N(O_ACCMODE),
        N(O_RDONLY),
        N(O_WRONLY),
        N(O_RDWR),
        N(O_APPEND),
        N(O_ASYNC),
        N(O_CLOEXEC),
        N(O_CREAT),
        N(O_DIRECT),
        N(O_DIRECTORY),
        N(O_DSYNC),
        N(O_EXCL),
        N(O_FSYNC),
        N(O_NDELAY),
        N(O_NOATIME),
        N(O_NOCTTY),
        N(O_NOFOLLOW),
        N(O_NONBLOCK),
        N(O_PATH),
        N(O_RSYNC),
        N(O_SYNC),
        N(O_TMPFILE),
        N(O_TRUNC),
        // glibc's own is 0 where files are large anyway.
        {"O_LARGEFILE", 0100000}}},
      {Names::mode,
       {N(S_IRWXU), N(S_IRUSR), N(S_IWUSR), N(S_IXUSR), N(S_IRWXG), N(S_IRGRP), N(S_IWGRP),
        N(S_IXGRP), N(S_IRWXO), N(S_IROTH), N(S_IWOTH), N(S_IXOTH), N(S_ISUID), N(S_ISGID),
        N(S_ISVTX)}},
      {Names::resolve,
       {N(RESOLVE_NO_XDEV), N(RESOLVE_NO_MAGICLINKS), N(RESOLVE_NO_SYMLINKS), N(RESOLVE_BENEATH),
        N(RESOLVE_IN_ROOT), N(RESOLVE_CACHED)}},
      {Names::at_flags,
       {N(AT_SYMLINK_FOLLOW), N(AT_SYMLINK_NOFOLLOW), N(AT_EMPTY_PATH), N(AT_REMOVEDIR)}},
      {Names::socket_domain,
       {N(AF_UNSPEC), N(AF_UNIX), N(AF_LOCAL), N(AF_INET), N(AF_INET6), N(AF_NETLINK), N(AF_PACKET),
        N(AF_ALG), N(AF_VSOCK), N(AF_BLUETOOTH), N(AF_CAN), N(AF_XDP), N(AF_KEY)}},
      {Names::socket_type,
       {N(SOCK_STREAM), N(SOCK_DGRAM), N(SOCK_RAW), N(SOCK_RDM), N(SOCK_SEQPACKET), N(SOCK_PACKET),
        N(SOCK_NONBLOCK), N(SOCK_CLOEXEC)}},
      {Names::socket_protocol,
       {N(IPPROTO_IP), N(IPPROTO_ICMP), N(IPPROTO_TCP), N(IPPROTO_UDP), N(IPPROTO_IPV6),
        N(IPPROTO_ICMPV6), N(IPPROTO_RAW), N(IPPROTO_SCTP), N(IPPROTO_UDPLITE)}},
      {Names::message_flags,
       {N(MSG_CONFIRM), N(MSG_DONTROUTE), N(MSG_DONTWAIT), N(MSG_EOR), N(MSG_MORE), N(MSG_NOSIGNAL),
        N(MSG_OOB), N(MSG_FASTOPEN)}},
      {Names::signal, {N(SIGHUP),  N(SIGINT),   N(SIGQUIT),   N(SIGILL),  N(SIGTRAP), N(SIGABRT),
                       N(SIGBUS),  N(SIGFPE),   N(SIGKILL),   N(SIGUSR1), N(SIGSEGV), N(SIGUSR2),
                       N(SIGPIPE), N(SIGALRM),  N(SIGTERM),   N(SIGCHLD), N(SIGCONT), N(SIGSTOP),
                       N(SIGTSTP), N(SIGTTIN),  N(SIGTTOU),   N(SIGURG),  N(SIGXCPU), N(SIGXFSZ),
                       N(SIGPROF), N(SIGWINCH), N(SIGVTALRM), N(SIGIO),   N(SIGPWR),  N(SIGSYS)}},
      {Names::ptrace_request,
       {N(PTRACE_TRACEME), N(PTRACE_PEEKTEXT), N(PTRACE_PEEKDATA), N(PTRACE_PEEKUSER),
        N(PTRACE_POKETEXT), N(PTRACE_POKEDATA), N(PTRACE_POKEUSER), N(PTRACE_CONT), N(PTRACE_KILL),
        N(PTRACE_GETREGS), N(PTRACE_SETREGS), N(PTRACE_ATTACH), N(PTRACE_DETACH), N(PTRACE_SEIZE),
        N(PTRACE_INTERRUPT)}},
      {Names::mount_flags,
       {N(MS_RDONLY), N(MS_NOSUID), N(MS_NODEV), N(MS_NOEXEC), N(MS_REMOUNT), N(MS_BIND),
        N(MS_MOVE), N(MS_REC), N(MS_PRIVATE), N(MS_SLAVE), N(MS_SHARED)}},
      {Names::module_flags, {N(MODULE_INIT_IGNORE_MODVERSIONS), N(MODULE_INIT_IGNORE_VERMAGIC)}},
      {Names::memory_flags, {N(MFD_CLOEXEC), N(MFD_ALLOW_SEALING)}},
      {Names::error,
       {N(EPERM),        N(ENOENT),       N(ESRCH),       N(EBADF),     N(EAGAIN),
        N(EACCES),       N(EEXIST),       N(ENOTDIR),     N(EISDIR),    N(EINVAL),
        N(ENOEXEC),      N(ENOTEMPTY),    N(EXDEV),       N(ENODEV),    N(EBUSY),
        N(ENOSYS),       N(ELOOP),        N(EROFS),       N(ENOTSOCK),  N(ECONNREFUSED),
        N(ENETUNREACH),  N(EHOSTUNREACH), N(EINPROGRESS), N(ETIMEDOUT), N(EAFNOSUPPORT),
        N(EADDRNOTAVAIL)}},
  };
  return tables.at(names);
}
#undef N

}  // namespace

long read_number(std::string_view text, Names names) {
  const Table& table = table_of(names);
  long value = 0;
  for (std::string_view rest = text;;) {
    const std::size_t end = rest.find('|');
    std::string word(rest.substr(0, end));
    word.erase(0, word.find_first_not_of(' '));
    word.erase(word.find_last_not_of(' ') + 1);
    if (const auto found = table.find(word); found != table.end()) {
      value |= found->second;
    } else {
      if (word.starts_with("0o")) word.erase(1, 1);
      char* stop = nullptr;
      const long number = std::strtol(word.c_str(), &stop, 0);
      if (word.empty() || *stop != '\0')
        throw std::runtime_error("no number and no name of one: " + std::string(text));
      value |= number;
    }
    if (end == std::string_view::npos) return value;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace gancho::test
