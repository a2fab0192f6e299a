// SPDX-License-Identifier: Apache-2.0
//
// State as the runtimes write it, shortened to what is read and what stands around it.
#include "enrich/container_state.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace gancho {
namespace {

const std::string k_id = "3f4ea2b1c0d95867a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718";
const std::string k_image = "61395b4c586da2b9b3b7ca903ea6a448e6783dfdd7f768ff2c1a0f3360aaba99";

// Written by dockerd 24.
std::string docker(const std::string& image = "registry.example:5000/shop/web:1.25") {
  return fmt::format(
      R"({{"StreamConfig":{{}},"State":{{"Running":true,"Pid":4242,"StartedAt":"2024-05-01T10:00:01Z"}},)"
      R"("ID":"{}","Created":"2024-05-01T10:00:00.123456789Z","Managed":false,"Path":"nginx",)"
      R"("Args":["-g"],"Config":{{"Hostname":"3f4ea2b1c0d9","User":"","Env":["PATH=/bin","KEY=1"],)"
      R"("Image":"{}","Labels":{{"com.docker.compose.service":"web"}}}},"Image":"sha256:{}",)"
      R"("Name":"/web-1","Driver":"overlay2","RestartCount":0}})",
      k_id, image, k_image);
}

std::optional<ContainerInfo> parse(ContainerFile file, const std::string& text,
                                   std::uint32_t runtime = EV_RUNTIME_OTHER) {
  return parse_container_state(file, text, k_id, runtime);
}

TEST(ContainerState, OfDocker) {
  const auto info = parse(ContainerFile::docker_config, docker());
  ASSERT_TRUE(info);
  EXPECT_EQ(*info, (ContainerInfo{.found = true,
                                  .type = "docker",
                                  .name = "web-1",
                                  .image = "registry.example:5000/shop/web:1.25",
                                  .image_repository = "registry.example:5000/shop/web",
                                  .image_tag = "1.25",
                                  .image_id = "sha256:" + k_image,
                                  .created = "2024-05-01T10:00:00.123456789Z"}));
}

TEST(ContainerState, OfDockerFromAnImageWithoutAName) {
  const auto info = parse(ContainerFile::docker_config, docker("sha256:" + k_image));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->image, "sha256:" + k_image);
  EXPECT_EQ(info->image_repository, "");
  EXPECT_EQ(info->image_tag, "");
}

// Written by podman 4: the list of all its containers, the description of each a string.
TEST(ContainerState, OfPodman) {
  const std::string list = fmt::format(
      R"([{{"id":"{0}","names":["other"],"image":"{1}"}},)"
      R"({{"id":"{2}","names":["web"],"image":"{1}","layer":"aa","metadata":"{{\"image-name\":)"
      R"(\"docker.io/library/alpine:3.18\",\"image-id\":\"{1}\",\"name\":\"web\",)"
      R"(\"created-at\":1714557600,\"mountlabel\":\"\"}}","created":"2024-05-01T10:00:00.5Z",)"
      R"("flags":{{"MountLabel":"","ProcessLabel":""}}}}])",
      std::string(64, '0'), k_image, k_id);
  const auto info = parse(ContainerFile::storage_list, list);
  ASSERT_TRUE(info);
  EXPECT_EQ(*info, (ContainerInfo{.found = true,
                                  .type = "podman",
                                  .name = "web",
                                  .image = "docker.io/library/alpine:3.18",
                                  .image_repository = "docker.io/library/alpine",
                                  .image_tag = "3.18",
                                  .image_id = k_image,
                                  .created = "2024-05-01T10:00:00.5Z"}));
  EXPECT_FALSE(parse_container_state(ContainerFile::storage_list, list, std::string(64, '1'),
                                     EV_RUNTIME_PODMAN));
}

// Written by containerd 1.7 for the kubelet.
TEST(ContainerState, OfContainerd) {
  const std::string spec =
      R"({"ociVersion":"1.1.0","process":{"args":["/app"],"env":["A=1"]},"hostname":"pod",)"
      R"("annotations":{"io.kubernetes.cri.container-name":"app",)"
      R"("io.kubernetes.cri.container-type":"container",)"
      R"("io.kubernetes.cri.image-name":"quay.io/shop/app@sha256:0011",)"
      R"("io.kubernetes.cri.sandbox-id":"11","io.kubernetes.cri.sandbox-name":"app-7dc769-pjztg",)"
      R"("io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.sandbox-uid":"4c-7a"}})";
  const auto info = parse(ContainerFile::oci_config, spec, EV_RUNTIME_CONTAINERD);
  ASSERT_TRUE(info);
  EXPECT_EQ(*info, (ContainerInfo{.found = true,
                                  .type = "containerd",
                                  .name = "app",
                                  .image = "quay.io/shop/app@sha256:0011",
                                  .image_repository = "quay.io/shop/app",
                                  .image_digest = "sha256:0011",
                                  .pod_name = "app-7dc769-pjztg",
                                  .pod_namespace = "shop"}));
  const auto sandbox =
      parse(ContainerFile::oci_config, R"({"ociVersion":"1","annotations":{)"
                                       R"("io.kubernetes.cri.container-type":"sandbox",)"
                                       R"("io.kubernetes.cri.sandbox-name":"p"}})");
  EXPECT_EQ(sandbox->name, "POD");
  EXPECT_EQ(sandbox->pod_name, "p");
}

TEST(ContainerState, OfNerdctl) {
  const auto info = parse(ContainerFile::oci_config,
                          R"({"ociVersion":"1","annotations":{"nerdctl/name":"web",)"
                          R"("nerdctl/namespace":"default"}})",
                          EV_RUNTIME_CONTAINERD);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->type, "containerd");
  EXPECT_EQ(info->name, "web");
}

// Written by CRI-O 1.28: Kubernetes' labels are a string of JSON.
TEST(ContainerState, OfCrio) {
  const std::string spec = fmt::format(
      R"({{"ociVersion":"1.0.2-dev","annotations":{{"io.container.manager":"cri-o",)"
      R"("io.kubernetes.cri-o.ContainerID":"{}","io.kubernetes.cri-o.ContainerType":"container",)"
      R"("io.kubernetes.cri-o.ContainerName":"k8s_app_app-1_shop_4c_0",)"
      R"("io.kubernetes.cri-o.Created":"2024-05-01T10:00:00.5Z",)"
      R"("io.kubernetes.cri-o.Image":"{}","io.kubernetes.cri-o.ImageName":"quay.io/shop/app:2",)"
      R"("io.kubernetes.cri-o.ImageRef":"{}",)"
      R"("io.kubernetes.cri-o.Labels":"{{\"io.kubernetes.container.name\":\"app\",)"
      R"(\"io.kubernetes.pod.name\":\"app-1\",\"io.kubernetes.pod.namespace\":\"shop\"}}"}}}})",
      k_id, k_image, k_image);
  const auto info = parse(ContainerFile::oci_config, spec, EV_RUNTIME_CRIO);
  ASSERT_TRUE(info);
  EXPECT_EQ(*info, (ContainerInfo{.found = true,
                                  .type = "cri-o",
                                  .name = "app",
                                  .image = "quay.io/shop/app:2",
                                  .image_repository = "quay.io/shop/app",
                                  .image_tag = "2",
                                  .image_id = k_image,
                                  .created = "2024-05-01T10:00:00.5Z",
                                  .pod_name = "app-1",
                                  .pod_namespace = "shop"}));
  EXPECT_FALSE(parse_container_state(ContainerFile::oci_config, spec, std::string(64, '1'),
                                     EV_RUNTIME_CRIO));
}

TEST(ContainerPrivilege, OfDocker) {
  const auto of = [](const char* text) {
    return parse_container_privilege(ContainerFile::docker_host_config, text);
  };
  EXPECT_EQ(of(R"({"Binds":null,"NetworkMode":"default","Privileged":true,"CapAdd":null})"),
            Privileged::yes);
  EXPECT_EQ(of(R"({"Privileged":false,"CapAdd":["ALL"]})"), Privileged::no);
  for (const char* text : {"", "{}", "[]", R"({"Privileged":"true"})", R"({"Privileged":1})"})
    EXPECT_EQ(of(text), Privileged::unknown) << text;
}

TEST(ContainerPrivilege, OfPodman) {
  const auto of = [](const char* notes) {
    return parse_container_privilege(
        ContainerFile::podman_config,
        fmt::format(R"({{"ociVersion":"1.0.2-dev","annotations":{{{}}}}})", notes));
  };
  EXPECT_EQ(of(R"("io.container.manager":"libpod","io.podman.annotations.privileged":"TRUE")"),
            Privileged::yes);
  EXPECT_EQ(of(R"("io.container.manager":"libpod","io.podman.annotations.privileged":"FALSE")"),
            Privileged::no);
  EXPECT_EQ(of(R"("io.container.manager":"libpod")"), Privileged::no);
  EXPECT_EQ(of(""), Privileged::unknown);
}

// What containerd and CRI-O write of a container, as far as it matters here.
std::string spec(const std::string& capabilities, const char* of_linux, const char* notes = "") {
  return fmt::format(R"({{"ociVersion":"1.1.0","process":{{"capabilities":{{"bounding":[{}]}}}},)"
                     R"("linux":{{{}}},"annotations":{{{}}}}})",
                     capabilities, of_linux, notes);
}

TEST(ContainerPrivilege, FollowsFromWhatItHas) {
  std::string all;
  for (const char* name : {"CHOWN",
                           "DAC_OVERRIDE",
                           "DAC_READ_SEARCH",
                           "FOWNER",
                           "FSETID",
                           "KILL",
                           "SETGID",
                           "SETUID",
                           "SETPCAP",
                           "LINUX_IMMUTABLE",
                           "NET_BIND_SERVICE",
                           "NET_BROADCAST",
                           "NET_ADMIN",
                           "NET_RAW",
                           "IPC_LOCK",
                           "IPC_OWNER",
                           "SYS_MODULE",
                           "SYS_RAWIO",
                           "SYS_CHROOT",
                           "SYS_PTRACE",
                           "SYS_PACCT",
                           "SYS_ADMIN",
                           "SYS_BOOT",
                           "SYS_NICE",
                           "SYS_RESOURCE",
                           "SYS_TIME",
                           "SYS_TTY_CONFIG",
                           "MKNOD",
                           "LEASE",
                           "AUDIT_WRITE",
                           "AUDIT_CONTROL",
                           "SETFCAP",
                           "MAC_OVERRIDE",
                           "MAC_ADMIN",
                           "SYSLOG",
                           "WAKE_ALARM",
                           "BLOCK_SUSPEND",
                           "AUDIT_READ"})
    all += fmt::format("{}\"CAP_{}\"", all.empty() ? "" : ",", name);
  const std::string newer = all + R"(,"CAP_PERFMON","CAP_BPF","CAP_CHECKPOINT_RESTORE")";
  const auto of = [](const std::string& text) {
    const auto info = parse(ContainerFile::oci_config, text, EV_RUNTIME_CONTAINERD);
    return info ? info->privileged : Privileged::unknown;
  };
  EXPECT_EQ(of(spec(all, R"("resources":{})")), Privileged::yes);
  EXPECT_EQ(of(spec(newer, R"("maskedPaths":[],"readonlyPaths":[])")), Privileged::yes);
  // Only all of it together is privileged: `--cap-add ALL` is not.
  EXPECT_EQ(of(spec(newer, R"("maskedPaths":["/proc/kcore"])")), Privileged::no);
  EXPECT_EQ(of(spec(newer, R"("readonlyPaths":["/proc/sys"])")), Privileged::no);
  EXPECT_EQ(of(spec(newer, R"("seccomp":{"defaultAction":"SCMP_ACT_ERRNO"})")), Privileged::no);
  EXPECT_EQ(of(spec(R"("CAP_SYS_ADMIN","CAP_KILL")", "")), Privileged::no);
  EXPECT_EQ(of(spec("7,null", "")), Privileged::no);
  EXPECT_EQ(of(R"({"ociVersion":"1","process":{},"linux":{}})"), Privileged::unknown);
  EXPECT_EQ(of(R"({"ociVersion":"1"})"), Privileged::unknown);
  // A pod's sandbox of CRI-O has few capabilities, whatever the pod has.
  EXPECT_EQ(of(spec("", "",
                    R"("io.kubernetes.cri-o.ContainerType":"sandbox",)"
                    R"("io.kubernetes.cri-o.PrivilegedRuntime":"true")")),
            Privileged::yes);
}

TEST(ContainerState, WithoutAFile) {
  EXPECT_EQ(container_without_state("web\\x2d1", EV_RUNTIME_NSPAWN)->name, "web-1");
  EXPECT_EQ(container_without_state("a\\x", EV_RUNTIME_NSPAWN)->name, "a\\x");
  EXPECT_EQ(container_without_state("a\\xzz1", EV_RUNTIME_NSPAWN)->name, "a\\xzz1");
  EXPECT_EQ(container_without_state("web", EV_RUNTIME_LXC)->type, "lxc");
  EXPECT_EQ(container_without_state("web", EV_RUNTIME_BUILDKIT)->name, "");
  EXPECT_FALSE(container_without_state("web", EV_RUNTIME_DOCKER));
  EXPECT_FALSE(container_without_state("web", EV_RUNTIME_OTHER));
}

TEST(ContainerState, NonsenseIsNoState) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += R"({"ociVersion":"1","annotations":)";
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("{}"),
        std::string(R"({"ID":7})"), std::string(R"({"ID":"other","Name":"/x"})"),
        std::string(R"([7,"x",{"id":7},{"id":"other"}])"), deep, docker() + "x",
        std::string("\xff\xfe{}"), "[" + std::string(2U << 20, ' ') + "]"})
    for (const ContainerFile file :
         {ContainerFile::none, ContainerFile::docker_config, ContainerFile::oci_config,
          ContainerFile::storage_list, ContainerFile::passwd, static_cast<ContainerFile>(200)})
      EXPECT_FALSE(parse(file, text)) << text.substr(0, 40);
  // Types that are not what they should be count as absent.
  const auto info = parse(ContainerFile::docker_config,
                          R"({"ID":")" + k_id + R"(","Name":["/x"],"Config":7,"Created":null})");
  ASSERT_TRUE(info);
  EXPECT_EQ(*info, (ContainerInfo{.found = true, .type = "docker"}));
}

TEST(ContainerState, ALongValueIsCut) {
  const auto info = parse(ContainerFile::docker_config, R"({"ID":")" + k_id + R"(","Name":"/)" +
                                                            std::string(5000, 'n') + R"("})");
  ASSERT_TRUE(info);
  EXPECT_LE(info->name.size(), 1024U);
}

TEST(Image, IsTakenApart) {
  const auto split = [](const std::string& image) {
    ContainerInfo info{.image = image};
    split_image(info);
    return info.image_repository + "|" + info.image_tag + "|" + info.image_digest;
  };
  EXPECT_EQ(split("nginx"), "nginx|latest|");
  EXPECT_EQ(split("nginx:1.25"), "nginx|1.25|");
  EXPECT_EQ(split("host:5000/a/b"), "host:5000/a/b|latest|");
  EXPECT_EQ(split("host:5000/a/b:t@sha256:00"), "host:5000/a/b|t|sha256:00");
  EXPECT_EQ(split("a@sha256:00"), "a||sha256:00");
  EXPECT_EQ(split(""), "||");
  EXPECT_EQ(split(k_image), "||");
}

TEST(ContainerNames, AreThoseOfTheNamespace) {
  const std::string passwd = "root:x:0:0::/:/bin/sh\nweb:x:33:33::/:/bin/sh\nbig:x:70000:1::/:/\n";
  EXPECT_EQ(container_names(passwd, ""),
            (std::vector<IdName>{{0, "root"}, {33, "web"}, {70000, "big"}}));
  EXPECT_EQ(container_names(passwd, "         0          0 4294967295\n"),
            (std::vector<IdName>{{0, "root"}, {33, "web"}, {70000, "big"}}));
  // Rootless: its root is the user himself, all others are out of his range.
  EXPECT_EQ(container_names(passwd, "0 1000 1\n1 100000 65536\n"),
            (std::vector<IdName>{{1000, "root"}, {100032, "web"}}));
  EXPECT_EQ(container_names(passwd, "0 4294967290 65536\n"),
            (std::vector<IdName>{{4294967290, "root"}}));
  EXPECT_EQ(container_names(passwd, "0 5 1\n33 5 1\n").size(), 1U);
  EXPECT_TRUE(container_names(passwd, "nonsense").empty());
  EXPECT_TRUE(container_names(std::string(200 * 1024, 'x'), "").empty());
}

}  // namespace
}  // namespace gancho
