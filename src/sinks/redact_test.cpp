// SPDX-License-Identifier: Apache-2.0
#include "sinks/redact.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "sinks/secret_names.h"

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
      {"mount -o user=x,password=hunter3,ro //h/s /m",
       "mount -o user=x,password=<redacted>,ro //h/s /m"},
      {"mount -o user=x,pass=hunter3", "mount -o user=x,pass=<redacted>"},
      {"psql host=h password=hunter4 user=u", "psql host=h password=<redacted> user=u"},
      {"sh -c psql \"host=h password=hunter4\"", "sh -c psql \"host=h password=<redacted>"},
      {"password=hunter5", "password=<redacted>"},
      {"env Db_Password=a,b&c;d cmd", "env Db_Password=<redacted> cmd"},
      {"java -Dspring.datasource.password=x -jar a",
       "java -Dspring.datasource.password=<redacted> -jar a"},
      {R"({"password":"hunter6","user":"x"})", R"({"password":<redacted>,"user":"x"})"},
      {R"({"api_key" : "a\"b c", "pin": 1})", R"({"api_key" : <redacted>, "pin": 1})"},
      {R"({'token': 'a b'})", R"({'token': <redacted>})"},
      {R"({"password":12345})", R"({"password":<redacted>})"},
      {R"({"password":"cut off)", R"({"password":<redacted>)"},
      {R"(sh -c curl -d "{\"password\":\"hunter6\"}")",
       R"(sh -c curl -d "{\"password\":\"<redacted>\"}")"},
      {"curl -H 'X-Api-Key: hunter8' h", "curl -H 'X-Api-Key: <redacted>' h"},
      {"curl -H X-Api-Key: hunter8 h", "curl -H X-Api-Key: <redacted> h"},
      {"curl -HPrivate-Token:hunter8", "curl -HPrivate-Token:<redacted>"},
      {"curl -H Token: hunter8", "curl -H Token: <redacted>"},
      {"curl -H 'Cookie: a=1; b=2' h", "curl -H 'Cookie: <redacted>' h"},
      {"mysqlsh mysql://root@h/?password=hunter9&x=1",
       "mysqlsh mysql://root@h/?password=<redacted>&x=1"},
      {"\"https://h/?x=1&access_token=a\" z", "\"https://h/?x=1&access_token=<redacted>\" z"},
      {"isql Server=h;Uid=u;Pwd=x;Port=1", "isql Server=h;Uid=u;Pwd=<redacted>;Port=1"},
      {"openssl rsa -passin pass:x -in k", "openssl rsa -passin pass:<redacted> -in k"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(redact(text), expected);
    EXPECT_EQ(redact(expected), expected);
  }
}

TEST(Redact, LeavesTheRest) {
  for (const char* text : {"",
                           "ls -l /etc/passwd",
                           "mkdir -p /a/b",
                           "ssh -p2222 host",
                           "tool --password-file /etc/x",
                           "tool --password -v",
                           "nmap -p80 h",
                           "PWD=/root OLDPWD=/",
                           "git clone https://example.org/a.git",
                           "mysql -P3306 --port=1",
                           "echo token",
                           "passwd root",
                           "/usr/bin/passwd -l bob",
                           "tool --password-file=/etc/x",
                           "tool password_file=/etc/x",
                           "useradd --password-stdin",
                           "grep password: /etc/x",
                           "x264 --pass=1",
                           "ffmpeg -pass 1 x",
                           "llm --max_tokens=5",
                           "dd if=/dev/zero of=x",
                           "sort --key=2 a",
                           "docker pull registry/token:latest",
                           "ssh -o PasswordAuthentication=no h",
                           R"({"passwords": ["a"]})",
                           "mount -o ro,nosuid,mode=0755 tmpfs /m",
                           "cat /run/secrets/token",
                           "kubectl get secret x",
                           "https://h/password/reset?user=bob"})
    EXPECT_EQ(redact(text), text);
}

std::string redact_list(std::string_view list,
                        const std::vector<std::string>& patterns = defaults()) {
  const auto redactor = Redactor::create(patterns);
  EXPECT_TRUE(redactor) << redactor.error().message;
  std::string scratch;
  return std::string(redactor->apply_to_list(list, scratch));
}

std::string redact_environment(std::string_view list,
                               const std::vector<std::string>& patterns = defaults()) {
  const auto redactor = Redactor::create(patterns);
  EXPECT_TRUE(redactor) << redactor.error().message;
  std::string scratch;
  return std::string(redactor->apply_to_environment(list, scratch));
}

TEST(Redact, VariablesAreKnownByTheirNames) {
  using namespace std::string_literals;
  EXPECT_EQ(redact_environment("A=1\0PASSWORD=a b\"c\0HOME=/\0"s),
            "A=1\0PASSWORD=<redacted>\0HOME=/\0"s);
  EXPECT_EQ(redact_environment("DB_TOKEN='x' y, z\nand more\0A=1\0"s),
            "DB_TOKEN=<redacted>\0A=1\0"s);
  EXPECT_EQ(redact_environment("PRIVATE_KEY=\n-----BEGIN\0TOKEN= x\0"s),
            "PRIVATE_KEY=<redacted>\0TOKEN=<redacted>\0"s);
  EXPECT_EQ(redact_environment("PASSWORD=\0A=\0\0no sign\0=x\0"s),
            "PASSWORD=\0A=\0\0no sign\0=x\0"s);
  // Values that hold secrets beside other things.
  EXPECT_EQ(redact_environment("URL=postgres://bob:x@db/y\0OPTS=-v --password=x -q\0"s),
            "URL=postgres://bob:<redacted>@db/y\0OPTS=-v --password=<redacted> -q\0"s);
  // Nothing is known by what stands in another variable.
  EXPECT_EQ(redact_environment("A=--password\0B=c\0"s), "A=--password\0B=c\0"s);
  EXPECT_EQ(redact_environment(""), "");
}

TEST(Redact, OneThatWasCutOff) {
  using namespace std::string_literals;
  EXPECT_EQ(redact_environment("A=1\0PASSWORD=hal"s), "A=1\0PASSWORD=<redacted>"s);
  EXPECT_EQ(redact_environment("URL=postgres://bob:hal"s), "URL=postgres://<redacted>"s);
  EXPECT_EQ(redact_environment("URL=https://host/path\0"s), "URL=https://host/path\0"s);
  EXPECT_EQ(redact_environment("PATH=/usr/bin:/b"s), "PATH=/usr/bin:/b"s);
}

TEST(Redact, OwnPatternsKnowNoNames) {
  using namespace std::string_literals;
  EXPECT_EQ(redact_environment("PIN=12 34\0TOKEN=x\0"s, {"PIN=(..)"}),
            "PIN=<redacted> 34\0TOKEN=x\0"s);
  EXPECT_EQ(redact_environment("x=1\0y=1\0"s, {"1"}), "x=<redacted>\0y=<redacted>\0"s);
  EXPECT_EQ(redact_environment("x=1\0TOKEN=2\0"s, {"1", "default"}),
            "x=<redacted>\0TOKEN=<redacted>\0"s);
}

TEST(Redact, NamesOfSecrets) {
  for (const char* name : {"PASSWORD",
                           "PGPASSWORD",
                           "DB_PASS",
                           "SMTP_PASS",
                           "SSHPASS",
                           "MYSQL_PWD",
                           "RAILS_MASTER_KEY",
                           "ENCRYPTION_KEY",
                           "STRIPE_KEY",
                           "token_2",
                           "db_password_prod",
                           "dbPassword",
                           "GITHUB_TOKEN",
                           "AWS_SECRET_ACCESS_KEY",
                           "AWS_ACCESS_KEY_ID_SECRET",
                           "API_KEYS",
                           "HTTP_COOKIE",
                           "HTTP_AUTHORIZATION",
                           "GOOGLE_APPLICATION_CREDENTIALS",
                           "NPM_AUTH",
                           "spring.datasource.password",
                           "KEY",
                           "APIKEY2",
                           "SECRETS",
                           "Passphrase"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  for (const char* name : {"PWD",
                           "OLDPWD",
                           "HOME",
                           "PATH",
                           "SSH_ASKPASS",
                           "SSH_AUTH_SOCK",
                           "XAUTHORITY",
                           "KEYMAP",
                           "XKB_KEYMAP",
                           "PASS_THROUGH",
                           "TERM",
                           "_",
                           "",
                           "LESSKEY_SYSTEM",
                           "DBUS_SESSION_BUS_ADDRESS",
                           "TOKENIZERS_PARALLELISM",
                           "KEYBOARD",
                           "COMPASS",
                           "1",
                           "__"})
    EXPECT_FALSE(is_secret_name(name)) << name;
}

TEST(Redact, AnElementIsKnownByThoseBesideIt) {
  using namespace std::string_literals;
  EXPECT_EQ(redact_list("true\0--password\0hunter2\0-v\0"s), "true\0--password\0<redacted>\0-v\0"s);
  EXPECT_EQ(redact_list("true\0--password\0hunter2"s), "true\0--password\0<redacted>"s);
  // All of it, and nothing of the next.
  EXPECT_EQ(redact_list("true\0--password\0two words\0next\0"s),
            "true\0--password\0<redacted>\0next\0"s);
  EXPECT_EQ(redact_list("sh\0-c\0PASSWORD=x cmd\0\0--token=y\0"s),
            "sh\0-c\0PASSWORD=<redacted> cmd\0\0--token=<redacted>\0"s);
  EXPECT_EQ(redact_list("mysql\0-u\0root\0-phunter2\0"s), "mysql\0-u\0root\0-p<redacted>\0"s);
  EXPECT_EQ(redact_list("ls\0-l\0"s), "ls\0-l\0"s);
  // One that reaches over several leaves as many as there were.
  EXPECT_EQ(redact_list("a\0b c\0\0d\0"s, {"b.*d"}), "a\0<redacted>\0\0<redacted>\0"s);
  EXPECT_EQ(redact_list("a\0b c\0d\0"s, {"a (b)", "c d"}), "a\0<redacted>\0<redacted>\0"s);
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
      " mysql -u x -p", " https://bob:", " password=", " -o user=x,password=", "?token=",
      " \"secret\": \"", " -H X-Api-Key: "});
  const std::string end = form.contains("://") ? "@h " : " ";
  const auto redactor = Redactor::create(defaults());
  RC_ASSERT(redactor.has_value());
  std::string scratch;
  const std::string out(redactor->apply(before + form + secret + end + after, scratch));
  RC_ASSERT(!out.contains(secret));
}

RC_GTEST_PROP(Redact, AListKeepsItsElements, (std::vector<std::string> elements)) {
  std::string list;
  for (std::string& element : elements) {
    std::erase(element, '\0');
    if (*rc::gen::inRange(0, 3) == 0)
      element = *rc::gen::elementOf(std::vector<std::string>{"--password", "two words", "mysql",
                                                             "-px", "TOKEN=a", "'b", "c'"});
    list += element;
    list += '\0';
  }
  const auto redactor = Redactor::create(defaults());
  RC_ASSERT(redactor.has_value());
  std::string scratch;
  const std::string_view out = redactor->apply_to_list(list, scratch);
  RC_ASSERT(std::ranges::count(out, '\0') == std::ranges::count(list, '\0'));
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
