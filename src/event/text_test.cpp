// SPDX-License-Identifier: Apache-2.0
#include "event/text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <time.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "support/facts.h"
#include "support/record_builder.h"
#include "support/sample_room.h"

namespace gancho {
namespace {

using test::RecordBuilder;

std::string written(const std::function<void(TextLine&)>& write, bool colour = false) {
  const test::SampleFacts facts;
  ByteBuffer out;
  TextLine line(out, facts, colour);
  write(line);
  return std::string(out.view());
}

std::string word(std::string_view bytes) {
  return written([&](TextLine& line) { line.word(bytes); });
}

TEST(TextLine, WordsAreQuotedAsAShellReadsThem) {
  EXPECT_EQ(word("/usr/bin/curl"), "/usr/bin/curl");
  EXPECT_EQ(word("--max-time=3"), "--max-time=3");
  EXPECT_EQ(word(""), "''");
  EXPECT_EQ(word("two words"), "'two words'");
  EXPECT_EQ(word("a$b\\c"), "'a$b\\c'");
  EXPECT_EQ(word("it's"), "$'it\\'s'");
  EXPECT_EQ(word("josé"), "'josé'");
}

TEST(TextLine, NothingSteersTheTerminal) {
  EXPECT_EQ(word("\x1b[31mred"), "$'\\x1b[31mred'");
  EXPECT_EQ(word("a\nb\tc\r"), "$'a\\nb\\tc\\x0d'");
  EXPECT_EQ(word("\x7f"), "$'\\x7f'");
  EXPECT_EQ(word("\u009b31m"), "$'\\u009b31m'");
  EXPECT_EQ(word("a\u202egpj.exe"), "$'a\\u202egpj.exe'");
  EXPECT_EQ(word("\u2066x\u2069"), "$'\\u2066x\\u2069'");
  EXPECT_EQ(word("\U000e0041"), "$'\\U000e0041'");
  EXPECT_EQ(word("\xff\\"), "$'\\xff\\\\'");
  EXPECT_EQ(word(std::string_view("\0", 1)), "$'\\x00'");
}

TEST(TextLine, NothingPassesForOurOwnWords) {
  EXPECT_EQ(word("←"), "'←'");
  EXPECT_EQ(word("[suid]"), "'[suid]'");
}

TEST(TextLine, Durations) {
  const auto duration = [](std::uint64_t ns) {
    return written([&](TextLine& line) { line.duration(ns); });
  };
  EXPECT_EQ(duration(0), "0ns");
  EXPECT_EQ(duration(999), "999ns");
  EXPECT_EQ(duration(12'345), "12.3us");
  EXPECT_EQ(duration(1'000'000), "1ms");
  EXPECT_EQ(duration(999'999'999), "999ms");
  EXPECT_EQ(duration(61'000'000'000), "1min");
  EXPECT_EQ(duration(90'000'000'000), "1.5min");
  EXPECT_EQ(duration(UINT64_MAX), "213503d");
}

TEST(TextLine, PeopleAndLineage) {
  EXPECT_EQ(written([](TextLine& line) {
              line.user(1000);
              line.plain(" ");
              line.user(7);
              line.plain(" ");
              line.user(UINT32_MAX);
            }),
            "alice 7 -");
  const ev_ancestor ancestors[] = {test::ancestor("bash", 40), test::ancestor("a b", 1)};
  const std::string_view bytes(reinterpret_cast<const char*>(ancestors), sizeof(ancestors));
  EXPECT_EQ(written([&](TextLine& line) { line.lineage(bytes); }), "  ← bash 40 ← 'a b' 1");
  EXPECT_EQ(written([&](TextLine& line) { line.lineage(bytes.substr(0, 40)); }), "  ← bash 40");
  EXPECT_EQ(written([&](TextLine& line) { line.upward(std::string_view("b c\0a\0", 6)); }),
            "'/a/b c'");
}

TEST(TextLine, ColourOnlyWhenAsked) {
  const auto mark = [](TextLine& line) { line.mark("memfd", Ink::yellow); };
  EXPECT_EQ(written(mark), " [memfd]");
  EXPECT_EQ(written(mark, true), " \x1b[33m[memfd]\x1b[0m");
}

TEST(TextRenderer, AnEventWithoutATextOfItsOwnShowsItsFields) {
  const test::SampleFacts facts;
  TextRenderer text(facts, {}, {.colour = false, .utc = true});
  RecordBuilder builder(*find_event("sample"));
  builder.number("evt.boottime", 3'723'456'000'000).number("proc.pid", 42);
  builder.number("s.uid", 1000).list("s.args", {"a b", "c"}).number("s.span", 1500);
  ByteBuffer out;
  text.render(builder.view(), out);
  EXPECT_TRUE(out.view().starts_with("01:02:03.456  sample     42  s.u32=0 ")) << out.view();
  EXPECT_NE(out.view().find(" s.uid=1000 s.user=alice "), std::string_view::npos);
  EXPECT_NE(out.view().find(" s.args=['a b' c]"), std::string_view::npos);
  EXPECT_NE(out.view().find(" s.span=1.5us "), std::string_view::npos);
  EXPECT_EQ(out.view().find("s.path"), std::string_view::npos);
}

TEST(TextRenderer, OnlyWhatWasAskedFor) {
  const test::SampleFacts facts;
  const std::vector<std::string_view> names = {"s.flag", "evt.cpu"};
  TextRenderer text(facts, {}, {.colour = false, .utc = true}, Projection::create(names).value());
  RecordBuilder builder(*find_event("sample"));
  ByteBuffer out;
  text.render(builder.view(), out);
  EXPECT_EQ(out.view(), "00:00:00.000  sample      0  s.flag=false evt.cpu=0\n");
}

TEST(TextRenderer, LocalTime) {
  ::setenv("TZ", "XXX-05:30", 1);
  const test::SampleFacts facts;
  TextRenderer text(facts, {});
  ByteBuffer out;
  text.render(Loss{.cpu = 1, .count = 1}, out);
  EXPECT_EQ(out.view(), "05:30:00.000  lost 1 vital record lost on CPU 1 (ring full)\n");
  ::unsetenv("TZ");
  ::tzset();
}

TEST(TextRenderer, AnyBytesGiveOnePrintableLine) {
  EXPECT_TRUE(rc::check([](const std::string& random) {
    const test::SampleFacts facts;
    TextRenderer text(facts, {}, {.colour = false, .utc = true});
    RecordBuilder builder(*find_event("sample"));
    builder.text("s.string", random).text("s.args", random).text("s.upward", random);
    builder.text("s.path", random).text("s.comm", random.substr(0, 16)).text("s.lineage", random);
    ByteBuffer out;
    text.render(builder.view(), out);
    std::string_view rest = out.view();
    RC_ASSERT(rest.ends_with('\n'));
    rest.remove_suffix(1);
    while (!rest.empty()) {
      const Utf8 decoded = decode_utf8(rest);
      RC_ASSERT(decoded.length != 0u);
      RC_ASSERT(!steers_terminal(decoded.code));
      rest.remove_prefix(decoded.length);
    }
  }));
}

}  // namespace
}  // namespace gancho
