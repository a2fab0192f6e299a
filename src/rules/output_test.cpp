// SPDX-License-Identifier: Apache-2.0
#include "rules/output.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

#include "rules/field_table.h"
#include "rules/print.h"

namespace gancho::rules {
namespace {

std::string read(std::string_view text) {
  Problems problems;
  const auto output = parse_output(RuleText(text), problems);
  EXPECT_EQ(output.has_value(), problems.errors() == 0);
  if (!output) return problems.kept()[0].message;
  std::string all = output->partial ? "partial" : "";
  for (const OutputPart& part : output->parts) {
    all += "[" + part.text + "|" +
           (part.shows() ? print_operand(part.shown, part.outermost()) : "") +
           (part.width == 0 ? "" : "|" + std::to_string(part.width)) + "]";
  }
  return all;
}

TEST(Output, FieldsInText) {
  EXPECT_EQ(read("a (%proc.name b=%fd.name)"), "[a (|proc.name][ b=|fd.name][)|]");
  EXPECT_EQ(read("%proc.aname[2]%evt.arg.flags."), "[|proc.aname[2]][|evt.arg.flags][.|]");
  EXPECT_EQ(read("*%proc.name"), "partial[|proc.name]");
  EXPECT_EQ(read("%12proc.name"), "[|proc.name|12]");
  EXPECT_EQ(read("%toupper(basename(proc.exepath))!"), "[|toupper(basename(proc.exepath))][!|]");
  EXPECT_EQ(read("100%% of %evt.type"), "[100% of |evt.type]");
  EXPECT_EQ(read(" text only \n"), "[text only|]");
  EXPECT_EQ(read("a %container.info b"), "[a  b|]");
}

TEST(Output, AFieldEndsWhereAKnownNameEnds) {
  EXPECT_EQ(read("%proc.name.log"), "[|proc.name][.log|]");
  EXPECT_EQ(read("%proc.exe_ino.ctime"), "[|proc.exe_ino.ctime]");
  EXPECT_EQ(read("%proc.name[2]"), "[|proc.name][[2]|]");
  EXPECT_EQ(read("%fd.sip:%fd.sport"), "[|fd.sip][:|fd.sport]");
}

TEST(Output, WhatIsNoField) {
  EXPECT_EQ(read("100%"), "expected a field behind %, as in %proc.name; %% is a percent sign");
  EXPECT_EQ(read("%{x}"), "expected a field behind %, as in %proc.name; %% is a percent sign");
  EXPECT_EQ(read("%name"), "expected a field behind %, as in %proc.name; %% is a percent sign");
  EXPECT_EQ(read("%tolowr(proc.name)"),
            "unknown transformer \"tolowr\"; did you mean \"tolower\"?");
  EXPECT_EQ(read("%tolower(proc.name"), "expected \")\" behind what tolower takes, not the end");
  EXPECT_EQ(read("%proc.aname["), "expected a number or a name in brackets, as in %proc.aname[2]");
  EXPECT_EQ(read("%99999proc.name"), "wider than 1000 characters");
}

TEST(Output, TransformersAsConditionsHaveThem) {
  EXPECT_EQ(read("%join(',', proc.args)."), "[|join(\",\", proc.args)][.|]");
  EXPECT_EQ(read("a %concat(proc.name, \"%) \", tolower( fd.name )) b"),
            "[a |concat(proc.name, \"%) \", tolower(fd.name))][ b|]");
  EXPECT_EQ(read("%getopt(proc.args, \"ab:\")[b] %getopt(proc.args, 'a')"),
            "[|getopt(proc.args, \"ab:\")[b]][ |getopt(proc.args, \"a\")]");
  EXPECT_EQ(read("%9len(proc.aname[2])[x]"), "[|len(proc.aname[2])|9][[x]|]");
  EXPECT_EQ(read("%val(proc.name)(y)"), "[|val(proc.name)][(y)|]");
}

TEST(Output, TransformersThatAreWrong) {
  EXPECT_EQ(read("%getop(proc.args, \"a\")"),
            "unknown transformer \"getop\"; did you mean \"getopt\"?");
  EXPECT_EQ(read("%join(proc.args)"), "join takes 2, not 1");
  EXPECT_EQ(read("%tolower(name)"), "\"name\" is no field: the name of a field has a dot");
  EXPECT_EQ(read("%concat(proc.name, \"a"),
            "expected a field or a transformer or a quoted text, not a quote that is not closed");
  EXPECT_EQ(read("%getopt(proc.args, \"a\")[]"),
            "expected a number or a name in brackets, as in proc.aname[2]");
  Problems problems;
  EXPECT_FALSE(parse_output(RuleText("ab %len(proc.name, 1)"), problems));
  ASSERT_EQ(problems.kept().size(), 1U);
  EXPECT_EQ(problems.kept()[0].at.column, 20U);
}

TEST(Output, IsReadBack) {
  const auto pieces = std::vector<std::string>{"%proc.name",
                                               "%proc.aname[3]",
                                               "%%",
                                               "a",
                                               ".",
                                               "[",
                                               "%tolower(fd.name)",
                                               " ",
                                               "%7evt.type",
                                               "*",
                                               "]",
                                               "%join(\"%\", proc.args)",
                                               "%getopt(proc.args, ':a')[a]",
                                               "(",
                                               "%3concat(proc.name, basename(fd.name), '\\x41)')"};
  EXPECT_TRUE(rc::check("parse(print(output)) == output", [&] {
    std::string text;
    for (const std::string& piece :
         *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)))
      text += piece;
    Problems problems;
    const auto output = parse_output(RuleText(text), problems);
    if (!output) return;
    const std::string printed = print_output(*output);
    const auto again = parse_output(RuleText(printed), problems);
    RC_ASSERT(again.has_value());
    RC_ASSERT(print_output(*again) == printed);
    RC_ASSERT(again->parts.size() == output->parts.size());
  }));
}

TEST(Output, TheLongestNameThatThereIs) {
  EXPECT_EQ(read("%proc.names"), "[|proc.name][s|]");
  EXPECT_EQ(read("%evt.arg.flagsx %fd.name2"), "[|evt.arg.flags][x |fd.name][2|]");
  Problems problems;
  ASSERT_TRUE(parse_output(RuleText("a %proc.exepth"), problems));
  ASSERT_EQ(problems.kept().size(), 1U);
  EXPECT_EQ(problems.kept()[0].severity, Severity::warning);
  EXPECT_EQ(problems.kept()[0].at.column, 4U);
  EXPECT_EQ(problems.kept()[0].message,
            "read as the field proc.exe and \"pth\" behind it; did you mean \"proc.exepath\"?");
}

TEST(FieldNames, OfFalcoAndOfTheSchema) {
  EXPECT_EQ(find_field("proc.name")->origin, FieldOrigin::schema);
  EXPECT_EQ(find_field("fd.hostpath")->origin, FieldOrigin::schema);
  EXPECT_EQ(find_field("proc.aname")->origin, FieldOrigin::derived);
  EXPECT_EQ(find_field("proc.aname")->argument, FieldArgument::optional_index);
  EXPECT_EQ(find_field("evt.buffer")->origin, FieldOrigin::none);
  EXPECT_EQ(find_field("evt.arg.flags")->name, "evt.arg.flags");
  EXPECT_EQ(find_field("evt.rawarg.flags")->name, "evt.arg.flags");
  EXPECT_EQ(find_field("evt.arg.nothing_we_know"), nullptr);
  EXPECT_EQ(find_field("k8s.pod.label.app")->name, "k8s.pod.label");
  EXPECT_EQ(find_field("proc.nmae"), nullptr);
  EXPECT_EQ(find_field(""), nullptr);
  EXPECT_TRUE(is_field_class("proc"));
  EXPECT_FALSE(is_field_class("pro"));
}

TEST(FieldNames, EachOnceAndWithAReasonWhereItIsMissing) {
  const auto names = field_names();
  for (std::size_t i = 1; i < names.size(); ++i) EXPECT_LT(names[i - 1], names[i]);
  for (const std::string_view name : names) {
    const FieldName* field = find_field(name);
    ASSERT_NE(field, nullptr) << name;
    EXPECT_EQ(field->missing.empty(), field->origin != FieldOrigin::none) << name;
  }
}

}  // namespace
}  // namespace gancho::rules
