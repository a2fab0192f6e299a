// SPDX-License-Identifier: Apache-2.0
#include "agent/client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include "agent/client_desk.h"
#include "agent/client_listener.h"
#include "enrich/known_facts.h"

namespace gancho {
namespace {

namespace fs = std::filesystem;

class ClientTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "gancho_client_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A connection whose other end the desk has.
  Fd visit(ClientDesk& desk) {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    ::fcntl(pair[1], F_SETFL, O_NONBLOCK);
    desk.admit(Fd(pair[1]));
    return Fd(pair[0]);
  }
  static void say(const Fd& fd, std::string_view text) {
    ASSERT_EQ(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  static ProcessTable table_of(std::uint32_t processes, std::string_view args = "x") {
    ProcessTable table;
    for (std::uint32_t pid = 1; pid <= processes; ++pid) {
      Lifecycle found;
      found.change = Lifecycle::Change::found;
      found.process = {.pid = pid, .start_time = pid};
      found.name = "name";
      found.program.args = args;
      table.apply(found);
    }
    return table;
  }

  std::string folder_;
  KnownFacts facts_;
};

TEST_F(ClientTest, AnAnswerIsWholeAndThenTheConnectionEnds) {
  ClientDesk desk;
  const ProcessTable table = table_of(3);
  const Fd client = visit(desk);
  std::jthread asking;
  Result<std::string> answer;
  asking = std::jthread([&] { answer = ask(client.get(), Request::processes); });
  while (!desk.empty()) desk.serve(&table, facts_, {});
  asking.join();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(std::ranges::count(*answer, '\n'), 4);
  EXPECT_NE(answer->find(R"({"end":"processes","lines":3)"), std::string::npos);
}

TEST_F(ClientTest, ALargeAnswerGoesInPiecesThatNobodyWaitsFor) {
  ClientDesk desk;
  const std::string args(400, 'a');
  const ProcessTable table = table_of(8000, args);
  const Fd client = visit(desk);
  say(client, print_request(Request::processes));
  // The client takes nothing: the desk stops, and holds no more than a piece.
  while (desk.serve(&table, facts_, {})) {
  }
  EXPECT_FALSE(desk.empty());
  EXPECT_FALSE(desk.serve(&table, facts_, {}));
  std::string answer;
  std::array<char, 100'000> part{};
  while (!desk.empty()) {
    const ssize_t n = ::recv(client.get(), part.data(), part.size(), MSG_DONTWAIT);
    if (n > 0) answer.append(part.data(), static_cast<std::size_t>(n));
    desk.serve(&table, facts_, {});
  }
  for (;;) {
    const ssize_t n = ::recv(client.get(), part.data(), part.size(), 0);
    if (n <= 0) break;
    answer.append(part.data(), static_cast<std::size_t>(n));
  }
  EXPECT_EQ(std::ranges::count(answer, '\n'), 8001);
  EXPECT_NE(answer.find(R"("lines":8000)"), std::string::npos);
}

TEST_F(ClientTest, ARequestMayComeInPiecesAndANonsenseIsRefused) {
  ClientDesk desk;
  const ProcessTable table = table_of(1);
  const Fd client = visit(desk);
  say(client, "{\"get\":");
  desk.serve(&table, facts_, {});
  EXPECT_FALSE(desk.empty());
  say(client, "\"nothing\"}\n");
  while (!desk.empty()) desk.serve(&table, facts_, {});
  std::array<char, 1000> part{};
  const ssize_t n = ::recv(client.get(), part.data(), part.size(), 0);
  ASSERT_GT(n, 0);
  EXPECT_TRUE(std::string_view(part.data(), static_cast<std::size_t>(n)).starts_with("{\"error\""));
  EXPECT_EQ(::recv(client.get(), part.data(), part.size(), 0), 0);
}

TEST_F(ClientTest, WhoSendsWithoutEndIsNotListenedTo) {
  ClientDesk desk;
  const ProcessTable table = table_of(1);
  const Fd client = visit(desk);
  say(client, std::string(k_request_max + 10, 'x'));
  while (!desk.empty()) desk.serve(&table, facts_, {});
}

TEST_F(ClientTest, WhoLeavesIsForgottenAndThereIsALimit) {
  ClientDesk desk;
  const ProcessTable table = table_of(1);
  std::vector<Fd> clients;
  for (std::size_t i = 0; i < ClientDesk::k_clients_max; ++i) clients.push_back(visit(desk));
  const Fd one_too_many = visit(desk);
  std::array<char, 1000> part{};
  ASSERT_GT(::recv(one_too_many.get(), part.data(), part.size(), 0), 0);
  EXPECT_NE(std::string_view(part.data()).find("too many"), std::string_view::npos);
  desk.serve(&table, facts_, {});
  EXPECT_FALSE(desk.empty());
  clients.clear();
  desk.serve(&table, facts_, {});
  EXPECT_TRUE(desk.empty());
}

TEST_F(ClientTest, AnAgentWithoutATableSaysSo) {
  ClientDesk desk;
  const Fd client = visit(desk);
  say(client, print_request(Request::processes));
  while (!desk.empty()) desk.serve(nullptr, facts_, {});
  std::array<char, 1000> part{};
  ASSERT_GT(::recv(client.get(), part.data(), part.size(), 0), 0);
  EXPECT_NE(std::string_view(part.data()).find("no process table"), std::string_view::npos);
}

TEST_F(ClientTest, TheSocketIsRootsAloneAndGoesWithItsOwner) {
  const std::string path = folder_ + "/run/agent.sock";
  {
    const auto listener = ClientListener::create(path);
    ASSERT_TRUE(listener) << listener.error().message;
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
    ASSERT_EQ(::stat((folder_ + "/run").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0700U);
    EXPECT_FALSE(listener->accept().valid()) << "nobody is there";
    const auto second = ClientListener::create(path);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("another agent listens"), std::string::npos);
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(folder_ + "/run"));
  const auto agent = connect_to_agent(path);
  ASSERT_TRUE(agent);
  EXPECT_FALSE(agent->valid());
}

TEST_F(ClientTest, ASocketThatWasLeftBehindIsReplaced) {
  const std::string path = folder_ + "/agent.sock";
  {
    const Fd socket = *make_unix_socket(0);
    const sockaddr_un address = unix_address(path);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
  }
  ASSERT_TRUE(fs::exists(path));
  EXPECT_TRUE(ClientListener::create(path));
  std::ofstream(folder_ + "/file") << "precious";
  EXPECT_FALSE(ClientListener::create(folder_ + "/file"));
  EXPECT_TRUE(fs::exists(folder_ + "/file"));
  EXPECT_FALSE(ClientListener::create("/nowhere/at/all/agent.sock"));
}

TEST_F(ClientTest, OnlyRootIsAnswered) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string path = folder_ + "/agent.sock";
  const auto listener = ClientListener::create(path);
  ASSERT_TRUE(listener);
  const Fd ours = *connect_to_agent(path);
  EXPECT_TRUE(listener->accept().valid());
  // Modes that somebody has changed let everybody connect.
  ::chmod(path.c_str(), 0777);
  ::chmod(folder_.c_str(), 0777);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresuid(1000, 1000, 1000) != 0) ::_exit(1);
    const auto connection = connect_to_agent(path);
    if (!connection || !connection->valid()) ::_exit(2);
    const auto answer = ask(connection->get(), Request::processes);
    ::_exit(answer && answer->find("only root is answered") != std::string::npos ? 0 : 3);
  }
  Fd accepted;
  int status = -1;
  while (::waitpid(child, &status, WNOHANG) == 0)
    if (Fd now = listener->accept(); now.valid()) accepted = std::move(now);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(accepted.valid());
}

}  // namespace
}  // namespace gancho
