// SPDX-License-Identifier: Apache-2.0
#include "agent/control.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <string>

namespace gancho {
namespace {

class Control : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()), 0);
    here_.reset(pair[0]);
    there_.reset(pair[1]);
  }
  Fd here_;
  Fd there_;
};

TEST_F(Control, AMessageArrivesAsItWasSent) {
  Message sent = Message::of(MessageKind::failed);
  sent.status = 3;
  sent.settings = {.vital_ring_bytes = 1,
                   .bulk_ring_bytes = 2,
                   .bulk_rings = 3,
                   .cpus = 4,
                   .nap_ms = 5,
                   .json = 1,
                   .color = 1,
                   .record = 1,
                   .resume = 1,
                   .rules = 1,
                   .alerts = 1,
                   .unused = {},
                   .processes = 7,
                   .count = 6,
                   .containers_max = 8,
                   .fields = {.count = 1, .ids = {9}}};
  sent.set_text("no space");
  ASSERT_TRUE(send_message(here_.get(), sent));
  const auto received = receive_message(there_.get());
  ASSERT_TRUE(received) << received.error().message;
  EXPECT_EQ(received->message.kind, MessageKind::failed);
  EXPECT_EQ(received->message.status, 3U);
  EXPECT_EQ(received->message.settings.count, 6U);
  EXPECT_EQ(received->message.settings.nap_ms, 5U);
  EXPECT_EQ(received->message.settings.processes, 7U);
  EXPECT_EQ(received->message.settings.containers_max, 8U);
  EXPECT_EQ(received->message.settings.fields.ids[0], 9U);
  EXPECT_EQ(received->message.clean_text(), "no space");
  EXPECT_TRUE(received->fds.empty());
}

TEST_F(Control, DescriptorsArriveInOrderAndCloseOnExec) {
  const Fd first(::memfd_create("first", MFD_CLOEXEC));
  const Fd second(::memfd_create("second", MFD_CLOEXEC));
  const std::array<int, 3> fds{first.get(), second.get(), first.get()};
  ASSERT_TRUE(send_message(here_.get(), Message::of(MessageKind::start), fds));
  const auto received = receive_message(there_.get());
  ASSERT_TRUE(received);
  ASSERT_EQ(received->fds.size(), 3U);
  const auto inode = [](int fd) {
    struct stat status{};
    return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
  };
  EXPECT_EQ(inode(received->fds[0].get()), inode(first.get()));
  EXPECT_EQ(inode(received->fds[1].get()), inode(second.get()));
  EXPECT_EQ(inode(received->fds[2].get()), inode(first.get()));
  for (const Fd& fd : received->fds) EXPECT_EQ(::fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(Control, AStartWithTheMostRingsFits) {
  const Fd file(::memfd_create("ring", MFD_CLOEXEC));
  const std::vector<int> fds(k_fd_bulk_rings + 64, file.get());
  ASSERT_TRUE(send_message(here_.get(), Message::of(MessageKind::start), fds));
  const auto received = receive_message(there_.get());
  ASSERT_TRUE(received);
  EXPECT_EQ(received->fds.size(), fds.size());
  EXPECT_FALSE(send_message(here_.get(), Message::of(MessageKind::start),
                            std::vector<int>(fds.size() + 1, 0)));
}

TEST_F(Control, AMessageOfAnotherSizeIsRefused) {
  for (const std::size_t bytes : {std::size_t{1}, sizeof(Message) - 1}) {
    const std::string part(bytes, 'x');
    ASSERT_EQ(::send(here_.get(), part.data(), part.size(), 0), static_cast<ssize_t>(part.size()));
    EXPECT_FALSE(receive_message(there_.get()));
  }
  // What is too long is cut by the kernel, and may not pass for whole.
  const std::string longer(sizeof(Message) + 8, 'x');
  ASSERT_EQ(::send(here_.get(), longer.data(), longer.size(), 0),
            static_cast<ssize_t>(longer.size()));
  EXPECT_FALSE(receive_message(there_.get()));
}

TEST_F(Control, TextIsCutAndCleaned) {
  Message message = Message::of(MessageKind::failed);
  message.set_text(std::string(2 * k_text_max, 'a'));
  EXPECT_EQ(message.clean_text(), std::string(k_text_max - 1, 'a'));
  message.set_text("red \x1b[31m, a\nline\x7f");
  EXPECT_EQ(message.clean_text(), "red ?[31m, a?line?");
  message.text.fill('b');  // no end, as only somebody else would send it
  EXPECT_EQ(message.clean_text(), std::string(k_text_max, 'b'));
}

TEST_F(Control, TheOtherSideBeingGoneIsAnError) {
  there_.reset();
  EXPECT_FALSE(send_message(here_.get(), Message::of(MessageKind::ping)));  // and no SIGPIPE
  const auto received = receive_message(here_.get());
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, Errc::system);
}

}  // namespace
}  // namespace gancho
