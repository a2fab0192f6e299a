// SPDX-License-Identifier: Apache-2.0
#include "sinks/redact.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace gancho {
namespace {

std::vector<std::string> defaults() {
  return {"default"};
}

std::string redact(std::string_view text, const std::vector<std::string>& patterns = defaults()) {
  const auto redactor = Redactor::create(patterns);
  EXPECT_TRUE(redactor) << redactor.error().message;
  std::string scratch;
  return std::string(redactor->apply(text, scratch));
}

TEST(Redact, TakesOutWhatIsCalledSecret) {
  const std::pair<std::string, std::string> cases[] = {
      {"tool --password=hunter2 --user=bob", "tool --password=<redacted> --user=bob"},
      {"tool --password hunter2 -v", "tool --password <redacted> -v"},
      {"tool --db-password='x y' z", "tool --db-password=<redacted> z"},
      {"tool -token=abc --api-key=1 --apikey 2",
       "tool -token=<redacted> --api-key=<redacted> "
       "--apikey <redacted>"},
      {"--password=a --password=b", "--password=<redacted> --password=<redacted>"},
      {"tool --PASSWORD=x", "tool --PASSWORD=<redacted>"},
      {"mysql -uroot -phunter2 db", "mysql -uroot -p<redacted> db"},
      {"/usr/bin/mysqldump -phunter2", "/usr/bin/mysqldump -p<redacted>"},
      {"sshpass -p hunter2 ssh h", "sshpass -p <redacted> ssh h"},
      {"AWS_SECRET_ACCESS_KEY=abc/def+1 aws s3 ls", "AWS_SECRET_ACCESS_KEY=<redacted> aws s3 ls"},
      {"PGPASSWORD=x psql", "PGPASSWORD=<redacted> psql"},
      {"MYSQL_PWD=x GITHUB_TOKEN=y", "MYSQL_PWD=<redacted> GITHUB_TOKEN=<redacted>"},
      {"curl -H Authorization: Bearer abc.def https://h",
       "curl -H Authorization: Bearer <redacted> https://h"},
      {"curl -H 'authorization: Basic YWxhZGRpbg=='", "curl -H 'authorization: Basic <redacted>'"},
      {"curl -u bob:hunter2 https://h", "curl -u bob:<redacted> https://h"},
      {"psql postgres://bob:hunter2@db/x", "psql postgres://bob:<redacted>@db/x"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(redact(text), expected);
    EXPECT_EQ(redact(expected), expected);
  }
}

TEST(Redact, LeavesTheRest) {
  for (const char* text : {"", "ls -l /etc/passwd", "mkdir -p /a/b", "ssh -p2222 host",
                           "tool --password-file /etc/x", "tool --password -v", "nmap -p80 h",
                           "PWD=/root OLDPWD=/", "git clone https://example.org/a.git",
                           "mysql -P3306 --port=1", "echo token", "passwd root"})
    EXPECT_EQ(redact(text), text);
}

TEST(Redact, GivesBackTheTextItselfWhenNothingMatches) {
  const auto redactor = Redactor::create(defaults());
  ASSERT_TRUE(redactor);
  std::string scratch;
  const std::string_view text = "ls -l";
  EXPECT_EQ(redactor->apply(text, scratch).data(), text.data());
  const auto nothing = Redactor::create({});
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->apply("--password=x", scratch), "--password=x");
}

TEST(Redact, TakesPatternsOfOnesOwn) {
  EXPECT_EQ(redact("card 1234-5678 x", {R"(\d{4}-\d{4})"}), "card <redacted> x");
  EXPECT_EQ(redact("pin=12 pin=34", {R"(pin=(\d+))"}), "pin=<redacted> pin=<redacted>");
  EXPECT_EQ(redact("a1b2", {"a(x)?1", "b"}), "<redacted><redacted>2");
  EXPECT_EQ(redact(std::string("a\xff\0b", 4), {"\\xff"}), std::string("a<redacted>\0b", 13));
}

TEST(Redact, DefaultsMayStandBesideOthers) {
  EXPECT_EQ(redact("--password=x pin=1", {"pin=(.)", "default"}),
            "--password=<redacted> pin=<redacted>");
  for (const std::string_view pattern : default_redactions())
    EXPECT_TRUE(check_redaction(pattern)) << pattern;
}

TEST(Redact, RefusesWhatIsNoPattern) {
  EXPECT_FALSE(check_redaction(""));
  EXPECT_FALSE(check_redaction("a("));
  EXPECT_FALSE(check_redaction("a*"));
  EXPECT_FALSE(check_redaction("(a{1000}){1000}"));
  EXPECT_FALSE(check_redaction(std::string(1025, 'a')));
  EXPECT_TRUE(check_redaction("a+"));
  EXPECT_FALSE(Redactor::create(std::vector<std::string>{"ok", "("}));
}

RC_GTEST_PROP(Redact, NoSecretComesThrough, (const std::string& before, const std::string& after)) {
  const auto letters = rc::gen::elementOf(std::string("abcdefghijklmnopqrstuvwxyz0123456789"));
  const auto secret = "Zq" + *rc::gen::container<std::string>(12, letters);
  const auto form = *rc::gen::elementOf(std::vector<std::string>{
      " --password=", " --password ", " --auth-token=", " MY_SECRET=", " Authorization: Bearer ",
      " mysql -u x -p", " https://bob:"});
  const std::string end = form.contains("://") ? "@h " : " ";
  const auto redactor = Redactor::create(defaults());
  RC_ASSERT(redactor.has_value());
  std::string scratch;
  const std::string out(redactor->apply(before + form + secret + end + after, scratch));
  RC_ASSERT(!out.contains(secret));
}

RC_GTEST_PROP(Redact, TwiceIsAsOnce, (const std::string& text)) {
  const auto redactor = Redactor::create(defaults());
  RC_ASSERT(redactor.has_value());
  std::string first;
  std::string second;
  const std::string_view once = redactor->apply(text, first);
  RC_ASSERT(redactor->apply(once, second) == once);
}

}  // namespace
}  // namespace gancho
