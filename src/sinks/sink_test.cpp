// SPDX-License-Identifier: Apache-2.0
//
// What all sinks have in common, with one that does what the test says; and the file.
#include "sinks/sink.h"

#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "sinks/alert_file.h"
#include "sinks/courier_process.h"
#include "sinks/file_sink.h"
#include "sinks/pack.h"
#include "sinks/sink_stage.h"

namespace gancho::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Delivers when it is let.
class GateSink final : public Sink {
 public:
  explicit GateSink(SinkContext context) : Sink(SinkKind::http, std::move(context)) {}
  ~GateSink() override {
    open();
    end();
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }
  void fail_times(unsigned times) { failures_ = times; }
  std::atomic<unsigned> entered = 0;

 private:
  Delivery deliver(const Alert& /*alert*/, unsigned /*retry*/) override {
    ++entered;
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return open_; });
    if (failures_ == 0) return {};
    --failures_;
    return {Outcome::retry, "not yet"};
  }
  std::chrono::milliseconds wait_before(unsigned /*retry*/) override { return 1ms; }

  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
  std::atomic<unsigned> failures_ = 0;
};

TEST(Sink, DropsAndCountsWhatItsQueueDoesNotTake) {
  SinkStage stage;
  SinkContext context = stage.context();
  context.queue = 10;
  GateSink sink(context);
  sink.start();
  for (int i = 0; i < 25; ++i) sink.offer(held("x"));
  EXPECT_FALSE(sink.finish(std::chrono::steady_clock::now() + 1ms));
  sink.open();
  EXPECT_TRUE(sink.finish(stage.deadline()));
  const SinkCounts counts = stage.counts();
  EXPECT_EQ(counts.offered, 25U);
  EXPECT_EQ(counts.dropped, 15U);
  EXPECT_EQ(counts.delivered, 10U);
  EXPECT_EQ(counts.waiting(), 0U);
  EXPECT_THAT(stage.lines(), testing::ElementsAre(testing::HasSubstr("the queue is full")));
}

TEST(Sink, HoldsNoMoreBytesThanItMay) {
  SinkStage stage;
  SinkContext context = stage.context();
  context.queue_bytes = 100'000;
  GateSink sink(context);
  sink.start();
  for (int i = 0; i < 5; ++i) sink.offer(held(std::string(40'000, 'x')));
  EXPECT_EQ(stage.counts().dropped, 3U);
}

TEST(Sink, TriesAgainAndSaysSoOnce) {
  SinkStage stage;
  GateSink sink(stage.context());
  sink.fail_times(5);
  sink.open();
  sink.start();
  sink.offer(held("x"));
  sink.offer(held("y"));
  EXPECT_TRUE(sink.finish(stage.deadline()));
  EXPECT_EQ(stage.counts().delivered, 2U);
  EXPECT_EQ(stage.counts().retried, 5U);
  EXPECT_THAT(stage.lines(),
              testing::ElementsAre("alerts, http: not yet", "alerts, http: delivered again"));
}

TEST(Sink, EndsWhileItWaitsForARetry) {
  SinkStage stage;
  GateSink sink(stage.context());
  sink.fail_times(1'000'000'000);
  sink.open();
  sink.start();
  sink.offer(held("x"));
  EXPECT_FALSE(sink.finish(std::chrono::steady_clock::now() + 5ms));
  EXPECT_EQ(stage.counts().waiting(), 1U);
}

// A file sink and its keeper's half.
class File : public testing::Test {
 protected:
  void make(AlertFileOptions options, SinkContext context) {
    options.path = path_;
    options_ = options;
    sink_ = std::make_unique<FileSink>(
        options,
        [this](bool rotate) {
          ++asked_;
          if (refuse_ || (rotate && !rotate_alert_file(path_, options_.keep)))
            return sink_->refuse();
          auto file = open_alert_file(path_);
          if (!file) return sink_->refuse();
          sink_->take(std::move(*file));
        },
        std::move(context));
    sink_->start();
  }
  std::vector<std::string> lines_of(const std::string& path) const {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  SinkStage stage_;
  TemporaryFolder folder_;
  std::string path_ = folder_.path() + "/alerts.json";
  AlertFileOptions options_;
  std::unique_ptr<FileSink> sink_;
  std::atomic<int> asked_ = 0;
  std::atomic<bool> refuse_ = false;
};

TEST_F(File, GetsALineAnAlert) {
  make({}, stage_.context());
  for (int i = 0; i < 3; ++i) sink_->offer(held("{\"n\":" + std::to_string(i) + "}"));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_THAT(lines_of(path_), testing::ElementsAre("{\"n\":0}", "{\"n\":1}", "{\"n\":2}"));
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
  EXPECT_EQ(asked_, 1);
}

TEST_F(File, IsRotatedUnderLoadAndLosesNothing) {
  SinkContext context = stage_.context();
  context.queue = 100'000;
  make({.max_bytes = 20'000, .keep = 1000}, context);
  constexpr int k_alerts = 20'000;
  for (int i = 0; i < k_alerts; ++i)
    sink_->offer(held("{\"n\":" + std::to_string(i) + "," + std::string(40, ' ') + "}"));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  std::set<std::string> seen;
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    EXPECT_LE(fs::file_size(entry), 20'000U) << entry.path();
    for (const std::string& line : lines_of(entry.path())) {
      EXPECT_TRUE(line.ends_with('}')) << line;
      EXPECT_TRUE(seen.insert(line).second) << "twice: " << line;
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(k_alerts));
  EXPECT_GT(asked_, 40);
  // The youngest is the one without a number.
  EXPECT_TRUE(lines_of(path_).back().contains("\"n\":19999,"));
}

TEST_F(File, KeepsSoManyAndNoMore) {
  make({.max_bytes = 1000, .keep = 2}, stage_.context());
  for (int i = 0; i < 100; ++i) sink_->offer(held(std::string(200, 'a')));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"alerts.json", "alerts.json.1", "alerts.json.2"}));
  EXPECT_EQ(stage_.counts().delivered, 100U);
}

TEST_F(File, GrowsOnWhenItCannotBeRotated) {
  make({.max_bytes = 1000, .keep = 2}, stage_.context());
  sink_->offer(held(std::string(900, 'a')));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  refuse_ = true;
  for (int i = 0; i < 10; ++i) sink_->offer(held(std::string(900, 'b')));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_EQ(lines_of(path_).size(), 11U);
  EXPECT_EQ(asked_, 2) << "not for each alert";
}

// What logrotate and SIGHUP do.
TEST_F(File, IsLeftForANewOne) {
  make({}, stage_.context());
  sink_->offer(held("first"));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  fs::rename(path_, path_ + ".old");
  auto file = open_alert_file(path_);
  ASSERT_TRUE(file) << file.error().message;
  sink_->take(std::move(*file));
  sink_->offer(held("second"));
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  EXPECT_THAT(lines_of(path_ + ".old"), testing::ElementsAre("first"));
  EXPECT_THAT(lines_of(path_), testing::ElementsAre("second"));
}

// A limit on the size of files ends a write in the middle, as a full disk does.
TEST_F(File, ThatIsFullKeepsNoHalfLinesAndIsTriedAgain) {
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 2500, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  make({}, stage_.context());
  for (int i = 0; i < 4; ++i) sink_->offer(held(std::string(999, 'x')));
  // Between two attempts there is no half a line.
  stage_.wait_until([&] { return stage_.counts().retried >= 2 && fs::file_size(path_) == 2000U; });
  EXPECT_EQ(stage_.counts().delivered, 2U);
  EXPECT_THAT(stage_.lines(), testing::ElementsAre(testing::HasSubstr("it is tried again")));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(sink_->finish(stage_.deadline()));
  std::signal(SIGXFSZ, old);
  EXPECT_EQ(lines_of(path_), std::vector<std::string>(4, std::string(999, 'x')));
  EXPECT_EQ(stage_.counts().delivered, 4U);
  EXPECT_EQ(stage_.lines().back(), "alerts, file: delivered again");
}

TEST_F(File, IsARegularOneAndNoLink) {
  ASSERT_EQ(::symlink("/etc/passwd", path_.c_str()), 0);
  EXPECT_FALSE(open_alert_file(path_));
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(open_alert_file(path_));
  EXPECT_FALSE(open_alert_file(folder_.path()));
  EXPECT_FALSE(open_alert_file(folder_.path() + "/none/alerts"));
}

TEST(Pack, IsUnpackedAsItWas) {
  AlertOptions options;
  options.queue = 17;
  options.file = {.path = "/a", .max_bytes = 1ULL << 40, .keep = 3};
  options.syslog = {.enabled = true, .facility = "local1", .socket = "/l"};
  options.journal = {.enabled = true, .socket = "/j"};
  options.http.url = "https://h/";
  options.http.headers = {"A: b", ""};
  options.http.timeout = 123ms;
  options.program = {.command = {"/p", "", "x y"}, .at_once = 9, .timeout = 7s};
  const std::string bytes = pack_options(options);
  const auto read = unpack_options(bytes);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(pack_options(*read), bytes);
  EXPECT_EQ(read->program.command, options.program.command);
  EXPECT_EQ(read->http.timeout, 123ms);
  EXPECT_EQ(read->file.max_bytes, 1ULL << 40);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(unpack_options(std::string_view(bytes).substr(0, length)));
}

TEST(Courier, TellsWhatWasLostAtTheEnd) {
  CourierReport report;
  EXPECT_TRUE(losses(report).empty());
  report.sinks[3] = {
      .offered = 10, .delivered = 6, .retried = 9, .dropped = 1, .failed = 2, .lost = 1};
  EXPECT_THAT(losses(report), testing::ElementsAre("alerts, http: 6 delivered, 1 dropped (queue "
                                                   "full), 2 given up, 1 lost"));
}

}  // namespace
}  // namespace gancho::test
