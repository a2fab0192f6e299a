// SPDX-License-Identifier: Apache-2.0
#include "enrich/process_json.h"

#include <array>
#include <string_view>

#include "base/utf8.h"
#include "event/json.h"
#include "event/values.h"

namespace gancho {
namespace {

// One object on one line, key by key. Forms are those of event/json.cpp.
class Object {
 public:
  explicit Object(ByteBuffer& out) : out_(out) { out_.append('{'); }
  void close() { out_.append('}'); }

  void number(std::string_view name, std::uint64_t value) {
    key(name);
    out_.commit(write_decimal(out_.reserve(k_decimal_max), value));
  }
  void signed_number(std::string_view name, std::int64_t value) {
    key(name);
    out_.commit(write_decimal(out_.reserve(k_decimal_max), value));
  }
  void flag(std::string_view name, bool value) {
    key(name);
    out_.append(value ? "true" : "false");
  }
  // Whoever has no name, path ... has no key.
  void string(std::string_view name, std::string_view bytes) {
    if (bytes.empty()) return;
    key(name);
    if (quoted(bytes)) return;
    key(name, ".hex");
    hex(bytes);
  }
  void time(std::string_view name, std::int64_t unix_ns) {
    key(name);
    out_.append('"');
    out_.commit(write_rfc3339(out_.reserve(k_rfc3339_length), unix_ns));
    out_.append('"');
  }
  void id(std::string_view name, std::uint32_t value) {
    if (value == UINT32_MAX)
      signed_number(name, -1);
    else
      number(name, value);
  }
  void capabilities(std::string_view name, std::uint64_t mask) {
    key(name);
    out_.append('"');
    out_.commit(write_capabilities(out_.reserve(k_capabilities_max), mask));
    out_.append('"');
  }
  void args(std::string_view name, std::string_view bytes) {
    if (bytes.empty()) return;
    bool all_exact = true;
    std::string_view between = "[";
    key(name);
    for_each_element(bytes, [&](std::string_view element) {
      out_.append(between);
      between = ",";
      all_exact = quoted(element) && all_exact;
    });
    out_.append(']');
    if (all_exact) return;
    // null for an element that stands exactly in the list above.
    between = "[";
    key(name, ".hex");
    for_each_element(bytes, [&](std::string_view element) {
      out_.append(between);
      between = ",";
      if (is_utf8(element))
        out_.append("null");
      else
        hex(element);
    });
    out_.append(']');
  }
  void key(std::string_view name, std::string_view suffix = {}) {
    if (!first_) out_.append(',');
    first_ = false;
    out_.append('"');
    out_.append(name);
    out_.append(suffix);
    out_.append("\":");
  }

 private:
  bool quoted(std::string_view bytes) {
    bool exact = true;
    out_.append('"');
    out_.commit(
        write_json_escaped(out_.reserve(k_json_expansion * bytes.size() + 16), bytes, exact));
    out_.append('"');
    return exact;
  }
  void hex(std::string_view bytes) {
    out_.append('"');
    out_.commit(write_hex(out_.reserve(2 * bytes.size() + 1), bytes));
    out_.append('"');
  }

  ByteBuffer& out_;
  bool first_ = true;
};

void put_cgroup(Object& object, const Program& program) {
  std::array<char, EV_PATH_MAX + 1> path;
  if (program.cgroup.size() >= path.size()) return;
  const auto length =
      static_cast<std::size_t>(write_downward(path.data(), program.cgroup) - path.data());
  object.number("cgroup.id", program.cgroup_id);
  object.string("cgroup.path", {path.data(), length});
}

void put_program(Object& object, const Program& program, const Facts& names) {
  object.string("proc.exepath", program.exepath);
  object.string("proc.exehostpath", program.exehostpath);
  object.args("proc.args", program.args);
  if (program.args_truncated) object.flag("proc.args_truncated", true);
  object.string("proc.cwd", program.cwd);
  object.flag("proc.is_kernel", program.kernel);
  object.number("proc.sid", program.sid);
  object.number("proc.vpid", program.vpid);
  if (program.tty != 0) {
    std::array<char, k_device_max> device;
    const auto length =
        static_cast<std::size_t>(write_device(device.data(), program.tty) - device.data());
    object.string("proc.tty", {device.data(), length});
    object.string("proc.tty_name", program.tty_name);
  }
  put_cgroup(object, program);
  const ev_credentials& who = program.credentials;
  object.id("user.uid", who.euid);
  object.string("user.name", names.user(who.euid));
  object.id("user.ruid", who.uid);
  object.string("user.rname", names.user(who.uid));
  object.id("group.gid", who.egid);
  object.string("group.name", names.group(who.egid));
  object.id("group.rgid", who.gid);
  object.string("group.rname", names.group(who.gid));
  object.capabilities("thread.cap_effective", who.cap_effective);
  object.id("user.loginuid", program.loginuid);
  object.string("user.loginname", names.user(program.loginuid));
  const ev_namespaces& ns = program.namespaces;
  object.number("ns.cgroup", ns.cgroup);
  object.number("ns.ipc", ns.ipc);
  object.number("ns.mnt", ns.mnt);
  object.number("ns.net", ns.net);
  object.number("ns.pid", ns.pid);
  object.number("ns.time", ns.time);
  object.number("ns.user", ns.user);
  object.number("ns.uts", ns.uts);
}

}  // namespace

void write_process_json(const ProcessFacts& process, const ProcessTable& table, const Facts& names,
                        WallClock clock, ByteBuffer& out) {
  Object object(out);
  object.number("proc.pid", process.process.pid);
  object.string("proc.name", process.name);
  object.flag("proc.alive", process.alive);
  object.number("proc.start_time", process.process.start_time);
  object.time("proc.started", clock.unix_ns(process.process.start_time));
  object.number("proc.exec_count", process.exec_count);
  object.number("proc.ppid", process.parent.pid);
  if (!process.alive) {
    object.time("proc.ended", clock.unix_ns(process.end_time));
    object.signed_number("proc.exit_status", process.exit_status);
    object.number("proc.exit_signal", process.exit_signal);
  }
  if (process.program != nullptr) put_program(object, *process.program, names);
  object.key("proc.ancestors");
  out.append('[');
  std::string_view between;
  for (const Ancestor& ancestor : table.ancestors(process.process)) {
    out.append(between);
    between = ",";
    Object entry(out);
    entry.string("name", ancestor.name);
    entry.number("pid", ancestor.process.pid);
    entry.number("start_time", ancestor.process.start_time);
    entry.flag("alive", ancestor.alive);
    entry.close();
  }
  out.append(']');
  object.close();
  out.append('\n');
}

}  // namespace gancho
