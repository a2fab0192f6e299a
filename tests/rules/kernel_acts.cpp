// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/module.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <filesystem>

#include "rules/act.h"

namespace gancho::test {
namespace {

std::string installed_module() {
  utsname name{};
  ::uname(&name);
  std::string path = std::string("/lib/modules/") + name.release + "/kernel/drivers/net/dummy.ko";
  if (!std::filesystem::exists(path)) path += ".xz";
  return path;
}

constexpr const char* k_module_elsewhere = "/root/driver.ko";

void copy_module() {
  const std::string from = installed_module();
  shell((from.ends_with(".xz") ? "xz -dc " : "cat ") + from + " > " + k_module_elsewhere);
}

void load_module(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int flags = path.ends_with(".xz") ? MODULE_INIT_COMPRESSED_FILE : 0;
  require(::syscall(SYS_finit_module, fd, "numdummies=0", flags) == 0, path.c_str());
}

bool remove_module(const char* name) {
  return ::syscall(SYS_delete_module, name, O_NONBLOCK) == 0;
}

long bpf_call(int command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

void load_bpf_program() {
  const std::array<bpf_insn, 2> program{{
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attributes.insns = reinterpret_cast<std::uintptr_t>(program.data());
  attributes.insn_cnt = program.size();
  attributes.license = reinterpret_cast<std::uintptr_t>("GPL");
  require(bpf_call(BPF_PROG_LOAD, attributes) >= 0, "bpf");
}

void make_bpf_map() {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  require(bpf_call(BPF_MAP_CREATE, attributes) >= 0, "bpf");
}

int set_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return ::clock_settime(CLOCK_REALTIME, &now);
}

long make_ring(unsigned entries) {
  io_uring_params parameters{};
  return ::syscall(SYS_io_uring_setup, entries, &parameters);
}

}  // namespace

std::vector<Act> kernel_acts() {
  return {
      {.rule = "Kernel module from elsewhere",
       .prepare = copy_module,
       .act = [] { load_module(k_module_elsewhere); },
       .miss = [] { load_module(installed_module()); },
       .tidy = [] { remove_module("dummy"); }},
      {.rule = "Kernel module removed",
       .prepare = [] { load_module(installed_module()); },
       .act = [] { require(remove_module("dummy"), "delete_module"); },
       .miss = [] { require(!remove_module("nothing_of_that_name"), "delete_module"); },
       .tidy = [] { remove_module("dummy"); }},
      {.rule = "BPF program loaded by a stranger", .act = load_bpf_program, .miss = make_bpf_map},
      {.rule = "Another kernel loaded",
       .prepare =
           [] {
             const std::string attempt = "#!/usr/bin/perl\nsyscall(" +
                                         std::to_string(SYS_kexec_load) +
                                         ", 0, 999, 0, 0);\nexit 0;\n";
             install("kexec", attempt);
             install("kdump-config", "#!/bin/sh\n/usr/local/bin/kexec\n:\n");
           },
       .act = [] { run_program({"/usr/local/bin/kexec"}); },
       .miss = [] { run_program({"/usr/local/bin/kdump-config"}); }},
      {.rule = "Page faults taken over by a stranger",
       .act = [] { require(::syscall(SYS_userfaultfd, O_CLOEXEC) >= 0, "userfaultfd"); },
       .miss = [] { require(::syscall(SYS_userfaultfd, 0x100) < 0, "userfaultfd"); }},
      {.rule = "Ring of operations made by a stranger",
       .act = [] { require(make_ring(8) >= 0, "io_uring_setup"); },
       .miss = [] { require(make_ring(0) < 0, "io_uring_setup"); }},
      {.rule = "Clock set by a stranger",
       .act = [] { require(set_clock() == 0, "clock_settime"); },
       .miss =
           [] {
             become_nobody();
             require(set_clock() != 0, "clock_settime");
           }},
  };
}

}  // namespace gancho::test
