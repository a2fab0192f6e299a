// SPDX-License-Identifier: Apache-2.0
#include "event/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "support/facts.h"
#include "support/record_builder.h"
#include "support/sample_room.h"

namespace gancho {
namespace {

using test::RecordBuilder;

const EventDesc& sample() {
  return *find_event("sample");
}

std::string line(RecordBuilder& builder, WallClock clock = {}) {
  const test::SampleFacts facts;
  ByteBuffer out;
  JsonRenderer(facts, clock).render(builder.view(), out);
  return std::string(out.view());
}

// The line's object. Boost.JSON refuses invalid UTF-8 and raw control characters.
boost::json::object parse(std::string_view text) {
  EXPECT_TRUE(text.ends_with("\n"));
  return boost::json::parse(text).as_object();
}

std::string unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// The bytes that a field stood for: from its hexadecimal form where there is one.
std::string exact(const boost::json::object& object, std::string_view name) {
  const auto* hex = object.if_contains(std::string(name) + ".hex");
  if (hex != nullptr) return unhex(std::string_view(hex->as_string()));
  return std::string(std::string_view(object.at(name).as_string()));
}

TEST(Json, OneOfEverything) {
  RecordBuilder builder(sample());
  builder.number("evt.boottime", 1'500'000'000).number("evt.num", 7).number("evt.cpu", 3);
  builder.number("proc.pid", 42).number("thread.tid", 43).text("proc.name", "sh");
  builder.number("proc.start_time", 99).number("proc.exec_count", 2);
  builder.number("s.u32", UINT32_MAX).number("s.u64", UINT64_MAX).number("s.i32", UINT32_MAX);
  builder.number("s.flag", 1).number("s.error", static_cast<std::uint32_t>(-2));
  builder.number("s.time", 1).number("s.span", 1'000).number("s.uid", 1000).number("s.gid", 7);
  builder.number("s.device", 8u << 20 | 1)
      .number("s.mode", 0100755)
      .number("s.caps", 0x1ffffffffff);
  builder.text("s.comm", "0123456789abcdef").text("s.string", "a\"b\\c\n");
  builder.list("s.args", {"ls", "", "-l"}).list("s.upward", {"leaf", "mid", "top"});
  builder.text("s.path", "/jail/x", 5);
  builder.lineage("s.lineage",
                  {test::ancestor("bash", 10, 11, 12), test::ancestor("sshd", 1, 2, 3)});
  EXPECT_EQ(
      line(builder, WallClock{1'000'000'000}),
      R"({"evt.time":"1970-01-01T00:00:02.500000000Z","evt.boottime":1500000000,)"
      R"("evt.type":"sample","evt.class":"bulk","evt.num":7,"evt.cpu":3,"proc.pid":42,)"
      R"("thread.tid":43,"proc.name":"sh","proc.start_time":99,"proc.exec_count":2,)"
      R"("s.u32":4294967295,"s.u64":18446744073709551615,"s.i32":-1,"s.flag":true,)"
      R"("s.error":"ENOENT","s.time":1,"s.span":1000,"s.uid":1000,"s.user":"alice","s.gid":7,)"
      R"("s.device":"8:1","s.mode":"0755","s.caps":"0x000001ffffffffff",)"
      R"("s.comm":"0123456789abcdef","s.string":"a\"b\\c\n","s.args":["ls","","-l"],)"
      R"("s.upward":"/top/mid/leaf","s.path":"/x","s.hostpath":"/jail/x","s.deleted":false,)"
      R"("s.lineage":[{"name":"bash","pid":10,"start_time":11,"exec_count":12},)"
      R"({"name":"sshd","pid":1,"start_time":2,"exec_count":3}]})"
      "\n");
}

TEST(Json, WhatWasNotReadIsLeftOut) {
  RecordBuilder builder(sample());
  const auto object = parse(line(builder));
  for (const char* name : {"s.device", "s.string", "s.args", "s.path", "s.deleted", "s.lineage"})
    EXPECT_FALSE(object.contains(name)) << name;
  EXPECT_EQ(object.at("s.error").as_string(), "SUCCESS");
  EXPECT_EQ(object.at("s.flag"), false);
}

TEST(Json, AnUnsetUserIsMinusOneAndHasNoName) {
  RecordBuilder builder(sample());
  builder.number("s.uid", UINT32_MAX);
  const auto object = parse(line(builder));
  EXPECT_EQ(object.at("s.uid").as_int64(), -1);
  EXPECT_FALSE(object.contains("s.user"));
}

TEST(Json, ErrorsWithoutANameAreNumbers) {
  for (const std::int32_t error : {-4095, -5000, 3, INT32_MIN}) {
    RecordBuilder builder(sample());
    builder.number("s.error", static_cast<std::uint32_t>(error));
    EXPECT_EQ(parse(line(builder)).at("s.error").as_string(), std::to_string(error));
  }
}

TEST(Json, Utf8PassesAndControlsAreEscaped) {
  RecordBuilder builder(sample());
  builder.text("s.string", "é€😀\x01\x1b\x7f\u0085\u202e\U000e0041");
  const std::string text = line(builder);
  EXPECT_NE(text.find(R"("s.string":"é€😀\u0001\u001b\u007f\u0085\u202e\udb40\udc41")"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("s.string.hex"), std::string::npos);
  EXPECT_EQ(exact(parse(text), "s.string"), "é€😀\x01\x1b\x7f\u0085\u202e\U000e0041");
}

TEST(Json, BytesThatAreNotUtf8AreAddedInHexadecimal) {
  RecordBuilder builder(sample());
  builder.text("s.string", "a\xff\xc3z").list("s.args", {"ok", "\xfe", "é"});
  builder.list("s.upward", {"\x80", "top"}).text("s.comm", "\xe2\x82");
  builder.lineage("s.lineage", {test::ancestor("\xc0", 1), test::ancestor("fine", 2)});
  const std::string text = line(builder);
  const auto has = [&](std::string_view part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  };
  has(R"("s.string":"a��z","s.string.hex":"61ffc37a")");
  has(R"("s.args":["ok","�","é"],"s.args.hex":[null,"fe",null])");
  has(R"("s.upward":"/top/�","s.upward.hex":"2f746f702f80")");
  has(R"("s.comm":"��","s.comm.hex":"e282")");
  has(R"([{"name":"�","name.hex":"c0","pid":1,)");
  has(R"({"name":"fine","pid":2,)");
}

TEST(Json, AnyBytesAreValidJsonAndNoneIsLost) {
  EXPECT_TRUE(rc::check([](const std::string& random) {
    // Mostly ASCII, with what is special sprinkled in, so that each path of the scan is taken.
    RecordBuilder builder(sample());
    builder.text("s.string", random).text("s.path", random, 0, 0).text("s.args", random + '\0');
    const auto object = parse(line(builder));
    RC_ASSERT(exact(object, "s.string") == random);
    RC_ASSERT(exact(object, "s.path") == random);
    std::string args;
    const auto& list = object.at("s.args").as_array();
    const auto* hex = object.if_contains("s.args.hex");
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (hex != nullptr && !hex->as_array().at(i).is_null())
        args += unhex(std::string_view(hex->as_array().at(i).as_string()));
      else
        args += std::string_view(list.at(i).as_string());
      args += '\0';
    }
    RC_ASSERT(args == random + '\0');
  }));
}

TEST(Json, ASpecialByteIsFoundAtEveryPlace) {
  for (std::size_t length = 1; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const char special :
           {'"', '\\', '\x1f', '\0', '\x7f', '\x80', '\xff', '\n', '!', ' ', '~'}) {
        std::string text(length, 'x');
        text[at] = special;
        bool is_exact = true;
        std::vector<char> room(k_json_expansion * length);
        const char* end = write_json_escaped(room.data(), text, is_exact);
        const std::string json =
            '"' + std::string(room.data(), static_cast<std::size_t>(end - room.data())) + '"';
        ASSERT_EQ(is_exact, static_cast<unsigned char>(special) < 0x80);
        const auto value = boost::json::parse(json);
        if (is_exact) {
          ASSERT_EQ(std::string_view(value.as_string()), text);
        }
        ASSERT_TRUE(std::ranges::none_of(
            json, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
      }
    }
  }
}

TEST(Json, StaysInItsRoomWhenEveryReferenceIsTheWholeOfALongTail) {
  RecordBuilder builder(sample());
  std::string tail;
  for (int i = 0; i < 20'000; ++i) tail += i % 3 == 0 ? '\xff' : i % 3 == 1 ? '\x01' : '\0';
  builder.text("s.string", tail);
  const ev_string all{sizeof(test::ev_sample), static_cast<std::uint16_t>(tail.size())};
  for (const std::size_t at : {offsetof(test::ev_sample, args), offsetof(test::ev_sample, upward),
                               offsetof(test::ev_sample, lineage)})
    builder.put(at, all);
  builder.put(offsetof(test::ev_sample, path), ev_path{all.offset, all.length, 0, 0});
  parse(line(builder));
}

TEST(Json, OnlyWhatWasAskedFor) {
  const std::vector<std::string_view> names = {"s.user", "proc.pid", "s.string"};
  const test::SampleFacts facts;
  const JsonRenderer json(facts, {}, Projection::create(names).value());
  RecordBuilder builder(sample());
  builder.number("s.uid", 0).number("proc.pid", 5);
  ByteBuffer out;
  json.render(builder.view(), out);
  EXPECT_EQ(out.view(), "{\"s.user\":\"root\",\"proc.pid\":5}\n");

  out.clear();
  const JsonRenderer nothing(facts, {},
                             Projection::create(std::vector<std::string_view>{"s.string"}).value());
  nothing.render(builder.view(), out);
  EXPECT_EQ(out.view(), "{}\n");
}

TEST(Json, ALossIsALineOfItsOwn) {
  const test::SampleFacts facts;
  ByteBuffer out;
  JsonRenderer(facts, {}).render(
      Loss{
          .class_id = EV_CLASS_VITAL, .reason = LossReason::ring, .cpu = 1, .count = 12, .time = 5},
      out);
  EXPECT_EQ(
      out.view(),
      "{\"evt.time\":\"1970-01-01T00:00:00.000000005Z\",\"evt.boottime\":5,\"evt.type\":\"lost\","
      "\"evt.class\":\"vital\",\"evt.cpu\":1,\"lost.count\":12,\"lost.reason\":\"ring_full\"}\n");
}

}  // namespace
}  // namespace gancho
