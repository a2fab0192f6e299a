// SPDX-License-Identifier: Apache-2.0
#include "sinks/pack.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace gancho {
namespace {

class Packer {
 public:
  void number(std::uint64_t& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void text(std::string& value) {
    std::uint64_t size = value.size();
    number(size);
    bytes_ += value;
  }
  [[nodiscard]] bool good() const { return true; }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}
  void number(std::uint64_t& value) {
    good_ = good_ && bytes_.size() >= sizeof(value);
    if (!good_) return;
    std::memcpy(&value, bytes_.data(), sizeof(value));
    bytes_.remove_prefix(sizeof(value));
  }
  void text(std::string& value) {
    std::uint64_t size = 0;
    number(size);
    good_ = good_ && size <= bytes_.size();
    if (!good_) return;
    value.assign(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return good_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

template <class Way, class Number>
void put(Way& way, Number& value) {
  auto wide = static_cast<std::uint64_t>(value);
  way.number(wide);
  value = static_cast<Number>(wide);
}
template <class Way>
void put(Way& way, std::chrono::milliseconds& value) {
  auto wide = static_cast<std::uint64_t>(value.count());
  way.number(wide);
  value = std::chrono::milliseconds(wide);
}
template <class Way>
void put(Way& way, std::string& value) {
  way.text(value);
}
template <class Way>
void put(Way& way, std::vector<std::string>& values) {
  std::uint64_t count = values.size();
  way.number(count);
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < count && way.good(); ++i) {
    all.push_back(i < values.size() ? values[i] : std::string());
    way.text(all.back());
  }
  values = std::move(all);
}

// Both ways, so that they cannot differ.
template <class Way>
void put_all(Way& way, AlertOptions& o) {
  put(way, o.queue);
  put(way, o.file.path);
  put(way, o.file.max_bytes);
  put(way, o.file.keep);
  put(way, o.syslog.enabled);
  put(way, o.syslog.facility);
  put(way, o.syslog.socket);
  put(way, o.journal.enabled);
  put(way, o.journal.socket);
  put(way, o.http.url);
  put(way, o.http.headers);
  put(way, o.http.headers_file);
  put(way, o.http.timeout);
  put(way, o.http.retries);
  put(way, o.http.ca_file);
  put(way, o.http.first_wait);
  put(way, o.program.command);
  put(way, o.program.at_once);
  put(way, o.program.timeout);
}

}  // namespace

std::string pack_options(const AlertOptions& options) {
  AlertOptions copy = options;
  Packer packer;
  put_all(packer, copy);
  return packer.take();
}

Result<AlertOptions> unpack_options(std::string_view bytes) {
  AlertOptions options;
  Unpacker unpacker(bytes);
  put_all(unpacker, options);
  if (!unpacker.at_end()) return fail(Errc::internal, "options of another courier");
  return options;
}

}  // namespace gancho
