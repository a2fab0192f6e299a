// SPDX-License-Identifier: Apache-2.0
//
// What tests of sinks share: alerts, counters, and lines that were said.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sinks/sink.h"

namespace gancho::test {

inline std::shared_ptr<const HeldAlert> held(const Alert& alert) {
  std::string message;
  EXPECT_TRUE(write_alert(alert, message));
  auto made = HeldAlert::create(std::as_bytes(std::span(message)));
  return std::make_shared<const HeldAlert>(std::move(*made));
}
inline std::shared_ptr<const HeldAlert> held(std::string_view json) {
  return held(Alert{.json = json,
                    .text = "Warning: text",
                    .rule = "Rule",
                    .priority = rules::Priority::warning,
                    .wall_ns = 1'764'000'000'000'000'000});
}

class SinkStage {
 public:
  [[nodiscard]] SinkContext context() {
    return {.counters = counters_, .say = [this](const std::string& line) {
              const std::scoped_lock lock(mutex_);
              lines_.push_back(line);
            }};
  }
  [[nodiscard]] SinkCounts counts() const { return SinkCounts::of(counters_); }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }
  [[nodiscard]] static std::chrono::steady_clock::time_point deadline() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(60);
  }
  static void wait_until(const std::function<bool()>& condition) {
    const auto end = deadline();
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      std::this_thread::yield();
    }
  }

 private:
  SinkCounters counters_{};
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = testing::TempDir() + "gancho_sinks_XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace gancho::test
