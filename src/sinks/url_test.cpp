// SPDX-License-Identifier: Apache-2.0
#include "sinks/url.h"

#include <gtest/gtest.h>

#include "sinks/facility.h"

namespace gancho {
namespace {

std::string parts(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return url.error().message;
  return (url->tls ? "tls " : "") + url->host + " " + std::to_string(url->port) + " " +
         url->target + " " + url->authority();
}

TEST(Url, IsTakenApart) {
  EXPECT_EQ(parts("http://h"), "h 80 / h");
  EXPECT_EQ(parts("https://h.example/a/b?c=d#e"), "tls h.example 443 /a/b?c=d h.example");
  EXPECT_EQ(parts("https://h:80"), "tls h 80 / h:80");
  EXPECT_EQ(parts("http://127.0.0.1:8080?q"), "127.0.0.1 8080 /?q 127.0.0.1:8080");
  EXPECT_EQ(parts("http://[::1]:81/"), "::1 81 / [::1]:81");
  EXPECT_EQ(parts("https://[fe80::1]"), "tls fe80::1 443 / [fe80::1]");
}

TEST(Url, WhatIsNoneIsRefused) {
  EXPECT_EQ(parts("h/x"), "\"h/x\" does not begin with http:// or https://");
  EXPECT_EQ(parts("http:///x"), "\"http:///x\" names no host");
  EXPECT_EQ(parts("http://a:0/"), "\"http://a:0/\" has no port from 1 to 65535");
  EXPECT_EQ(parts("http://a:65536"), "\"http://a:65536\" has no port from 1 to 65535");
  EXPECT_EQ(parts("http://a b/"),
            "\"http://a b/\" holds a character that no URL has; write it as %NN");
  EXPECT_EQ(parts("http://[::1/"), "\"http://[::1/\" has a [ without its ]");
  EXPECT_FALSE(parse_url("http://bob:hunter2@h/"));
  EXPECT_FALSE(parts("http://bob:hunter2@h/").contains("hunter2"));
  EXPECT_FALSE(parse_url("http://a\r\nX: y/"));
}

TEST(Header, IsANameAndAValue) {
  const auto header = parse_header("X-Machine:  web 1 ");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->first, "X-Machine");
  EXPECT_EQ(header->second, "web 1");
  for (const char* line : {"", "X", ": v", "X Y: v", "X: a\r\nY: b", "content-length: 3"})
    EXPECT_FALSE(parse_header(line)) << line;
  EXPECT_TRUE(is_secret_header("authorization"));
  EXPECT_TRUE(is_secret_header("X-API-Key"));
  EXPECT_FALSE(is_secret_header("Content-Type"));
}

TEST(Facility, IsKnownByItsWord) {
  EXPECT_EQ(find_facility("local7"), 23 << 3);
  EXPECT_EQ(find_facility("kern"), std::nullopt);
  for (const std::string_view word : facility_words()) EXPECT_TRUE(find_facility(word)) << word;
}

}  // namespace
}  // namespace gancho
