// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a file about a container: of its runtime, or of its users. The first byte says as
// which. What is made of it is bounded, and goes through a recording unchanged.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "enrich/container_state.h"
#include "enrich/containers.h"
#include "event/recording.h"

namespace {

using namespace gancho;

constexpr std::size_t k_longest = 1024;
const std::string k_id(64, 'a');

void require(bool condition) {
  if (!condition) std::abort();
}

void check_names(const std::vector<IdName>& names) {
  require(names.size() <= k_longest);
  for (std::size_t i = 1; i < names.size(); ++i) require(names[i - 1].id < names[i].id);
  for (const IdName& entry : names) require(find_name(names, entry.id) == entry.name);
}

class VectorSink final : public ByteSink {
 public:
  Status write(std::span<const std::byte> more) override {
    bytes.insert(bytes.end(), more.begin(), more.end());
    return {};
  }
  std::vector<std::byte> bytes;
};

void check_recorded(const ContainerInfo& info) {
  VectorSink sink;
  auto writer = RecordingWriter::create(sink, {});
  require(writer && writer->append(7, info, 8) && writer->finish({}));
  const auto recording = Recording::open(sink.bytes);
  require(recording.has_value());
  auto items = recording->items();
  Recording::Item item;
  require(items.next(item) && item.kind == Recording::Kind::container);
  require(item.cgroup_id == 7 && item.container == info);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto file = static_cast<ContainerFile>(data[0] % 10);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);

  ContainerInfo info;
  for (const std::uint32_t runtime : {EV_RUNTIME_OTHER, EV_RUNTIME_CRIO, EV_RUNTIME_NSPAWN}) {
    if (const auto state = parse_container_state(file, text, k_id, runtime)) {
      require(state->found);
      info = *state;
      for (const std::string* part :
           {&info.type, &info.name, &info.image, &info.image_repository, &info.image_tag,
            &info.image_digest, &info.image_id, &info.created, &info.pod_name, &info.pod_namespace})
        require(part->size() <= k_longest);
    }
    (void)container_without_state(text, runtime);
  }
  (void)parse_container_privilege(file, text);
  // The first line as a map, the rest as names, and the other way round.
  const std::size_t line = std::min(text.find('\n'), text.size());
  info.users = container_names(text.substr(line), text.substr(0, line));
  info.groups = container_names(text, "");
  check_names(info.users);
  check_names(info.groups);
  check_recorded(info);
  ContainerTable table(2, 4096);
  for (std::uint64_t id = 0; id < 4; ++id) table.put(id, info);
  require(table.size() <= 2);
  return 0;
}
