// SPDX-License-Identifier: Apache-2.0
#include "agent/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <set>

#include "agent/settings.h"

namespace gancho {
namespace {

using namespace std::chrono_literals;

Result<AgentOptions> parse(std::string_view text) {
  return parse_config(text, "gancho.yaml", run_defaults());
}

// What parsing complains about; "" when it does not.
std::string complaint(std::string_view text) {
  const auto options = parse(text);
  return options ? "" : options.error().message;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The values of all settings, to compare two sets of options by.
std::vector<std::string> values(const AgentOptions& options) {
  std::vector<std::string> all;
  for (const Setting& setting : settings()) {
    for (const std::string& value : setting.get(options))
      all.push_back(std::string(setting.path) + "=" + value);
  }
  return all;
}

TEST(Config, CallsAreAskedForByName) {
  const auto options = parse("events: [exec, 'syscall:mount', syscall:uname]\n");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(calls_of(*options), (std::vector<std::string>{"mount", "uname"}));
  EXPECT_EQ(events_of(*options), (EventSet{EV_PROCESS_EXEC, EV_SYSCALL}));
  const auto again = parse(print_config(*options));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->events, options->events);
}

TEST(Config, TakesSoManyFilesAndNoMore) {
  std::string text = "events: [read]\nio:\n  files:\n";
  for (int i = 0; i < 1024; ++i) text += "    - /f" + std::to_string(i) + "\n";
  EXPECT_TRUE(parse(text));
  const auto options = parse(text + "    - /one_more\n");
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find("at most 1024 are watched"), std::string::npos)
      << options.error().message;
}

TEST(Config, AppliesEveryKey) {
  const auto options = parse(R"(
events: [exit, exec, read]
filter:
  pid: 4242
  children: true
  cgroup: /system.slice/ssh.service
io:
  files: [/etc/shadow, /root/.ssh]
  handed_over: true
rules:
  files: [/etc/gancho/rules.d]
  matching: all
output:
  format: text
  fields: [proc.name, evt.time]
  file: /var/log/gancho.log
record: /var/lib/gancho/today.rec
socket: /run/other.sock
process:
  args_max: 1KiB
  environment: true
  failed_exec: tracepoint
  table: 4096
syscalls:
  hooks: tracepoint
containers:
  max: 512
rings:
  vital: 4MiB
  bulk: 65536
  bulk_count: 4
nap: 50ms
alerts:
  min_priority: WARNING
  rate: 10
  burst: 5
  window: 30s
  queue: 64
  redact: ['pin=(\d+)']
alert_file:
  path: /var/log/gancho/alerts.json
  max_size: 1MiB
  keep: 2
alert_syslog:
  enabled: true
  facility: local3
alert_journal:
  enabled: true
alert_http:
  url: https://collector.example:8443/alerts
  headers: ["X-Machine: web1"]
  headers_file: /etc/gancho/headers
  timeout: 3s
  retries: 2
  ca_file: /etc/gancho/ca.pem
alert_program:
  command: [/usr/local/bin/page, --to, night shift]
  at_once: 2
  timeout: 20s
)");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->events, (std::vector<std::string>{"exit", "exec", "read"}));
  EXPECT_EQ(options->filter.pid, 4242U);
  EXPECT_TRUE(options->filter.children);
  EXPECT_EQ(options->filter.cgroup, "/system.slice/ssh.service");
  EXPECT_EQ(options->io.files, (std::vector<std::string>{"/etc/shadow", "/root/.ssh"}));
  EXPECT_TRUE(options->io.handed_over);
  EXPECT_EQ(options->format, OutputFormat::text);
  EXPECT_EQ(options->fields, (std::vector<std::string>{"proc.name", "evt.time"}));
  EXPECT_EQ(options->output_file, "/var/log/gancho.log");
  EXPECT_EQ(options->record_file, "/var/lib/gancho/today.rec");
  EXPECT_EQ(options->socket, "/run/other.sock");
  EXPECT_EQ(options->limits.processes, 4096U);
  EXPECT_EQ(options->rules.files, std::vector<std::string>{"/etc/gancho/rules.d"});
  EXPECT_EQ(options->rules.matching, rules::Matching::all);
  EXPECT_EQ(options->limits.args_max, 1024U);
  EXPECT_TRUE(options->environment);
  EXPECT_TRUE(options->failed_exec_by_syscall_tracepoint);
  EXPECT_TRUE(options->syscalls_by_tracepoint);
  EXPECT_EQ(options->limits.vital_ring_bytes, 4U << 20);
  EXPECT_EQ(options->limits.bulk_ring_bytes, 64U << 10);
  EXPECT_EQ(options->limits.bulk_rings, 4U);
  EXPECT_EQ(options->limits.nap, 50ms);
  EXPECT_EQ(options->limits.containers_max, 512U);
  const AlertOptions& alerts = options->alerts;
  EXPECT_EQ(alerts.min_priority, rules::Priority::warning);
  EXPECT_EQ(alerts.rate, 10U);
  EXPECT_EQ(alerts.burst, 5U);
  EXPECT_EQ(alerts.window, 30s);
  EXPECT_EQ(alerts.queue, 64U);
  EXPECT_EQ(alerts.redact, std::vector<std::string>{"pin=(\\d+)"});
  EXPECT_EQ(alerts.file.path, "/var/log/gancho/alerts.json");
  EXPECT_EQ(alerts.file.max_bytes, 1U << 20);
  EXPECT_EQ(alerts.file.keep, 2U);
  EXPECT_TRUE(alerts.syslog.enabled);
  EXPECT_EQ(alerts.syslog.facility, "local3");
  EXPECT_TRUE(alerts.journal.enabled);
  EXPECT_EQ(alerts.http.url, "https://collector.example:8443/alerts");
  EXPECT_EQ(alerts.http.headers, std::vector<std::string>{"X-Machine: web1"});
  EXPECT_EQ(alerts.http.headers_file, "/etc/gancho/headers");
  EXPECT_EQ(alerts.http.timeout, 3s);
  EXPECT_EQ(alerts.http.retries, 2U);
  EXPECT_EQ(alerts.http.ca_file, "/etc/gancho/ca.pem");
  EXPECT_EQ(alerts.program.command,
            (std::vector<std::string>{"/usr/local/bin/page", "--to", "night shift"}));
  EXPECT_EQ(alerts.program.at_once, 2U);
  EXPECT_EQ(alerts.program.timeout, 20s);

  // Each of these differs from its default, so that no key can be forgotten above.
  const auto mine = values(*options);
  for (const std::string& value : values(run_defaults())) {
    if (value == "events=exec") continue;
    EXPECT_EQ(std::ranges::find(mine, value), mine.end()) << value;
  }
}

TEST(Config, LeavesTheRestAsItWas) {
  for (const char* text :
       {"", "# nothing\n", "---\n", "filter:\n", "filter: {}\n", "output:\n  format: json\n"}) {
    const auto options = parse(text);
    ASSERT_TRUE(options) << text << options.error().message;
    EXPECT_EQ(values(*options), values(run_defaults())) << text;
  }
  AgentOptions given;
  given.count = 7;
  given.filter.pid = 12;
  const auto options = parse_config("filter: {children: true}", "f", given);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->count, 7U);
  EXPECT_EQ(options->filter.pid, 12U);
}

TEST(Config, SaysWhereAndWhatWasMeant) {
  const std::string events = R"(unknown event "exce"; did you mean "exec"?)";
  const std::pair<const char*, std::string> cases[] = {
      {"out_put:\n  format: json\n", "1:1: unknown key \"out_put\"; did you mean \"output\"?"},
      {"output:\n  fromat: json\n",
       "2:3: unknown key \"fromat\" in \"output\"; did you mean \"format\"?"},
      {"format: json\n", "1:1: unknown key \"format\"; did you mean \"format\" in \"output\"?"},
      {"output.format: json\n",
       "1:1: unknown key \"output.format\"; did you mean \"format\" in \"output\"?"},
      {"rings:\n  nap: 20ms\n",
       "2:3: unknown key \"nap\" in \"rings\"; \"nap\" belongs at the top of the file"},
      {"zzzzzzzzzzz: 1\n",
       "1:1: unknown key \"zzzzzzzzzzz\"; there is events, record, socket, nap, filter, io, rules, "
       "output, "
       "process, syscalls, containers, rings, alerts, alert_file, alert_syslog, alert_journal, "
       "alert_http, alert_program"},
      {"events: [exit, exce]\n", "1:16: events: " + events},
      {"events: [syscall:unam]\n",
       "1:10: events: unknown system call \"unam\"; did you mean \"uname\"?"},
      {"events: [syscall]\n",
       "1:10: events: \"syscall\" needs the name of a system call; write syscall:mount"},
      {"events: [sysc]\n", "1:10: events: unknown event \"sysc\"; did you mean \"syscall:NAME\"?"},
      {"events: exec\n", "1:9: events must be a list, not a single value"},
      {"events: [exec, exec]\n", "1:16: events: \"exec\" is given twice"},
      {"events: []\n", "1:9: events is empty"},
      {"events: [[exec]]\n", "1:10: an element of events must be a single value, not a list"},
      {"filter: 7\n", "1:9: filter must be keys, not a single value"},
      {"filter: {pid: [1]}\n", "1:15: filter.pid must be a single value, not a list"},
      {"filter: {pid: }\n", "1:15: filter.pid must be a single value, not nothing"},
      {"socket: agent.sock\n", "1:9: socket: \"agent.sock\" does not begin with /"},
      {"process: {table: 100}\n", "1:18: process.table: 100 is out of range: 1024 to 1048576"},
      {"filter: {pid: -1}\n", "1:15: filter.pid: \"-1\" is not a whole number"},
      {"filter: {pid: 4194305}\n",
       "1:15: filter.pid: 4194305 is above the largest process id, 4194304"},
      {"filter: {pid: 1, children: yes}\n",
       "1:28: filter.children: \"yes\" is neither true nor false"},
      {"filter: {cgroup: a}\n",
       "1:18: filter.cgroup: \"a\" does not begin with /; write /system.slice/ssh.service"},
      {"filter: {cgroup: \"/a\\0b\"}\n",
       "1:18: filter.cgroup: \"/a\\x00b\" holds a control character"},
      {"output: {format: xml}\n",
       "1:18: output.format: unknown format \"xml\"; there is json, text"},
      {"output: {file: \"\"}\n",
       "1:16: output.file: no file name; write \"-\" for standard output"},
      {"process: {args_max: 63}\n", "1:21: process.args_max: 63 is out of range: 64 to 4096 bytes"},
      {"process: {args_max: 8KiB}\n",
       "1:21: process.args_max: 8KiB is out of range: 64 to 4096 bytes"},
      {"process:\n  failed_exec: tracepiont\n",
       "2:16: process.failed_exec: unknown way \"tracepiont\"; did you mean \"tracepoint\"?"},
      {"rings: {vital: 3MiB}\n",
       "1:16: rings.vital: 3MiB is not a power of two from 4KiB to 256MiB"},
      {"rings: {bulk: 2KiB}\n", "1:15: rings.bulk: 2KiB is not a power of two from 4KiB to 256MiB"},
      {"rings: {bulk: 8GiB}\n", "1:15: rings.bulk: 8GiB is not a power of two from 4KiB to 256MiB"},
      {"rings: {bulk: 2MB}\n",
       "1:15: rings.bulk: \"2MB\" is not a size; write 4096, 512KiB, 2MiB or 1GiB"},
      {"rings: {bulk_count: 3}\n",
       "1:21: rings.bulk_count: 3 is neither 0 nor a power of two up to 64"},
      {"nap: 20\n", "1:6: nap: \"20\" is not a duration; write 20ms, 10s, 5m or 2h"},
      {"nap: 2s\n", "1:6: nap: 2s is out of range: 1ms to 1s, in whole milliseconds"},
      {"nap: 1.5ms\n", "1:6: nap: 1.5ms is out of range: 1ms to 1s, in whole milliseconds"},
      {"nap: 1ms\nnap: 2ms\n", "2:1: \"nap\" is given twice; it is in line 1 too"},
      {"filter:\n  children: true\n", "2:3: filter.children needs filter.pid"},
      {"io:\n  files: [/f]\n", "2:3: io.files needs read or write among the events"},
      {"io:\n  handed_over: true\n", "2:3: io.handed_over needs read or write among the events"},
      {"io:\n  files: [f]\n", "2:11: io.files: \"f\" does not begin with /"},
      {"io:\n  files: [/f, /f]\n", "2:15: io.files: \"/f\" is given twice"},
      {"alerts: {min_priority: warn}\n",
       "1:24: alerts.min_priority: unknown priority \"warn\"; did you mean \"Warning\"?"},
      {"alerts: {redact: [\"a(\"]}\n",
       "1:19: alerts.redact: \"a(\" is no pattern: \"missing ): a(\""},
      {"alerts: {redact: [\"a*\"]}\n", "1:19: alerts.redact: \"a*\" matches the empty text"},
      {"alert_file: {path: alerts}\n", "1:20: alert_file.path: \"alerts\" does not begin with /"},
      {"alert_file: {max_size: 1KiB}\n",
       "1:24: alert_file.max_size: 1KiB is out of range: 256KiB to 1024GiB"},
      {"alert_syslog: {facility: local9}\n",
       "1:26: alert_syslog.facility: unknown facility \"local9\"; did you mean \"local0\"?"},
      {"alert_http: {url: ftp://h/}\n",
       "1:19: alert_http.url: \"ftp://h/\" does not begin with http:// or https://"},
      {"alert_http: {headers: [\"Authorization: Bearer x\"]}\n",
       "1:24: alert_http.headers: \"Authorization\" looks like a secret; write the line into a "
       "file "
       "of root's and name that in alert_http.headers_file"},
      {"alert_http: {headers: [\"Host: x\"]}\n",
       "1:24: alert_http.headers: the header \"Host\" is not for you to set"},
      {"alert_http: {timeout: 1h}\n",
       "1:23: alert_http.timeout: 1h is out of range: 100ms to 5m, in whole milliseconds"},
      {"alert_program: {command: [page]}\n",
       "1:27: alert_program.command: \"page\" does not begin with /; nothing is looked for in "
       "PATH"},
      {"alert_program: {at_once: 65}\n",
       "1:26: alert_program.at_once: 65 is out of range: 1 to 64"},
      {"alert_file: {path: /a}\noutput: {file: /a}\n",
       "1:14: alert_file.path is the same file as output.file"},
      {"record: a\noutput: {file: a}\n", "1:1: record is the same file as output.file"},
      {"- exec\n", "1:1: the file must be keys, not a list"},
      {"exec\n", "1:1: the file must be keys, not a single value"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(complaint(text), "gancho.yaml:" + expected) << text;
}

TEST(Config, ReportsAllErrorsOfAFile) {
  EXPECT_EQ(
      complaint("evnts: [exec]\nnap: never\nnap: 1ms\noutput:\n  format: yaml\n  colour: true\n"),
      "gancho.yaml:3:1: \"nap\" is given twice; it is in line 2 too\n"
      "gancho.yaml:1:1: unknown key \"evnts\"; did you mean \"events\"?\n"
      "gancho.yaml:2:6: nap: \"never\" is not a duration; write 20ms, 10s, 5m or 2h\n"
      "gancho.yaml:5:11: output.format: unknown format \"yaml\"; there is json, text\n"
      "gancho.yaml:6:3: unknown key \"colour\" in \"output\"; there is format, fields, file");
}

TEST(Config, CountsWhatItDoesNotList) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const std::string lines = complaint(text);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 20);
  EXPECT_TRUE(lines.ends_with("\ngancho.yaml: and 480 more")) << lines;
}

TEST(Config, RefusesWhatMakesYamlDangerous) {
  const std::pair<std::string, std::string> cases[] = {
      {"a: &x [lol]\nb: [*x, *x]\n", "1:4: anchors are not supported: \"&x\""},
      {"nap: &x 20ms\n", "1:6: anchors are not supported: \"&x\""},
      {"nap: *x\n", "1:6: the referenced anchor is not defined"},
      {"nap: !!str 20ms\n", "1:6: tags are not supported: \"tag:yaml.org,2002:str\""},
      {"filter: !mine {pid: 1}\n", "1:9: tags are not supported: \"!mine\""},
      {"filter: {<<: {pid: 1}}\n",
       "1:10: unknown key \"<<\" in \"filter\"; there is pid, children, cgroup"},
      {"? [a]\n: b\n", "1:3: a key must be a plain word"},
      {"nap: 20ms\n---\nnap: 30ms\n", "2:1: a second document begins here"},
      {std::string("nap: 20ms\nna\0p", 14), "2:3: control character U+0000"},
      {"nap: \x1b[2J\n", "1:6: control character U+001B"},
      {"nap: \xc2\x9b\n", "1:6: control character U+009B"},
      {"nap: \xff\xfe\n", "1:6: not UTF-8"},
      {"record: \"\\N\"\n", "1:9: an escape here stands for no character"},
      {"nap: \"\\e[2J\"\n", "1:6: nap: \"\\x1b[2J\" is not a duration; write 20ms, 10s, 5m or 2h"},
      {"\"\\e]0;x\": 1\n",
       "1:1: unknown key \"\\x1b]0;x\"; there is events, record, socket, nap, filter, io, rules, "
       "output, "
       "process, syscalls, containers, rings, alerts, alert_file, alert_syslog, alert_journal, "
       "alert_http, alert_program"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(complaint(text), "gancho.yaml:" + expected) << text;
}

std::string repeat(std::string_view piece, std::size_t total) {
  std::string text;
  while (text.size() + piece.size() <= total) text += piece;
  return text;
}

TEST(Config, RefusesHostileFilesQuicklyAndInOneLine) {
  const std::string indented = [] {
    std::string text;
    for (int i = 0; i < 1400; ++i) text += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    return text;
  }();
  const std::pair<const char*, std::string> cases[] = {
      {"large", repeat("# comment\n", 100 << 20)},
      {"brackets", repeat("[", 10'000)},
      {"brackets over lines", repeat("[\n", 1 << 20)},
      {"braces", repeat("{a: ", 1 << 20)},
      {"hidden brackets", repeat("[ \"]\" ", 1 << 20)},
      {"dashes", repeat("- ", 1 << 20)},
      {"question marks", repeat("? ", 1 << 20)},
      {"indented", indented},
      {"commas", "{" + repeat("a,", (1 << 20) - 1)},
      {"anchors", repeat("&a ", 1 << 20)},
      {"tags", repeat("! ", 1 << 20)},
      {"colons", repeat(":", 1 << 20)},
      {"quotes", repeat("\"\n", 1 << 20)},
      {"zeros", std::string(1 << 20, '\0')},
      {"one word", repeat("a", 1 << 20)},
      {"one key", repeat("a", 1000) + ": 1"},
  };
  for (const auto& [name, text] : cases) {
    const auto start = std::chrono::steady_clock::now();
    const std::string line = complaint(text);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_FALSE(line.empty()) << name;
    EXPECT_EQ(line.find('\n'), std::string::npos) << name << ": " << line;
    EXPECT_LT(line.size(), 300U) << name;
    // Milliseconds as a rule; generous, because a sanitizer on a busy machine is slow.
    EXPECT_LT(took, 20s) << name;
  }
}

TEST(Config, AcceptsAByteOrderMarkAndWindowsLines) {
  const auto options = parse("\xef\xbb\xbfnap: 30ms\r\nrecord: x\r\n");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->limits.nap, 30ms);
  EXPECT_EQ(options->record_file, "x");
}

TEST(Config, ReadsBackWhatItPrints) {
  AgentOptions odd = run_defaults();
  odd.events = {"exit", "fork"};
  odd.filter = {.pid = 77, .children = true, .cgroup = "/a b/\"c\"\\d: [e] #f"};
  odd.output_file = "-x";
  odd.record_file = "null\xc2\x85\x7f\u00f1";
  odd.limits = {.vital_ring_bytes = 4096,
                .bulk_ring_bytes = 8192,
                .bulk_rings = 2,
                .args_max = 65,
                .nap = 1000ms};
  odd.failed_exec_by_syscall_tracepoint = true;
  odd.syscalls_by_tracepoint = true;
  for (const AgentOptions& options : {run_defaults(), odd}) {
    const std::string text = print_config(options);
    const auto read = parse(text);
    ASSERT_TRUE(read) << read.error().message << "\n" << text;
    EXPECT_EQ(values(*read), values(options)) << text;
  }
}

TEST(Config, SpellsOutEveryKey) {
  const std::string text = default_config();
  std::set<std::string_view> sections_named;
  for (const Setting& setting : settings()) {
    EXPECT_FALSE(setting.meaning.ends_with('.')) << setting.path;
    const auto dot = setting.path.find('.');
    const std::string leaf(dot == std::string_view::npos ? setting.path
                                                         : setting.path.substr(dot + 1));
    EXPECT_NE(text.find((dot == std::string_view::npos ? "\n" : "\n  ") + leaf + ": "),
              std::string::npos)
        << leaf;
    if (dot != std::string_view::npos) sections_named.insert(setting.path.substr(0, dot));
  }
  for (const Section& section : sections())
    EXPECT_EQ(sections_named.count(section.name), 1U) << section.name;
  EXPECT_EQ(sections_named.size(), sections().size());
}

TEST(Config, TheShippedFileIsTheDefault) {
  EXPECT_EQ(read_file(GANCHO_SOURCE_DIR "/packaging/gancho.yaml"), default_config())
      << "make it again: gancho run --print-config > packaging/gancho.yaml (with no "
         "/etc/gancho/gancho.yaml)";
}

TEST(Config, TheReferencePageIsUpToDate) {
  const std::string page = read_file(GANCHO_SOURCE_DIR "/docs/configuration.md");
  const std::string begin = "<!-- generated: gancho docs config -->\n";
  const auto from = page.find(begin);
  const auto to = page.find("<!-- end of generated part -->");
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(page.substr(from + begin.size(), to - from - begin.size()), config_page())
      << "put the output of gancho docs config between the markers";
}

TEST(Config, LoadsAFile) {
  const std::string path = testing::TempDir() + "gancho_config_" + std::to_string(getpid());
  std::ofstream(path) << "nap: 30ms\n";
  const auto options = load_config(path);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->limits.nap, 30ms);
  EXPECT_EQ(options->format, OutputFormat::json);
  EXPECT_EQ(options->config_file, path);

  std::ofstream(path) << "nap: x\n";
  EXPECT_TRUE(load_config(path).error().message.starts_with(path + ":1:6: nap: "))
      << load_config(path).error().message;
  ::unlink(path.c_str());
  EXPECT_EQ(load_config(path).error().message, path + ": No such file or directory");
  EXPECT_EQ(load_config("/").error().message, "/: Is a directory");
  EXPECT_EQ(load_config("/dev/zero").error().message, "/dev/zero: larger than 1MiB");
}

}  // namespace
}  // namespace gancho
