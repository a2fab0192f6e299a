// SPDX-License-Identifier: Apache-2.0
#include "sinks/http_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>
#include <string>

#include "sinks/http_server.h"
#include "sinks/sink_stage.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Http : public testing::Test {
 protected:
  void make(AlertHttpOptions options) {
    if (options.url.empty())
      options.url = "http://127.0.0.1:" + std::to_string(server_->port()) + "/alerts?from=test";
    if (options.first_wait == 500ms) options.first_wait = 1ms;
    auto made = HttpSink::create(options, stage_.context());
    ASSERT_TRUE(made) << made.error().message;
    sink_ = std::move(*made);
    sink_->start();
  }
  std::string secure_url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(server_->port()) + "/";
  }
  void send(int count) {
    for (int i = 0; i < count; ++i) sink_->offer(held("{\"n\":" + std::to_string(i) + "}"));
    ASSERT_TRUE(sink_->finish(stage_.deadline()));
  }

  SinkStage stage_;
  TemporaryFolder folder_;
  std::optional<HttpServer> server_{std::in_place};
  std::unique_ptr<HttpSink> sink_;
};

TEST_F(Http, PostsEachAlert) {
  make({.headers = {"X-Machine: web1", "Content-Type: application/x-own"}});
  send(3);
  const auto seen = server_->seen();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[2].method, "POST");
  EXPECT_EQ(seen[2].target, "/alerts?from=test");
  EXPECT_EQ(seen[2].body, "{\"n\":2}");
  EXPECT_EQ(seen[2].headers.at("x-machine"), "web1");
  EXPECT_EQ(seen[2].headers.at("content-type"), "application/x-own");
  EXPECT_EQ(seen[2].headers.at("content-length"), "7");
  EXPECT_EQ(seen[2].headers.at("host"), "127.0.0.1:" + std::to_string(server_->port()));
  EXPECT_EQ(seen[2].connection, 1U) << "the connection is kept";
  EXPECT_EQ(stage_.counts().delivered, 3U);
  EXPECT_EQ(stage_.counts().retried, 0U);
}

TEST_F(Http, SaysThatItIsJson) {
  make({});
  sink_->offer(held(std::string(120'000, 'x')));
  send(0);
  ASSERT_EQ(server_->seen().size(), 1U);
  EXPECT_EQ(server_->seen()[0].headers.at("content-type"), "application/json");
  EXPECT_EQ(server_->seen()[0].body.size(), 120'000U);
}

TEST_F(Http, TriesAgainWhatMayBeBetterTheNextTime) {
  make({});
  server_->answer({{.status = 500}, {.status = 503}, {.status = 429}, {.hang_up = true}});
  send(1);
  const auto seen = server_->seen();
  EXPECT_EQ(seen.size(), 5U);
  for (const HttpSeen& one : seen) EXPECT_EQ(one.body, "{\"n\":0}");
  EXPECT_EQ(stage_.counts().delivered, 1U);
  // The end of a connection that was kept is answered by another one at once.
  EXPECT_EQ(stage_.counts().retried, 3U);
  EXPECT_THAT(stage_.lines(), testing::ElementsAre(HasSubstr("status 500; it is tried again"),
                                                   "alerts, http: delivered again"));
}

TEST_F(Http, TriesNotAgainWhatWillNot) {
  make({});
  server_->answer({{.status = 400}, {.status = 404}, {.status = 301}});
  send(4);
  EXPECT_EQ(server_->seen().size(), 4U);
  EXPECT_EQ(stage_.counts().failed, 3U);
  EXPECT_EQ(stage_.counts().delivered, 1U);
  EXPECT_EQ(stage_.counts().retried, 0U);
}

TEST_F(Http, GivesUpAfterSoManyRetries) {
  make({.retries = 3});
  server_->answer(std::deque<HttpAnswer>(4, {.status = 500}));
  send(2);
  EXPECT_EQ(server_->seen().size(), 5U);
  EXPECT_EQ(stage_.counts().failed, 1U);
  EXPECT_EQ(stage_.counts().retried, 3U);
  EXPECT_EQ(stage_.counts().delivered, 1U);
}

TEST_F(Http, ConnectsAnewWhenTheServerCloses) {
  make({});
  server_->answer(std::deque<HttpAnswer>(3, {.close = true}));
  send(3);
  EXPECT_EQ(server_->seen().back().connection, 3U);
  EXPECT_EQ(stage_.counts().delivered, 3U);
  EXPECT_EQ(stage_.counts().retried, 0U);
}

TEST_F(Http, WaitsForNoneThatIsSilent) {
  make({.timeout = 100ms});
  server_->answer({{.silent = true}});
  send(1);
  EXPECT_EQ(server_->seen().size(), 2U);
  EXPECT_EQ(stage_.counts().delivered, 1U);
  EXPECT_EQ(stage_.counts().retried, 1U);
}

TEST_F(Http, ReadsNoEndlessAnswer) {
  make({});
  server_->answer({{.body = std::string(1 << 20, 'x')}});
  send(2);
  EXPECT_EQ(stage_.counts().delivered, 2U);
}

TEST_F(Http, AServerThatComesBackGetsWhatWaited) {
  const unsigned short port = server_->port();
  make({.retries = 100});
  server_.reset();
  sink_->offer(held("{\"n\":0}"));
  stage_.wait_until([&] { return stage_.counts().retried >= 3; });
  EXPECT_THAT(stage_.lines().front(), HasSubstr("cannot connect: Connection refused"));
  server_.emplace(nullptr, port);
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_EQ(server_->seen().size(), 1U);
  EXPECT_EQ(stage_.counts().delivered, 1U);
}

TEST_F(Http, SpeaksTlsToWhomItTrusts) {
  const Certificate certificate = make_certificate(folder_.path(), "DNS:localhost,IP:127.0.0.1");
  server_.emplace(&certificate);
  for (const char* host : {"localhost", "127.0.0.1"}) {
    make({.url = secure_url(host), .ca_file = certificate.certificate_file});
    send(2);
  }
  EXPECT_EQ(stage_.counts().delivered, 4U);
  EXPECT_EQ(server_->seen().size(), 4U);
}

TEST_F(Http, TrustsNoCertificateOfAnotherHost) {
  const Certificate certificate = make_certificate(folder_.path(), "DNS:other.example");
  server_.emplace(&certificate);
  make({.url = secure_url("localhost"), .retries = 1, .ca_file = certificate.certificate_file});
  send(1);
  make({.url = secure_url("127.0.0.1"), .retries = 0, .ca_file = certificate.certificate_file});
  send(1);
  EXPECT_EQ(stage_.counts().failed, 2U);
  EXPECT_TRUE(server_->seen().empty());
  EXPECT_THAT(stage_.lines().front(), HasSubstr("the certificate is not trusted"));
}

TEST_F(Http, TrustsNoStranger) {
  const Certificate certificate = make_certificate(folder_.path(), "DNS:localhost,IP:127.0.0.1");
  server_.emplace(&certificate);
  make({.url = secure_url("localhost"), .retries = 0});
  send(1);
  EXPECT_EQ(stage_.counts().failed, 1U);
  EXPECT_TRUE(server_->seen().empty());
  EXPECT_THAT(stage_.lines().front(), HasSubstr("the certificate is not trusted: self"));
}

TEST_F(Http, SecretHeadersComeFromAFileThatNobodyElseReads) {
  const std::string path = folder_.path() + "/headers";
  std::ofstream(path) << "# for the collector\n\nAuthorization: Bearer hunter2\r\n";
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  const auto refused =
      HttpSink::create({.url = "http://h/", .headers_file = path}, stage_.context());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("can be read by others"));
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  make({.headers_file = path});
  send(1);
  EXPECT_EQ(server_->seen()[0].headers.at("authorization"), "Bearer hunter2");
  std::ofstream(path) << "ok: 1\nnonsense\n";
  const auto wrong = read_headers_file(path);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("headers:2: "));
}

TEST_F(Http, RefusesWhatCannotWork) {
  EXPECT_FALSE(HttpSink::create({.url = "ftp://h/"}, stage_.context()));
  EXPECT_FALSE(HttpSink::create({.url = "https://h/", .ca_file = "/none"}, stage_.context()));
  EXPECT_FALSE(HttpSink::create({.url = "http://h/", .headers_file = "/none"}, stage_.context()));
}

}  // namespace
}  // namespace gancho::test
