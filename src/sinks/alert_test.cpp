// SPDX-License-Identifier: Apache-2.0
#include "sinks/alert.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstring>
#include <vector>

#include "base/fd.h"

namespace gancho {
namespace {

const Alert k_alert{.json = R"({"rule":"r"})",
                    .text = "Warning: r",
                    .rule = "r",
                    .priority = rules::Priority::warning,
                    .wall_ns = 1'764'000'000'123'456'789,
                    .source = "k8s_audit"};

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string message_of(const Alert& alert) {
  std::string message;
  EXPECT_TRUE(write_alert(alert, message));
  return message;
}

void expect_same(const Alert& read, const Alert& written) {
  EXPECT_EQ(read.json, written.json);
  EXPECT_EQ(read.text, written.text);
  EXPECT_EQ(read.rule, written.rule);
  EXPECT_EQ(read.priority, written.priority);
  EXPECT_EQ(read.wall_ns, written.wall_ns);
  EXPECT_EQ(read.source, written.source);
}

struct Pair {
  Fd worker;
  Fd courier;
};
Pair make_pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()), 0);
  return {Fd(fds[0]), Fd(fds[1])};
}

TEST(AlertMessage, IsReadAsItWasWritten) {
  const std::string message = message_of(k_alert);
  const auto read = read_alert(bytes(message));
  ASSERT_TRUE(read);
  expect_same(*read, k_alert);
  const auto held = HeldAlert::create(bytes(message));
  ASSERT_TRUE(held);
  expect_same(held->alert(), k_alert);
  const auto nothing = message_of(Alert{});
  EXPECT_TRUE(read_alert(bytes(nothing)));
}

TEST(AlertMessage, WhatIsCutOrChangedIsRefused) {
  const std::string message = message_of(k_alert);
  for (std::size_t length = 0; length < message.size(); ++length)
    EXPECT_FALSE(read_alert(bytes(std::string_view(message).substr(0, length)))) << length;
  EXPECT_FALSE(read_alert(bytes(message + "x")));
  for (const std::size_t at : {0U, 4U, 16U, 20U, 24U, 28U}) {
    std::string changed = message;
    changed[at] = static_cast<char>(changed[at] + 9);
    EXPECT_FALSE(read_alert(bytes(changed))) << at;
  }
}

TEST(AlertMessage, HasALargestSize) {
  std::string message;
  const std::string most(k_alert_message_max - 32, 'x');
  EXPECT_TRUE(write_alert({.json = most, .source = ""}, message));
  EXPECT_EQ(message.size(), k_alert_message_max);
  EXPECT_TRUE(read_alert(bytes(message)));
  EXPECT_FALSE(write_alert({.json = most, .source = "y"}, message));
}

TEST(AlertSender, SendsTheLargestWhole) {
  const Pair pair = make_pair();
  AlertSender sender(pair.worker.get());
  const std::string json(k_alert_message_max - 64, 'x');
  ASSERT_TRUE(sender.send({.json = json, .rule = "r"}));
  std::vector<std::byte> buffer(k_alert_message_max + 1);
  const ssize_t n = ::recv(pair.courier.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  ASSERT_GT(n, 0);
  const auto read = read_alert(std::span(buffer).first(static_cast<std::size_t>(n)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->json, json);
  EXPECT_FALSE(sender.send({.json = std::string(k_alert_message_max, 'x')}));
  EXPECT_EQ(sender.sent(), 1U);
  EXPECT_EQ(sender.too_large(), 1U);
  EXPECT_EQ(sender.dropped(), 0U);
}

// A courier that hangs costs a tenth of a second once, not with each alert.
TEST(AlertSender, WaitsOnceForOneThatTakesNothing) {
  const Pair pair = make_pair();
  AlertSender sender(pair.worker.get());
  const std::string json(1000, 'x');
  const auto begin = std::chrono::steady_clock::now();
  while (sender.send({.json = json})) {
  }
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(sender.send({.json = json}));
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(took, std::chrono::milliseconds(90));
  EXPECT_LT(took, std::chrono::seconds(10));  // not a thousand tenths
  EXPECT_EQ(sender.dropped(), 1001U);
  const std::uint64_t sent = sender.sent();
  EXPECT_GT(sent, 10U);
  // What it took is still there, and then there is room again.
  std::vector<std::byte> buffer(k_alert_message_max);
  std::uint64_t received = 0;
  while (::recv(pair.courier.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) ++received;
  EXPECT_EQ(received, sent);
  EXPECT_TRUE(sender.send({.json = json}));
}

TEST(AlertSender, CountsWhatNobodyIsThereFor) {
  Pair pair = make_pair();
  AlertSender sender(pair.worker.get());
  pair.courier.reset();
  EXPECT_FALSE(sender.send(k_alert));
  EXPECT_EQ(sender.dropped(), 1U);
  AlertSender nowhere;
  EXPECT_FALSE(nowhere.connected());
  EXPECT_FALSE(nowhere.send(k_alert));
  EXPECT_EQ(nowhere.dropped(), 0U);
}

}  // namespace
}  // namespace gancho
