// SPDX-License-Identifier: Apache-2.0
#include "enrich/process_table.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

namespace gancho {
namespace {

// Program images of one process are numbered; numbers wrap.
bool is_newer(std::uint32_t count, std::uint32_t than) {
  return static_cast<std::int32_t>(count - than) > 0;
}

// What a process may change after its exec, as far as the table keeps it.
bool same_standing(const Program& one, const Program& other) {
  const auto of = [](const Program& p) {
    return std::tie(p.cgroup_id, p.loginuid, p.sid, p.vpid, p.tty, p.cgroup);
  };
  return of(one) == of(other) &&
         std::memcmp(&one.credentials, &other.credentials, sizeof(one.credentials)) == 0 &&
         std::memcmp(&one.namespaces, &other.namespaces, sizeof(one.namespaces)) == 0;
}

// Puts byte strings one behind the other.
class Block {
 public:
  explicit Block(char* begin) : at_(begin) {}
  std::string_view put(std::string_view bytes) {
    if (bytes.empty()) return {};
    char* const begin = at_;
    at_ = std::ranges::copy(bytes, at_).out;
    return {begin, bytes.size()};
  }

 private:
  char* at_;
};

}  // namespace

std::size_t ProcessTable::Hash::operator()(const ProcessKey& key) const {
  std::uint64_t mixed = (key.start_time ^ std::uint64_t{key.pid} << 40) * 0x9e3779b97f4a7c15;
  mixed ^= mixed >> 32;
  mixed *= 0xd6e8feb86659fd93;
  return mixed ^ mixed >> 32;
}

ProcessTable::ProcessTable(ProcessTableLimits limits) : limits_(limits) {}

void ProcessTable::apply(const EventView& event) {
  if (event.desc().lifecycle == nullptr) return;
  Lifecycle change;
  if (event.desc().lifecycle(event, change)) apply(change);
}

void ProcessTable::apply(const Lifecycle& change) {
  forget_old(change.time);
  Node* node = look_up(change.process);
  const bool is_new = node == nullptr;
  if (is_new) node = obtain(change);
  if (node == nullptr) return;
  node->seen = std::max(node->seen, change.time);
  switch (change.change) {
    case Lifecycle::Change::forked:
      return fork(*node, change, is_new);
    case Lifecycle::Change::executed:
      return execute(*node, change);
    case Lifecycle::Change::found:
      return find_running(*node, change);
    case Lifecycle::Change::ended:
      node->exit_status = change.exit_status;
      node->exit_signal = change.exit_signal;
      return end(*node, change.time);
  }
}

void ProcessTable::fork(Node& node, const Lifecycle& change, bool is_new) {
  // Who called fork is known now; until then it was who adopted the process.
  set_parent(node, change.parent);
  if (!is_new) return;
  const Node* parent = look_up(change.parent);
  if (parent == nullptr || parent->image == k_none || parent->exec_count != change.exec_count)
    return;
  node.image = parent->image;
  ++images_[node.image].users;
}

void ProcessTable::execute(Node& node, const Lifecycle& change) {
  if (node.parent.pid == 0) set_parent(node, change.parent);
  if (is_newer(node.exec_count, change.exec_count)) return;
  node.exec_count = change.exec_count;
  set_name(node, change.name);
  set_image(node, change.program, false);
}

void ProcessTable::find_running(Node& node, const Lifecycle& change) {
  if (node.parent.pid == 0) set_parent(node, change.parent);
  if (is_newer(node.exec_count, change.exec_count)) return;
  set_name(node, change.name);
  const bool same_program = node.image != k_none && node.exec_count == change.exec_count;
  node.exec_count = change.exec_count;
  if (!same_program) return set_image(node, change.program, true);

  const Image& image = images_[node.image];
  const Program& known = image.program;
  const bool args = image.found && known.args.empty() && !change.program.args.empty();
  const bool environment = !known.env && change.program.env;
  if (!args && !environment && same_standing(known, change.program)) return;
  // What the program is stays as it was executed; what has become of the process is new.
  Program now = known;
  if (args) now.args = change.program.args;
  if (environment) {
    now.env = change.program.env;
    now.env_truncated = change.program.env_truncated;
  }
  now.tty_name = change.program.tty_name;
  now.cgroup = change.program.cgroup;
  now.credentials = change.program.credentials;
  now.namespaces = change.program.namespaces;
  now.cgroup_id = change.program.cgroup_id;
  now.loginuid = change.program.loginuid;
  now.sid = change.program.sid;
  now.vpid = change.program.vpid;
  now.tty = change.program.tty;
  set_image(node, now, image.found);
}

void ProcessTable::end(Node& node, std::uint64_t time) {
  if (node.state != State::alive) return;
  node.state = State::lingering;
  node.end_time = time;
  push(lingering_, node);
  --counts_.alive;
  ++counts_.ended;
  if (lingering_.count > limits_.lingering()) leave_lingering(nodes_[lingering_.first], true);
}

void ProcessTable::visited(std::uint64_t began, bool complete) {
  for (Node& node : nodes_) {
    if (node.state == State::empty) continue;
    // Its parent may have come after it.
    if (!node.linked && node.parent.pid != 0) set_parent(node, node.parent);
    if (!complete || node.state != State::alive || node.seen >= began ||
        node.key.start_time >= began)
      continue;
    ++counts_.missed_ends;
    end(node, began);
  }
}

std::optional<ProcessFacts> ProcessTable::find(const ProcessKey& process) const {
  const Node* node = look_up(process);
  if (node == nullptr) return std::nullopt;
  return facts_of(*node);
}

std::optional<ProcessFacts> ProcessTable::at(std::size_t place) const {
  if (place >= nodes_.size() || nodes_[place].state == State::empty) return std::nullopt;
  return facts_of(nodes_[place]);
}

ProcessFacts ProcessTable::facts_of(const Node& node) const {
  return {.process = node.key,
          .parent = node.parent,
          .exec_count = node.exec_count,
          .name = {node.name, node.name_length},
          .alive = node.state == State::alive,
          .end_time = node.end_time,
          .exit_status = node.exit_status,
          .exit_signal = node.exit_signal,
          .program = node.image == k_none ? nullptr : &images_[node.image].program};
}

std::vector<Ancestor> ProcessTable::ancestors(const ProcessKey& process) const {
  std::vector<Ancestor> found;
  const Node* node = look_up(process);
  const auto add = [&](const ProcessKey& key, std::string_view name) -> const Node* {
    const Node* known = look_up(key);
    found.push_back(
        {.process = key,
         .name = known != nullptr ? std::string_view(known->name, known->name_length) : name,
         .alive = known != nullptr && known->state == State::alive});
    return known;
  };
  while (node != nullptr && node->parent.pid != 0 && found.size() < k_ancestors_max) {
    const Node& below = *node;
    node = look_up(below.parent);
    if (node != nullptr) {
      (void)add(below.parent, {});
      continue;
    }
    // Not in the table any more, or never: what the kernel side kept goes on from here.
    const Program* program = below.image == k_none ? nullptr : &images_[below.image].program;
    std::string_view name;  // of the parent
    std::vector<std::pair<ProcessKey, std::string_view>> rest;
    const auto next = [&](const ProcessKey& key, std::string_view called) {
      if (key.pid == 0) return;
      if (key == below.parent) {
        if (name.empty()) name = called;  // the last program that it executed
        rest.clear();                     // nobody is between it and its child
      } else if (key != below.key && (rest.empty() || rest.back().first != key)) {
        rest.emplace_back(key, called);
      }
    };
    if (program != nullptr) {
      next(program->executor, {below.name, below.name_length});
      for (std::string_view left = program->lineage; left.size() >= sizeof(ev_ancestor);
           left.remove_prefix(sizeof(ev_ancestor))) {
        ev_ancestor entry;
        std::memcpy(&entry, left.data(), sizeof(entry));
        const char* const comm = left.data() + offsetof(ev_ancestor, comm);
        next({.pid = entry.pid, .start_time = entry.start_time},
             {comm, ::strnlen(comm, EV_COMM_LEN)});
      }
    }
    (void)add(below.parent, name);
    for (const auto& [key, called] : rest) {
      if (found.size() >= k_ancestors_max) break;
      node = add(key, called);
      if (node != nullptr) break;
    }
  }
  return found;
}

// ---- nodes ----

ProcessTable::Node* ProcessTable::look_up(const ProcessKey& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &nodes_[found->second];
}

const ProcessTable::Node* ProcessTable::look_up(const ProcessKey& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &nodes_[found->second];
}

std::uint32_t ProcessTable::index_of(const Node& node) const {
  return static_cast<std::uint32_t>(&node - nodes_.data());
}

ProcessTable::Node* ProcessTable::obtain(const Lifecycle& change) {
  if (by_key_.size() >= limits_.processes && !make_room()) {
    ++counts_.refused;
    return nullptr;
  }
  if (empty_node_ == k_none) {
    empty_node_ = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
  }
  const std::uint32_t index = empty_node_;
  Node& node = nodes_[index];
  empty_node_ = node.next;
  node = Node{};
  node.key = change.process;
  node.state = State::alive;
  node.exec_count = change.exec_count;
  set_name(node, change.name);
  by_key_.emplace(change.process, index);
  ++counts_.alive;
  return &node;
}

void ProcessTable::set_name(Node& node, std::string_view name) {
  node.name_length = static_cast<std::uint8_t>(name.copy(node.name, sizeof(node.name)));
}

void ProcessTable::set_parent(Node& node, const ProcessKey& parent) {
  if (node.linked && node.parent == parent) return;
  unlink_parent(node);
  node.parent = parent;
  // Nobody descends from himself, whatever a record says.
  if (parent == node.key) node.parent = {};
  Node* const above = look_up(node.parent);
  if (above == nullptr) return;
  ++above->children;
  node.linked = true;
}

void ProcessTable::unlink_parent(Node& node) {
  if (!std::exchange(node.linked, false)) return;
  Node* const above = look_up(node.parent);
  if (above != nullptr && above->children != 0) --above->children;
}

void ProcessTable::push(List& list, Node& node) {
  const std::uint32_t index = index_of(node);
  node.previous = list.last;
  node.next = k_none;
  (list.last == k_none ? list.first : nodes_[list.last].next) = index;
  list.last = index;
  if (&list == &lingering_ && sweep_ == k_none) sweep_ = index;
  ++list.count;
}

void ProcessTable::remove(List& list, Node& node) {
  if (sweep_ == index_of(node)) sweep_ = node.next;
  (node.previous == k_none ? list.first : nodes_[node.previous].next) = node.next;
  (node.next == k_none ? list.last : nodes_[node.next].previous) = node.previous;
  --list.count;
}

void ProcessTable::forget_old(std::uint64_t now) {
  while (lingering_.first != k_none) {
    Node& oldest = nodes_[lingering_.first];
    if (oldest.end_time + limits_.linger_ns > now) return;
    leave_lingering(oldest, false);
  }
}

void ProcessTable::leave_lingering(Node& node, bool early) {
  if (node.children == 0) {
    if (early) ++counts_.evicted_ended;
    return forget(node);
  }
  remove(lingering_, node);
  node.state = State::ancestor;
  push(ancestors_, node);
  if (ancestors_.count <= limits_.ancestors()) return;
  ++counts_.evicted_ancestors;
  forget(nodes_[ancestors_.first]);
}

void ProcessTable::forget(Node& gone) {
  // With the last that descends from it, an ancestor goes too, and so on upwards.
  for (Node* node = &gone; node != nullptr;) {
    const ProcessKey parent = node->parent;
    remove(node->state == State::lingering ? lingering_ : ancestors_, *node);
    unlink_parent(*node);
    drop_image(*node);
    by_key_.erase(node->key);
    const std::uint32_t index = index_of(*node);
    *node = Node{};
    node->next = empty_node_;
    empty_node_ = index;
    --counts_.ended;
    node = look_up(parent);
    if (node != nullptr && (node->state != State::ancestor || node->children != 0)) node = nullptr;
  }
}

// Of one process: whoever has ended, those that something descends from last. False when all are
// alive.
bool ProcessTable::make_room() {
  while (lingering_.first != k_none) {
    Node& oldest = nodes_[lingering_.first];
    const bool goes = oldest.children == 0;
    leave_lingering(oldest, true);
    if (goes) return true;
  }
  if (ancestors_.first == k_none) return false;
  ++counts_.evicted_ancestors;
  forget(nodes_[ancestors_.first]);
  return true;
}

// ---- images ----

// `program` may be made of what the node has now.
void ProcessTable::set_image(Node& node, const Program& program, bool found) {
  // The path from the process's root is the end of the other one, but for the root itself.
  const bool one_path = program.exehostpath.ends_with(program.exepath);
  std::size_t size = program.exehostpath.size() + (one_path ? 0 : program.exepath.size());
  for (const std::string_view bytes :
       {program.args, program.cwd, program.tty_name, program.cgroup, program.lineage})
    size += bytes.size();
  bool fits = counts_.bytes + size <= limits_.bytes();
  // Of those that have ended; one of them may be this one, or what it shares its program with.
  while (!fits && node.state == State::alive && make_room())
    fits = counts_.bytes + size <= limits_.bytes();

  Image image;
  image.program = program;
  image.users = 1;
  image.found = found;
  Program& kept = image.program;
  if (fits) {
    image.bytes = std::make_unique_for_overwrite<char[]>(size);
    image.size = static_cast<std::uint32_t>(size);
    Block block(image.bytes.get());
    kept.lineage = block.put(program.lineage);
    kept.exehostpath = block.put(program.exehostpath);
    kept.exepath = one_path
                       ? kept.exehostpath.substr(kept.exehostpath.size() - program.exepath.size())
                       : block.put(program.exepath);
    kept.args = block.put(program.args);
    kept.cwd = block.put(program.cwd);
    kept.tty_name = block.put(program.tty_name);
    kept.cgroup = block.put(program.cgroup);
  } else {
    ++counts_.trimmed;
    kept.exepath = kept.exehostpath = kept.args = kept.cwd = kept.tty_name = kept.cgroup =
        kept.lineage = {};
  }
  set_environment(program, image);

  drop_image(node);
  counts_.bytes += image.size;
  counts_.environment_bytes += image.environment_size();
  ++counts_.programs;
  if (empty_image_ == k_none) {
    empty_image_ = static_cast<std::uint32_t>(images_.size());
    images_.emplace_back();
  }
  node.image = empty_image_;
  Image& place = images_[node.image];
  empty_image_ = place.next;
  place = std::move(image);
}

// `program` may be made of what a node has now, so that is not dropped meanwhile.
void ProcessTable::set_environment(const Program& program, Image& image) {
  if (!program.env) return;
  const std::size_t size = program.env->size();
  auto bytes = std::make_unique_for_overwrite<char[]>(size);
  const std::string_view kept = Block(bytes.get()).put(*program.env);
  drop_environments(size);
  if (counts_.environment_bytes + size > limits_.environment_bytes()) {
    ++counts_.environments_dropped;
    image.program.env.reset();
    return;
  }
  image.environment = std::move(bytes);
  image.program.env = kept;
}

void ProcessTable::drop_environments(std::size_t bytes) {
  while (sweep_ != k_none && counts_.environment_bytes + bytes > limits_.environment_bytes()) {
    const Node& node = nodes_[sweep_];
    sweep_ = node.next;
    if (node.image == k_none) continue;
    Image& image = images_[node.image];
    // A living process may share it.
    if (image.users != 1 || !image.program.env) continue;
    counts_.environment_bytes -= image.environment_size();
    ++counts_.environments_dropped;
    image.program.env.reset();
    image.environment.reset();
  }
}

void ProcessTable::drop_image(Node& node) {
  const std::uint32_t index = std::exchange(node.image, k_none);
  if (index == k_none) return;
  Image& image = images_[index];
  if (--image.users != 0) return;
  counts_.bytes -= image.size;
  counts_.environment_bytes -= image.environment_size();
  --counts_.programs;
  image = Image{};
  image.next = empty_image_;
  empty_image_ = index;
}

}  // namespace gancho
