// SPDX-License-Identifier: Apache-2.0
//
// docs/guide.md, as a reader would go through it: each command is typed, each file written, and
// what the page shows is what comes out. The word behind a block's language says what it is:
//
//   console              commands ("$ ", "# ") in the second terminal, each with what it says
//   console retry        the same, until it says so
//   console skip         not here
//   console terminal=N   a command that stays, in a terminal of its own
//   text terminal=N      what comes next there, and nothing else
//   LANGUAGE file=PATH   a file
//
//   <!-- end terminal=N -->            Ctrl-C there; "by-itself": it comes to its end
//
// In what is shown, digits stand for any, "..." for any text, and as a line for any lines. How many
// files, rules, macros and lists there are does not depend on the machine: these are exact.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "support/agent.h"
#include "support/load.h"

namespace gancho::test {
namespace {

using Lines = std::vector<std::string>;
using Clock = std::chrono::steady_clock;
constexpr auto k_limit = std::chrono::seconds(60);

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

struct Block {
  std::size_t line = 0;
  std::string language;
  std::map<std::string, std::string> words;  // "terminal" -> "1", "skip" -> ""
  Lines content;
};

std::map<std::string, std::string> words_of(std::istringstream& stream) {
  std::map<std::string, std::string> words;
  for (std::string word; stream >> word;) {
    const std::size_t equals = word.find('=');
    words[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return words;
}

// Comments that end a terminal are blocks of the language "end".
std::vector<Block> blocks_of(const Lines& page) {
  std::vector<Block> blocks;
  bool inside = false;
  for (std::size_t at = 0; at < page.size(); ++at) {
    const std::string& line = page[at];
    if (line.starts_with("```")) {
      inside = !inside;
      if (!inside) continue;
      std::istringstream stream(line.substr(3));
      Block block{.line = at + 1, .language = {}, .words = {}, .content = {}};
      stream >> block.language;
      block.words = words_of(stream);
      blocks.push_back(std::move(block));
    } else if (inside) {
      blocks.back().content.push_back(line);
    } else if (line.starts_with("<!-- end ")) {
      std::istringstream stream(line.substr(9, line.size() - 13));
      blocks.push_back(
          {.line = at + 1, .language = "end", .words = words_of(stream), .content = {}});
    }
  }
  return blocks;
}

bool is_command(const std::string& line) {
  return line.starts_with("$ ") || line.starts_with("# ");
}

// Blanks are as many as there are; a table may be wider here.
std::regex pattern_of(const std::string& shown) {
  static const std::regex k_counted("[0-9]+ (files?|rules?|macros?|lists?)\\b");
  const auto is_counted = [&](std::size_t at) {
    return std::regex_search(shown.begin() + static_cast<std::ptrdiff_t>(at), shown.end(),
                             k_counted, std::regex_constants::match_continuous);
  };
  std::string pattern;
  bool exact = false;  // inside of such a number
  for (std::size_t at = 0; at < shown.size(); ++at) {
    if (shown.compare(at, 3, "...") == 0) {
      pattern += ".*";
      at += 2;
    } else if (std::isdigit(static_cast<unsigned char>(shown[at])) != 0) {
      const bool first = at == 0 || std::isdigit(static_cast<unsigned char>(shown[at - 1])) == 0;
      if (first) exact = is_counted(at);
      if (exact)
        pattern += shown[at];
      else if (!pattern.ends_with("[0-9]+"))
        pattern += "[0-9]+";
    } else if (shown[at] == ' ') {
      if (!pattern.ends_with(" +")) pattern += " +";
    } else {
      if (std::string("\\^$.|?*+()[]{}").contains(shown[at])) pattern += '\\';
      pattern += shown[at];
    }
  }
  return std::regex(pattern);
}

// Whether `said` is what is shown, all of it.
bool is_shown(const Lines& shown, std::size_t s, const Lines& said, std::size_t a) {
  for (; s < shown.size(); ++s, ++a) {
    if (shown[s] == "...") {
      for (; a <= said.size(); ++a)
        if (is_shown(shown, s + 1, said, a)) return true;
      return false;
    }
    if (a == said.size() || !std::regex_match(said[a], pattern_of(shown[s]))) return false;
  }
  return a == said.size();
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

// A command that stays, and what it has said so far; ready when it says so to NOTIFY_SOCKET.
class Terminal {
 public:
  explicit Terminal(const std::string& command) {
    const std::string address = directory_.path() + "/notify";
    const int notify = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    address.copy(name.sun_path, sizeof name.sun_path - 1);
    if (::bind(notify, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0)
      throw std::runtime_error("no socket for notices");
    pid_ = ::fork();
    if (pid_ == 0) {
      const int out = ::open(output().c_str(), O_RDWR | O_CREAT | O_APPEND, 0600);
      ::dup2(out, 1);
      ::dup2(out, 2);
      ::setenv("NOTIFY_SOCKET", address.c_str(), 1);
      ::execl("/bin/bash", "bash", "-c", ("exec " + command).c_str(), nullptr);
      ::_exit(127);
    }
    pollfd wait{.fd = notify, .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&wait, 1, 60'000), 1) << command << ": " << read_text(output());
    ::close(notify);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (!ends_by_itself_) ::kill(pid_, SIGINT);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    EXPECT_EQ(status, 0) << read_text(output());
  }

  void let_end() { ends_by_itself_ = true; }

  // The lines that have not been looked at, when they are what is shown within the limit.
  void expect(const Lines& shown) {
    Lines now;
    for (const auto end = Clock::now() + k_limit; Clock::now() < end; ::usleep(20'000)) {
      now = lines_of(read_text(output()));
      now.erase(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(seen_));
      if (now.size() >= shown.size()) break;
    }
    seen_ += now.size();
    EXPECT_TRUE(is_shown(shown, 0, now, 0)) << joined(now);
  }

 private:
  [[nodiscard]] std::string output() const { return directory_.path() + "/out"; }
  TemporaryDirectory directory_;
  pid_t pid_ = -1;
  bool ends_by_itself_ = false;
  std::size_t seen_ = 0;
};

// Whether each of its commands went well and said what is shown.
bool type(const Block& block, std::string& complaint) {
  for (std::size_t at = 0; at < block.content.size();) {
    const std::string& command = block.content[at];
    Lines shown;
    for (++at; at < block.content.size() && !is_command(block.content[at]); ++at)
      shown.push_back(block.content[at]);
    const Ran ran = run({"/bin/bash", "-c", command.substr(2)});
    const Lines said = lines_of(ran.output + ran.error);
    if (ran.status == 0 && is_shown(shown, 0, said, 0)) continue;
    complaint =
        command + "\nended with " + std::to_string(ran.status) + " and said\n" + joined(said);
    return false;
  }
  return true;
}

TEST(Guide, LeadsToTheFirstRule) {
  ASSERT_EQ(::chdir(GANCHO_SOURCE_DIR), 0);
  std::map<std::string, std::unique_ptr<Terminal>> terminals;
  std::size_t commands = 0;
  for (const Block& block : blocks_of(lines_of(read_text("docs/guide.md")))) {
    SCOPED_TRACE("docs/guide.md:" + std::to_string(block.line));
    const auto word = [&](const char* name) {
      const auto found = block.words.find(name);
      return found == block.words.end() ? std::string() : found->second;
    };
    const std::string terminal = word("terminal");
    if (block.words.contains("skip")) continue;
    if (const std::string path = word("file"); !path.empty()) {
      std::ofstream file(path);
      for (const std::string& line : block.content) file << line << '\n';
    } else if (block.language == "end") {
      ASSERT_TRUE(terminals.contains(terminal));
      if (block.words.contains("by-itself")) terminals[terminal]->let_end();
      terminals.erase(terminal);
    } else if (block.language == "text") {
      ASSERT_TRUE(terminals.contains(terminal));
      terminals[terminal]->expect(block.content);
    } else if (!terminal.empty()) {
      terminals[terminal] = std::make_unique<Terminal>(block.content[0].substr(2));
      terminals[terminal]->expect({block.content.begin() + 1, block.content.end()});
      ++commands;
    } else {
      ASSERT_EQ(block.language, "console");
      std::string complaint;
      const auto end = Clock::now() + k_limit;
      bool well = type(block, complaint);
      while (!well && block.words.contains("retry") && Clock::now() < end)
        well = type(block, complaint);
      EXPECT_TRUE(well) << complaint;
      for (const std::string& line : block.content) commands += is_command(line) ? 1 : 0;
    }
    if (HasFailure()) break;  // what follows would only be confused
  }
  EXPECT_GE(commands, 20U);
}

}  // namespace
}  // namespace gancho::test
