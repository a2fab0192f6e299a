// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <places.skel.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <filesystem>
#include <stdexcept>

#include "attached/place_links.h"
#include "attached/place_stage.h"
#include "load/pseudo_fs.h"

namespace gancho::test {
namespace {

using testing::IsSubsetOf;
using testing::UnorderedElementsAreArray;

std::string hierarchy() {
  static const std::string at = mounted_at("cgroup2");
  return at;
}

// One that goes with its owner.
class Cgroup {
 public:
  explicit Cgroup(const std::string& path) : at_(hierarchy() + path) {
    std::filesystem::create_directory(at_);
  }
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  ~Cgroup() { ::rmdir(at_.c_str()); }
  [[nodiscard]] Fd open() const {
    return Fd(::open(at_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

 private:
  std::string at_;
};

void attach(const bpf_program* program, const Cgroup& cgroup, bpf_attach_type type,
            std::uint32_t flags) {
  ASSERT_EQ(bpf_prog_attach(bpf_program__fd(program), cgroup.open().get(), type, flags), 0)
      << strerror(errno);
}

Link link(const bpf_program* program, const Cgroup& cgroup) {
  return Link(bpf_program__attach_cgroup(program, cgroup.open().get()));
}

std::string lsm_line(const char* hook, const char* path, const Link& link,
                     const bpf_program* program) {
  return fmt::format("lsm_cgroup | lsm | {} | {} | multi | network 0 | link {} | program {}", hook,
                     path, link.id(), id_of(program));
}

std::string line(const char* place, const char* path, const char* sharing, std::uint32_t link,
                 const bpf_program* program) {
  return fmt::format("cgroup | cgroup | {} | {} | {} | network 0 | link {} | program {}", place,
                     path, sharing, link, id_of(program));
}

TEST(CgroupPlaces, AreToldWithPathSharingAndLink) {
  Programs& programs = test_programs();
  const auto& all = programs.all().progs;
  const Cgroup a("/place a");
  const Cgroup b("/place a/b");
  const Cgroup leaf("/place a/b/leaf");
  const Cgroup idle("/place a/idle");
  const Fd root(::open(hierarchy().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const Link connect(bpf_program__attach_cgroup(all.cg_connect, root.get()));
  attach(all.cg_ingress, a, BPF_CGROUP_INET_INGRESS, BPF_F_ALLOW_MULTI);
  const Link ingress = link(all.cg_ingress_link, a);
  attach(all.cg_egress, leaf, BPF_CGROUP_INET_EGRESS, BPF_F_ALLOW_MULTI);
  attach(all.cg_sock, b, BPF_CGROUP_INET_SOCK_CREATE, 0);
  attach(all.cg_device, b, BPF_CGROUP_DEVICE, BPF_F_ALLOW_OVERRIDE);
  const Link sysctl = link(all.cg_sysctl, leaf);
  attach(all.cg_getsockopt, a, BPF_CGROUP_GETSOCKOPT, 0);
  const Link sock_ops = link(all.cg_sock_ops, b);
  const Link lsm_create = link(all.cg_lsm_create, b);
  const Link lsm_bind = link(all.cg_lsm_bind, b);

  const Attached attached = look();
  EXPECT_THAT(
      words_of(attached, programs),
      UnorderedElementsAreArray({
          line("cgroup_inet4_connect", "/", "multi", connect.id(), all.cg_connect),
          line("cgroup_inet_ingress", "/place a", "multi", 0, all.cg_ingress),
          line("cgroup_inet_ingress", "/place a", "multi", ingress.id(), all.cg_ingress_link),
          line("cgroup_inet_egress", "/place a/b/leaf", "multi", 0, all.cg_egress),
          line("cgroup_inet_sock_create", "/place a/b", "", 0, all.cg_sock),
          line("cgroup_device", "/place a/b", "override", 0, all.cg_device),
          line("cgroup_sysctl", "/place a/b/leaf", "multi", sysctl.id(), all.cg_sysctl),
          line("cgroup_getsockopt", "/place a", "", 0, all.cg_getsockopt),
          line("cgroup_sock_ops", "/place a/b", "multi", sock_ops.id(), all.cg_sock_ops),
          lsm_line("socket_create", "/place a/b", lsm_create, all.cg_lsm_create),
          lsm_line("socket_bind", "/place a/b", lsm_bind, all.cg_lsm_bind),
      }));
  EXPECT_THAT(attached.blanks, testing::IsEmpty());

  std::set<std::uint32_t> ours;
  for (const Attachment& one : attached.attachments)
    if (one.how == "cgroup" || one.how == "lsm_cgroup") ours.insert(one.program);
  const std::string json = run(std::string(BPFTOOL) + " cgroup tree -j");
  for (const char* hook : {"bpf_lsm_socket_create", "bpf_lsm_socket_bind"})
    EXPECT_THAT(json, testing::HasSubstr(hook)) << "it says the same";
  const auto theirs = numbers_in(json, {"id"});
  EXPECT_GE(theirs.size(), 9U) << json;
  EXPECT_THAT(theirs, IsSubsetOf(ours)) << json;
}

// Whatever this kernel can attach to a cgroup has the inventory's name, which is the kernel's.
TEST(CgroupPlaces, HaveTheNamesThatTheKernelGivesThem) {
  btf* const types = btf__load_vmlinux_btf();
  ASSERT_NE(types, nullptr);
  const btf_type* const all =
      btf__type_by_id(types, static_cast<__u32>(btf__find_by_name(types, "bpf_attach_type")));
  int checked = 0;
  for (int i = 0; i < btf_vlen(all); ++i) {
    std::string name = btf__name_by_offset(types, btf_enum(all)[i].name_off);
    if (!name.starts_with("BPF_CGROUP_") && name != "BPF_LSM_CGROUP") continue;
    std::ranges::transform(name, name.begin(), [](char letter) {
      return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    EXPECT_EQ(place_of_attach_type(static_cast<std::uint32_t>(btf_enum(all)[i].val)),
              name.substr(4));
    ++checked;
  }
  EXPECT_GE(checked, 24);
  btf__free(types);
}

TEST(CgroupPlaces, SayWhereTheyCannotLook) {
  (void)test_programs();
  const Cgroup a("/covered");
  const std::string at = hierarchy() + "/covered";
  ASSERT_EQ(::mount("tmpfs", at.c_str(), "tmpfs", 0, nullptr), 0);
  const Attached attached = look();
  ASSERT_EQ(::umount(at.c_str()), 0);
  EXPECT_THAT(attached.blanks,
              testing::ElementsAre("some cgroups: something else is mounted on them"));
}

// Fastest of three: a machine that emulates has other work too.
double seconds_of_a_look() {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    (void)look();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best;
}

TEST(CgroupPlaces, AreCheapWhereNothingIsAttached) {
  Programs& programs = test_programs();  // of nearly every type: so nearly every question is asked
  std::deque<Cgroup> cgroups;
  const double few = seconds_of_a_look();
  cgroups.emplace_back("/many");
  for (int i = 0; i < 2000; ++i) cgroups.emplace_back(fmt::format("/many/{}", i));
  const Link one = link(programs.all().progs.cg_connect, cgroups.back());
  const double many = seconds_of_a_look();
  const auto found = words_of(look(), programs);
  EXPECT_THAT(found, UnorderedElementsAreArray({line("cgroup_inet4_connect", "/many/1999", "multi",
                                                     one.id(), programs.all().progs.cg_connect)}));
  std::printf("2000 cgroups: %.1f ms more than %.1f ms\n", (many - few) * 1e3, few * 1e3);
  // Emulation takes some fifteen times as long as a machine of our day.
  EXPECT_LT(many - few, 3.0);
  while (!cgroups.empty()) cgroups.pop_back();  // children first
}

}  // namespace
}  // namespace gancho::test
