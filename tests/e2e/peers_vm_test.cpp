// SPDX-License-Identifier: Apache-2.0
//
// Beside tools that others wrote, under load: what they report, we report, and the same. They see
// less, and lose more; what they leave out or write otherwise stands at each comparison. statsnoop
// of Debian 12 prints nothing on 6.12, and bindsnoop does not load.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <set>

#include "support/agent.h"
#include "support/exec_stage.h"
#include "support/load.h"
#include "support/peer_tool.h"

namespace gancho::test {
namespace {

constexpr const char* k_end = "beside-end";  // of the process that each tool has to see at last

// What both say of one operation, as a line.
using Lines = std::multiset<std::string>;

std::string joined(std::initializer_list<std::string> words) {
  std::string line;
  for (const std::string& word : words) line += word + "|";
  return line;
}

std::string number(const Event& event, std::string_view field) {
  return std::to_string(number_of(event, field));
}

// "" stands for a NULL.
std::string text_or_none(const Event& event, std::string_view field) {
  return event.contains(field) ? text_of(event, field) : "";
}

// The errno of evt.res, 0 for success.
int error_of(const Event& event) {
  const std::string& name = text_of(event, "evt.res");
  for (int error = 1; error < 134; ++error)
    if (const char* known = ::strerrorname_np(error); known != nullptr && name == known)
      return error;
  return 0;
}

// What follows the first `count` words.
std::string from_word(const std::string& line, int count) {
  std::size_t at = line.find_first_not_of(' ');
  for (; count > 0; --count) at = line.find_first_not_of(' ', line.find(' ', at));
  return line.substr(at);
}

// ---- what happens ----

void end_process() {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_NAME, k_end);
    (void)::syscall(SYS_open, "/the-end", O_RDONLY);
    (void)::kill(::getpid(), 0);
    (void)::mount("the-end", "/the-end", "none", 0, nullptr);
    ::_exit(0);
  }
  ::waitpid(pid, nullptr, 0);
}

void script() {
  const TemporaryDirectory place;
  const auto sh = [&](const std::string& text) {
    (void)run({"sh", "-c", "cd " + place.path() + "; " + text});
  };
  sh("for i in 1 2 3 4 5 6 7 8; do echo $i > file$i; cat file$i none$i; done");
  sh("find /etc -maxdepth 2 -name '*.conf' -exec cat {} +");
  sh("sh -c 'kill -9 $$'; sh -c 'kill -SEGV $$'; sh -c 'exit 3'; kill -0 999999");
  sh("mkdir m && mount -t tmpfs -o size=64k name m && echo a > m/a && umount m; umount m");
  sh("mkdir b && mount --bind . b && mount -o remount,ro,bind b && umount -l b");
  sh("mount -t nothing none m; true");
}

void stress() {
  (void)run({"stress-ng",  "--quiet", "--temp-path",  "/tmp", "--open",     "1",
             "--open-ops", "200",     "--open-max",   "32",   "--fork",     "1",
             "--fork-ops", "100",     "--kill",       "1",    "--kill-ops", "100",
             "--dentry",   "1",       "--dentry-ops", "100"});
}

// ---- both sides ----

class Peers : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* needed : {"opensnoop", "exitsnoop", "killsnoop", "mountsnoop", "stress-ng"})
      if (!installed(needed)) GTEST_SKIP() << needed << " is not installed";
  }

  // Ours and the tool's lines of what a script and stress-ng do.
  void compare(const std::vector<std::string>& events, const std::string& tool,
               const std::function<Lines(const Event&)>& ours,
               const std::function<std::string(const PeerRow&)>& theirs) {
    std::vector<std::string> words{"watch"};
    words.insert(words.end(), events.begin(), events.end());
    for (const char* word : {"-o", "json", "--children", "--pid"}) words.emplace_back(word);
    words.push_back(std::to_string(::getpid()));
    Agent agent(words);
    Lines known;
    Lines reported;
    {
      const PeerTool peer(tool);
      script();
      stress();
      const auto at_the_end = [](const PeerRow& row) { return row.line.contains(k_end); };
      // Its own buffer may be full, so it is shown the end until it has seen it.
      const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
      do {
        ASSERT_LT(std::chrono::steady_clock::now(), limit) << tool << " sees nothing any more";
        end_process();
      } while (std::ranges::none_of(peer.rows(), at_the_end));
      for (const PeerRow& row : peer.rows())
        if (std::string line = theirs(row); !line.empty()) reported.insert(std::move(line));
    }
    const Ended ended = agent.stop();
    for (const Event& event : ended.events) known.merge(ours(event));
    EXPECT_EQ(ended.status, 0) << ended.error;
    EXPECT_GE(reported.size(), 8U);
    std::size_t missing = 0;
    for (const std::string& line : reported) {
      const auto found = known.find(line);
      if (found == known.end()) {
        if (++missing <= 10) ADD_FAILURE() << "only " << tool << " has " << line;
      } else {
        known.erase(found);
      }
    }
    EXPECT_EQ(missing, 0U) << "of " << reported.size();
  }
};

// It takes the name from the caller's memory, up to 255 bytes, and has no open by io_uring or
// handle.
TEST_F(Peers, Opensnoop) {
  const auto cut = [](const std::string& path) { return path.substr(0, 254); };
  compare(
      {"open"}, "opensnoop",
      [&](const Event& event) -> Lines {
        const int error = error_of(event);
        return {joined({number(event, "proc.pid"), text_of(event, "proc.name"),
                        error != 0 ? "-1" : number(event, "fd.num"), std::to_string(error),
                        cut(text_of(event, "fd.nameraw"))})};
      },
      [&](const PeerRow& row) -> std::string {
        // PID COMM FD ERR PATH
        if (row.words.size() < 5 || row.words[0] == "PID") return {};
        return joined(
            {row.words[0], row.words[1], row.words[2], row.words[3], cut(from_word(row.line, 4))});
      });
}

// It has a row for the first thread only.
TEST_F(Peers, Exitsnoop) {
  compare(
      {"exit"}, "exitsnoop",
      [](const Event& event) -> Lines {
        const std::int64_t signal = number_of(event, "proc.exit_signal");
        const std::int64_t status = number_of(event, "proc.exit_status");
        const std::string how = signal != 0   ? "signal " + std::to_string(signal)
                                : status != 0 ? "code " + std::to_string(status)
                                              : "0";
        return {joined({text_of(event, "proc.name"), number(event, "proc.pid"),
                        number(event, "proc.ppid"), how})};
      },
      [](const PeerRow& row) -> std::string {
        // PCOMM PID PPID TID AGE(s) EXIT_CODE: "0", "code 3", "signal 9 (KILL)"
        if (row.words.size() < 6 || row.words[0] == "PCOMM") return {};
        const std::string how =
            row.words.size() > 6 ? row.words[5] + " " + row.words[6] : row.words[5];
        return joined({row.words[0], row.words[1], row.words[2], how});
      });
}

// Signals of the three old calls; sent to a group it is one row, as it is one record of ours.
TEST_F(Peers, Killsnoop) {
  compare(
      {"kill"}, "killsnoop",
      [](const Event& event) -> Lines {
        return {joined({number(event, "proc.pid"), text_of(event, "proc.name"),
                        text_of(event, "evt.arg.sig"), std::to_string(-error_of(event))})};
      },
      [](const PeerRow& row) -> std::string {
        // TIME PID COMM SIG TPID RESULT
        if (row.words.size() < 6 || row.words[0] == "TIME") return {};
        const char* name = ::sigabbrev_np(std::stoi(row.words[3]));
        return joined({row.words[1], row.words[2],
                       name != nullptr ? "SIG" + std::string(name) : row.words[3], row.words[5]});
      });
}

// It writes names as they were given, and flags by other names.
TEST_F(Peers, Mountsnoop) {
  compare(
      {"mount", "umount"}, "mountsnoop",
      [](const Event& event) -> Lines {
        const std::string type = text_of(event, "evt.type");
        const int error = error_of(event);
        const std::string what =
            type == "mount"
                ? joined({text_or_none(event, "evt.arg.dev"), text_of(event, "fs.path.nameraw"),
                          text_or_none(event, "evt.arg.type")})
                : joined({text_of(event, "fs.path.nameraw")});
        return {joined({text_of(event, "proc.name"), number(event, "proc.pid"), type, what,
                        error != 0 ? "-" + text_of(event, "evt.res") : "0"})};
      },
      [](const PeerRow& row) -> std::string {
        // COMM PID TID MNT_NS CALL: mount("none", "/tmp/m", "tmpfs", 0x0, "") = -ENOENT
        if (row.words.size() < 6 || row.words[0] == "COMM") return {};
        const std::string call = from_word(row.line, 4);
        const std::string type = call.substr(0, call.find('('));
        std::vector<std::string> quoted;
        for (std::size_t at = call.find('"'); at != std::string::npos;
             at = call.find('"', at + 1)) {
          const std::size_t end = call.find('"', at + 1);
          quoted.push_back(call.substr(at + 1, end - at - 1));
          at = end;
        }
        const std::string what =
            type == "mount" ? joined({quoted[0], quoted[1], quoted[2]}) : joined({quoted[0]});
        return joined({row.words[0], row.words[1], type, what, row.words.back()});
      });
}

}  // namespace
}  // namespace gancho::test
