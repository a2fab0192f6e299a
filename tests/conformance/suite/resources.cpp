// SPDX-License-Identifier: Apache-2.0
#include "conformance/suite/resources.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <ranges>

#include "conformance/suite/address.h"
#include "conformance/suite/process.h"

namespace gancho::test {
namespace {

[[noreturn]] void fail_with(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

int must(int fd, const std::string& what) {
  if (fd < 0) fail_with(what);
  return fd;
}

// Directories that were not there, and are gone afterwards.
class Directories {
 public:
  void make(const std::filesystem::path& path) {
    std::filesystem::path part;
    for (const auto& name : path) {
      part /= name;
      if (::mkdir(part.c_str(), 0755) == 0) made_.push_back(part);
    }
  }
  void remove() {
    for (const auto& path : std::views::reverse(made_)) ::rmdir(path.c_str());
    made_.clear();
  }

 private:
  std::vector<std::filesystem::path> made_;
};

// One or two descriptors, by the names under which steps name them.
class Descriptors : public Resource {
 public:
  explicit Descriptors(const Node& node) : name_(node.need("name")) {}
  void destroy() override {
    for (const int fd : open_) ::close(fd);
  }

 protected:
  void expose(Bindings& bindings, const std::string& field, int fd) {
    open_.push_back(fd);
    bindings.set(name_, field, fd);
  }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::vector<int> open_;
};

class File : public Descriptors {
 public:
  explicit File(const Node& node) : Descriptors(node), path_(node.need("filePath")) {
    (void)node.text("dirPath");  // a template may give both
  }
  void make(Bindings& bindings) override {
    directories_.make(std::filesystem::path(path_).parent_path());
    created_ = ::access(path_.c_str(), F_OK) != 0;
    expose(bindings, "fd",
           must(::open(path_.c_str(), O_RDWR | (created_ ? O_CREAT : 0), 0), path_));
  }
  void destroy() override {
    Descriptors::destroy();
    if (created_) ::unlink(path_.c_str());
    directories_.remove();
  }

 private:
  std::string path_;
  bool created_ = false;
  Directories directories_;
};

class Directory : public Descriptors {
 public:
  explicit Directory(const Node& node) : Descriptors(node), path_(node.need("dirPath")) {
    (void)node.text("filePath");
  }
  void make(Bindings& bindings) override {
    directories_.make(path_);
    expose(bindings, "fd", must(::open(path_.c_str(), O_RDONLY | O_DIRECTORY), path_));
  }
  void destroy() override {
    Descriptors::destroy();
    directories_.remove();
  }

 private:
  std::string path_;
  Directories directories_;
};

class Pipe : public Descriptors {
 public:
  using Descriptors::Descriptors;
  void make(Bindings& bindings) override {
    int ends[2];
    must(::pipe(ends), "pipe");
    expose(bindings, "readfd", ends[0]);
    expose(bindings, "writefd", ends[1]);
  }
};

// Descriptors of nothing on a disk.
class Nameless : public Descriptors {
 public:
  Nameless(const Node& node, std::string subtype)
      : Descriptors(node), subtype_(std::move(subtype)) {}
  void make(Bindings& bindings) override {
    int fd = -1;
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGUSR2);
    if (subtype_ == "event") fd = ::eventfd(0, 0);
    if (subtype_ == "eventpoll") fd = ::epoll_create1(0);
    if (subtype_ == "inotify") fd = ::inotify_init();
    if (subtype_ == "signalfd") fd = ::signalfd(-1, &signals, 0);
    expose(bindings, "fd", must(fd, subtype_));
  }

 private:
  std::string subtype_;
};

class Memory : public Descriptors {
 public:
  explicit Memory(const Node& node)
      : Descriptors(node),
        file_name_(node.text_or("fileName", name())),
        copy_of_(node.text_or("copyOf", "")) {}
  void make(Bindings& bindings) override {
    const int fd = must(::memfd_create(file_name_.c_str(), 0), "memfd_create");
    expose(bindings, "fd", fd);
    if (copy_of_.empty()) return;
    const int in = must(::open(copy_of_.c_str(), O_RDONLY | O_CLOEXEC), copy_of_);
    while (::sendfile(fd, in, nullptr, 1U << 20) > 0) {
    }
    ::close(in);
  }

 private:
  std::string file_name_;
  std::string copy_of_;  // what it holds; a key of ours
};

class ClientServer : public Descriptors {
 public:
  explicit ClientServer(const Node& node) : Descriptors(node), protocol_(node.need("l4Proto")) {
    const std::string address = node.text_or("address", "");
    if (protocol_ == "unix") {
      socket_path_ = "/tmp/clientserver" + std::to_string(::getpid()) + name() + ".sock";
      address_ = read_address("unix://" + socket_path_);
    } else if (protocol_ == "tcp4" || protocol_ == "tcp6" || protocol_ == "udp4" ||
               protocol_ == "udp6") {
      address_ = read_address(address);
      if ((address_.storage.ss_family == AF_INET) != protocol_.ends_with('4'))
        throw std::runtime_error(node.path() + ": no address of " + protocol_ + ": " + address);
    } else {
      throw std::runtime_error(node.path() + ": no l4Proto: " + protocol_);
    }
  }
  [[nodiscard]] bool is_seen() const override { return true; }
  void make(Bindings& bindings) override {
    have_address(address_);
    const int family = address_.storage.ss_family;
    const bool datagrams = protocol_.starts_with("udp");
    const int type = datagrams ? SOCK_DGRAM : SOCK_STREAM;
    const int server = must(::socket(family, type, 0), "socket");
    expose(bindings, "server.fd", server);
    const int yes = 1;
    if (family != AF_UNIX) ::setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    must(::bind(server, address_.get(), address_.size), "bind");
    if (!datagrams) must(::listen(server, SOMAXCONN), "listen");
    const int client = must(::socket(family, type, 0), "socket");
    expose(bindings, "client.fd", client);
    // The kernel accepts it into the queue.
    if (!datagrams) must(::connect(client, address_.get(), address_.size), "connect");
  }
  void destroy() override {
    Descriptors::destroy();
    if (!socket_path_.empty()) ::unlink(socket_path_.c_str());
  }

 private:
  std::string protocol_;
  std::string socket_path_;
  SocketAddress address_;
};

class OtherProcess : public Resource {
 public:
  OtherProcess(const Node& node, std::string program)
      : name_(node.need("name")), program_(std::move(program)), process_(node, "procName") {}
  [[nodiscard]] bool is_seen() const override { return true; }
  void make(Bindings& bindings) override {
    process_.prepare(program_);
    pid_ = process_.start("wait");
    bindings.set(name_, "pid", pid_);
  }
  void destroy() override {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    process_.remove_files();
  }

 private:
  std::string name_;
  std::string program_;
  ActedProcess process_;
  pid_t pid_ = -1;
};

}  // namespace

std::unique_ptr<Resource> read_resource(const Node& node, const std::string& program) {
  const std::string type = node.need("type");
  if (type == "clientServer") return std::make_unique<ClientServer>(node);
  if (type == "process") return std::make_unique<OtherProcess>(node, program);
  if (type != "fd") throw std::runtime_error(node.path() + ": no type of resource: " + type);
  const std::string subtype = node.need("subtype");
  if (subtype == "file") return std::make_unique<File>(node);
  if (subtype == "directory") return std::make_unique<Directory>(node);
  if (subtype == "pipe") return std::make_unique<Pipe>(node);
  if (subtype == "memfd" || subtype == "mem") return std::make_unique<Memory>(node);
  if (subtype == "event" || subtype == "eventpoll" || subtype == "inotify" || subtype == "signalfd")
    return std::make_unique<Nameless>(node, subtype);
  throw std::runtime_error(node.path() + ": no subtype of fd: " + subtype);
}

}  // namespace gancho::test
