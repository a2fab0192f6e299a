// SPDX-License-Identifier: Apache-2.0
//
// Syslog and the journal, with a socket of the test in the place of theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/fd.h"
#include "sinks/journal_sink.h"
#include "sinks/sink_stage.h"
#include "sinks/syslog_sink.h"

namespace gancho::test {
namespace {

class Listener {
 public:
  explicit Listener(const std::string& path) : path_(path) {
    ::unlink(path.c_str());
    socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
  }
  ~Listener() { ::unlink(path_.c_str()); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::string read() const {
    pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&wait, 1, 60'000), 1);
    std::string text(1 << 20, '\0');
    const ssize_t bytes = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    EXPECT_GE(bytes, 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)));
    return text;
  }

 private:
  std::string path_;
  Fd socket_;
};

class Datagrams : public testing::Test {
 protected:
  SinkStage stage_;
  TemporaryFolder folder_;
  std::string path_ = folder_.path() + "/log";
};

TEST_F(Datagrams, SyslogIsAsTheCLibraryWritesIt) {
  ASSERT_EQ(::setenv("TZ", "UTC", 1), 0);
  const Listener listener(path_);
  SyslogSink sink({.enabled = true, .facility = "local3", .socket = path_}, stage_.context());
  sink.start();
  sink.offer(held(Alert{.json = "{}",
                        .text = "Critical: two\nlines \x1b[2J",
                        .rule = "r",
                        .priority = rules::Priority::critical,
                        .wall_ns = 1'764'000'000'000'000'000}));
  // local3 is 19, critical is 2; 2025-11-24T16:00:00Z
  EXPECT_EQ(listener.read(), "<154>Nov 24 16:00:00 gancho[" + std::to_string(::getpid()) +
                                 "]: Critical: two lines  [2J");
  ASSERT_TRUE(sink.finish(stage_.deadline()));
  EXPECT_EQ(stage_.counts().delivered, 1U);
}

TEST_F(Datagrams, TheDayHasTwoColumns) {
  ASSERT_EQ(::setenv("TZ", "UTC", 1), 0);
  const Listener listener(path_);
  SyslogSink sink({.enabled = true, .facility = "daemon", .socket = path_}, stage_.context());
  sink.start();
  sink.offer(held(Alert{.text = "x", .wall_ns = 1'764'720'000'000'000'000}));
  EXPECT_THAT(listener.read(), testing::StartsWith("<31>Dec  3 00:00:00 gancho["));
  ASSERT_TRUE(sink.finish(stage_.deadline()));
}

TEST_F(Datagrams, SyslogCutsWhatIsLong) {
  const Listener listener(path_);
  SyslogSink sink({.enabled = true, .facility = "user", .socket = path_}, stage_.context());
  sink.start();
  sink.offer(held(Alert{.text = std::string(100'000, 'x')}));
  EXPECT_LT(listener.read().size(), 8300U);
  ASSERT_TRUE(sink.finish(stage_.deadline()));
}

TEST_F(Datagrams, ASocketThatGoesAwayComesBack) {
  SyslogSink sink({.enabled = true, .facility = "user", .socket = path_}, stage_.context());
  sink.start();
  sink.offer(held("before there is anybody"));
  stage_.wait_until([&] { return stage_.counts().retried >= 1; });
  EXPECT_EQ(stage_.counts().delivered, 0U);
  {
    const Listener first(path_);
    EXPECT_THAT(first.read(), testing::EndsWith("]: Warning: text"));
    stage_.wait_until([&] { return stage_.counts().delivered == 1; });
  }
  const std::uint64_t retried = stage_.counts().retried;
  sink.offer(held("while nobody is there"));
  stage_.wait_until([&] { return stage_.counts().retried > retried; });
  const Listener second(path_);
  EXPECT_THAT(second.read(), testing::EndsWith("]: Warning: text"));
  ASSERT_TRUE(sink.finish(stage_.deadline()));
  EXPECT_EQ(stage_.counts().delivered, 2U);
  EXPECT_THAT(stage_.lines(), testing::ElementsAre(testing::HasSubstr("No such file or directory"),
                                                   "alerts, syslog: delivered again",
                                                   testing::HasSubstr("it is tried again"),
                                                   "alerts, syslog: delivered again"));
}

// One that is restarted while nothing is sent costs no retry.
TEST_F(Datagrams, AServiceThatWasRestartedIsFoundAtOnce) {
  SyslogSink sink({.enabled = true, .facility = "user", .socket = path_}, stage_.context());
  sink.start();
  {
    const Listener first(path_);
    sink.offer(held("1"));
    (void)first.read();
    stage_.wait_until([&] { return stage_.counts().delivered == 1; });
  }
  const Listener second(path_);
  sink.offer(held("2"));
  (void)second.read();
  ASSERT_TRUE(sink.finish(stage_.deadline()));
  EXPECT_EQ(stage_.counts().retried, 0U);
}

TEST(JournalField, OfSeveralLinesHasALength) {
  std::string out;
  append_journal_field(out, "A", "b=c");
  append_journal_field(out, "D", "e\nf");
  EXPECT_EQ(out, std::string("A=b=c\nD\n\x03\0\0\0\0\0\0\0e\nf\n", 20));
}

TEST_F(Datagrams, TheJournalGetsFields) {
  const Listener listener(path_);
  JournalSink sink({.enabled = true, .socket = path_}, stage_.context());
  sink.start();
  sink.offer(held(R"({"rule":"Rule"})"));
  EXPECT_EQ(listener.read(),
            "MESSAGE=Warning: text\nPRIORITY=4\nSYSLOG_IDENTIFIER=gancho\nGANCHO_RULE=Rule\n"
            "GANCHO_PRIORITY=Warning\nGANCHO_SOURCE=syscall\nGANCHO_TIME_USEC=1764000000000000\n"
            "GANCHO_ALERT={\"rule\":\"Rule\"}\n");
  sink.offer(held(std::string(120'000, 'x')));
  EXPECT_GT(listener.read().size(), 120'000U);
  ASSERT_TRUE(sink.finish(stage_.deadline()));
  EXPECT_EQ(stage_.counts().delivered, 2U);
}

}  // namespace
}  // namespace gancho::test
