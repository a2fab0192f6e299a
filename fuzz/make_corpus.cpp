// SPDX-License-Identifier: Apache-2.0
//
// make_corpus DIRECTORY: seeds for the fuzzers, from the schema of this build: for each event a
// bare record, one with every field filled, one with bytes that are not UTF-8; and recordings of
// them, whole and cut.
#include <fmt/format.h>
#include <sys/socket.h>

#include <cstdio>
#include <fstream>
#include <string>
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
