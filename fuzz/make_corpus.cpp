// SPDX-License-Identifier: Apache-2.0
//
// make_corpus DIRECTORY: seeds for the fuzzers, from the schema of this build: for each event a
// bare record, one with every field filled, one with bytes that are not UTF-8; recordings of them,
// whole and cut; conditions and rules with the events that they are about.
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "event/recording.h"
#include "support/record_builder.h"

namespace {

using namespace gancho;

class VectorSink final : public ByteSink {
 public:
  Status write(std::span<const std::byte> more) override {
    bytes.insert(bytes.end(), more.begin(), more.end());
    return {};
  }
  std::vector<std::byte> bytes;
};

void save(const std::string& path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) fmt::print(stderr, "cannot write {}\n", path);
}

std::vector<std::byte> filled(const EventDesc& event, std::string_view word) {
  test::RecordBuilder builder(event);
  std::uint64_t number = 1;
  for (const FieldDesc& field : event.fields) {
    switch (field.type) {
      case FieldType::comm:
      case FieldType::string:
      case FieldType::path:
        builder.text(field.name, word);
        break;
      case FieldType::args:
      case FieldType::upward_path:
        builder.list(field.name, {word, "", "b"});
        break;
      case FieldType::lineage:
        builder.lineage(field.name, {test::ancestor(word, 4), test::ancestor("init", 1)});
        break;
      case FieldType::host_path:
      case FieldType::path_flag:  // parts of a path
      case FieldType::event_name:
      case FieldType::event_class:
      case FieldType::container:  // parts of a container
      case FieldType::container_flag:
        break;
      case FieldType::ip_address:
      case FieldType::port:
      case FieldType::endpoint:
        builder.number(field.name, number++);
        builder.put(field.offset + offsetof(ev_address, family), std::uint16_t{AF_INET6});
        break;
      default:
        builder.number(field.name, number++);
        break;
    }
  }
  if (event.container != 0)
    builder.container({.cgroup_id = number,
                       .id = {},
                       .runtime = EV_RUNTIME_OTHER,
                       .flags = EV_CONTAINER_KNOWN,
                       .owner = 0,
                       .mnt_ns = 0},
                      word);
  const auto bytes = builder.bytes();
  return {bytes.begin(), bytes.end()};
}

// What stands in front of an event's record.
struct About {
  std::string_view name;
  std::string_view event;
  std::string_view text;
};

constexpr auto k_conditions = std::to_array<About>({
    {"texts", "exec",
     "proc.name in (a, \"/bin/\\\"x\\\" y\") and proc.cmdline contains b and proc.exepath "
     "startswith /"},
    {"ancestors", "exec",
     "proc.aname = init and not proc.aname[2] in (sshd) and proc.pname exists"},
    {"numbers", "open", "evt.num >= 0 and fd.num != 3 and (user.uid = 1 or user.name = root)"},
    {"flags", "open",
     "evt.is_open_read = true or evt.arg.flags contains O_CREAT or evt.type = openat"},
    {"addresses", "connect",
     "fd.sip in (10.0.0.0/8, \"::1\") or fd.net = 192.0.2.0/24 and fd.sport > 1"},
    {"transformers", "exec",
     "toupper(proc.name) = A or len(proc.args) > 2 or basename(proc.exepath) glob x*"},
    {"options", "exec",
     "getopt(proc.args, \"ab:\")[b] = c or join(\" \", proc.args) regex \".*b\""},
    {"environment", "exec",
     "proc.env contains b or proc.env[a] = '' or not proc.aenv[1] = x and proc.aenv[\"a]\"] "
     "exists"},
    {"fields", "rename",
     "val(fs.path.source) = val(fs.path.target) or fs.path.name pmatch (/bin, /)"},
});

constexpr std::string_view k_rules =
    "- list: names\n  items: [a, '/bin/\"x\" y']\n"
    "- macro: named\n  condition: proc.name in (names)\n"
    "- rule: One\n  desc: d\n  condition: named and evt.num >= 0\n"
    "  output: one %proc.name %12fd.name %proc.aname[1] %evt.time\n  priority: INFO\n"
    "- rule: Two\n  desc: d\n  condition: fd.name startswith /bin or proc.exepath endswith y\n"
    "  output: two %tolower(proc.cmdline) %user.name %proc.env[a] %container.id\n  priority: "
    "ERROR\n"
    "- rule: Three\n  desc: d\n  condition: evt.type exists and not proc.name = b\n"
    "  output: three %evt.type %proc.aname\n  priority: DEBUG\n  tags: [t]\n"
    "- rule: Four\n  desc: d\n  condition: evt.type exists and not proc.name = c\n"
    "  output: four %getopt(proc.args, 'xy:')[y] %9join('|', proc.aname) %len(proc.args)"
    " %concat(proc.name, '%', basename(fd.name))\n  priority: DEBUG\n";

void save_with(const std::string& path, std::string_view text, std::span<const std::byte> record) {
  std::vector<std::byte> all(text.size());
  std::memcpy(all.data(), text.data(), text.size());
  all.insert(all.end(), record.begin(), record.end());
  save(path, all);
}

void save_rules(const std::string& directory) {
  for (const About& about : k_conditions)
    save_with(fmt::format("{}/evaluate/{}", directory, about.name), std::string(about.text) + "\n",
              filled(*find_event(about.event), "/bin/\"x\" y"));
  for (const std::string_view event : {"exec", "open", "connect", "exit"})
    save_with(fmt::format("{}/judge/{}", directory, event), std::string(k_rules) + "\n#---\n",
              filled(*find_event(event), "/bin/\"x\" y"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const std::string directory = argv[1];
  VectorSink sink;
  auto writer = RecordingWriter::create(sink, {.clock = {1},
                                               .writer = "gancho",
                                               .kernel_release = "6.1",
                                               .host = "host",
                                               .users = {{0, "root"}},
                                               .groups = {{0, "root"}}});
  if (!writer) return 1;
  save_rules(directory);
  bool written = true;
  for (const Room* room : rooms()) {
    for (const EventDesc& event : room->events) {
      test::RecordBuilder bare(event);
      save(fmt::format("{}/wire/{}_bare", directory, event.name), bare.bytes());
      save(fmt::format("{}/wire/{}_full", directory, event.name), filled(event, "/bin/\"x\" y"));
      save(fmt::format("{}/wire/{}_bytes", directory, event.name),
           filled(event, "\xff\x1b[1m\xe2\x80\xae'\\"));
      written = written && writer->append(filled(event, "a")) && writer->append(Loss{.count = 3}) &&
                writer->flush();
    }
  }
  written = written && writer->append(7,
                                      {.found = true,
                                       .type = "podman",
                                       .name = "web",
                                       .image = "web:1",
                                       .users = {{0, "root"}, {33, "web"}}},
                                      8);
  save(directory + "/recording/cut", sink.bytes);
  written = written && writer->append(WallClock{5}, 6) && writer->finish({});
  save(directory + "/recording/whole", sink.bytes);
  save(directory + "/recording/preamble", std::span(sink.bytes).first(16));
  return written ? 0 : 1;
}
