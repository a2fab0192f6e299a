// SPDX-License-Identifier: Apache-2.0
#include "agent/yaml.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "base/quote.h"
#include "base/units.h"
#include "base/utf8.h"

namespace gancho {
namespace {

// yaml-cpp recurses once a level, and no file of ours has more than three.
constexpr std::size_t k_max_depth = 16;
constexpr std::size_t k_max_values = 10'000;
constexpr std::size_t k_max_complaints = 20;

// Thrown through yaml-cpp to stop it, and caught below.
struct Refused {
  Mark at;
  std::string what;
};

Mark to_mark(const YAML::Mark& mark) {
  return {static_cast<std::uint32_t>(std::max(mark.line, 0) + 1),
          static_cast<std::uint32_t>(std::max(mark.column, 0) + 1)};
}

// What can be said before yaml-cpp sees the text: it takes NUL for the end, replaces what is not
// UTF-8, and holds every bracket of a flow collection in memory until the outermost is closed.
void check_text(std::string_view text) {
  constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  Mark at;
  std::size_t open = 0;
  std::size_t pieces = 0;
  while (!text.empty()) {
    const Utf8 next = decode_utf8(text);
    if (next.length == 0) throw Refused{at, "not UTF-8"};
    text.remove_prefix(next.length);
    switch (next.code) {
      case '[':
      case '{':
        if (++open > k_max_depth) throw Refused{at, "too many brackets inside each other"};
        break;
      case ']':
      case '}':
        if (open > 0) --open;
        break;
      case ',':
        if (++pieces > k_max_values)
          throw Refused{at, fmt::format("more than {} values", k_max_values)};
        break;
      case '\n':
        ++at.line;
        at.column = 1;
        continue;
      default:
        if ((next.code < 0x20 && next.code != '\t' && next.code != '\r') ||
            (next.code >= 0x7f && next.code < 0xa0)) {
          throw Refused{
              at, fmt::format("control character U+{:04X}", static_cast<std::uint32_t>(next.code))};
        }
    }
    ++at.column;
  }
}

// yaml-cpp turns some escapes ("\N") into single bytes that are no characters.
bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8 next = decode_utf8(text);
    if (next.length == 0) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

// Builds the tree from the inside out: a collection is put into its parent when it ends.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(Complaints& complaints) : complaints_(complaints) {}

  YamlNode root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true))
      throw Refused{to_mark(mark), "a second document begins here"};
  }
  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    throw Refused{to_mark(mark), "anchors are not supported: " + in_quotes("&" + name)};
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{to_mark(mark), "aliases are not supported"};
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    place({.kind = YamlNode::Kind::null,
           .at = to_mark(mark),
           .text = {},
           .children = {},
           .key = {},
           .key_at = {}});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    const Mark at = to_mark(mark);
    if (!is_utf8(value)) throw Refused{at, "an escape here stands for no character"};
    if (!open_.empty() && open_.back().wants_key()) {
      open_.back().begin_entry(value, at, complaints_);
      return;
    }
    place({.kind = YamlNode::Kind::scalar,
           .at = at,
           .text = value,
           .children = {},
           .key = {},
           .key_at = {}});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(YamlNode::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(YamlNode::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    YamlNode node;
    bool has_key = false;
    bool repeated = false;
    std::string key;
    Mark key_at;
    std::unordered_map<std::string, std::uint32_t> lines;  // of the keys so far

    [[nodiscard]] bool wants_key() const { return node.kind == YamlNode::Kind::map && !has_key; }

    void begin_entry(const std::string& name, Mark at, Complaints& complaints) {
      has_key = true;
      key = name;
      key_at = at;
      const auto [first, is_new] = lines.emplace(name, at.line);
      repeated = !is_new;
      if (repeated) {
        complaints.add(at, fmt::format("{} is given twice; it is in line {} too", in_quotes(name),
                                       first->second));
      }
    }
  };

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) throw Refused{to_mark(mark), "anchors are not supported"};
  }
  // "?" is a plain value's own tag, "!" a quoted one's.
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refused{to_mark(mark), "tags are not supported: " + in_quotes(tag)};
  }

  void begin(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    const Mark at = to_mark(mark);
    if (!open_.empty() && open_.back().wants_key()) throw Refused{at, "a key must be a plain word"};
    if (open_.size() == k_max_depth) throw Refused{at, "nested too deeply"};
    open_.emplace_back();
    open_.back().node.kind = kind;
    open_.back().node.at = at;
  }

  void end() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(node));
  }

  void place(YamlNode node) {
    if (++values_ > k_max_values)
      throw Refused{node.at, fmt::format("more than {} values", k_max_values)};
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.wants_key()) throw Refused{node.at, "a key must be a plain word"};
    if (parent.node.kind == YamlNode::Kind::map) {
      parent.has_key = false;
      node.key = std::move(parent.key);
      node.key_at = parent.key_at;
      if (parent.repeated) return;
    }
    parent.node.children.push_back(std::move(node));
  }

  Complaints& complaints_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
  bool started_ = false;
};

}  // namespace

void Complaints::add(Mark at, std::string_view what) {
  if (++count_ > k_max_complaints) return;
  if (!lines_.empty()) lines_ += '\n';
  lines_ += fmt::format("{}:{}:{}: {}", file_name_, at.line, at.column, what);
}

void Complaints::add(std::string_view what) {
  if (++count_ > k_max_complaints) return;
  if (!lines_.empty()) lines_ += '\n';
  lines_ += fmt::format("{}: {}", file_name_, what);
}

Error Complaints::error() const {
  Error error{Errc::input, lines_};
  if (count_ > k_max_complaints) {
    error.message += fmt::format("\n{}: and {} more", file_name_, count_ - k_max_complaints);
  }
  return error;
}

bool parse_yaml(std::string_view text, YamlNode& root, Complaints& complaints) {
  if (text.size() > k_yaml_max_bytes) {
    complaints.add(fmt::format("larger than {}", print_bytes(k_yaml_max_bytes)));
    return false;
  }
  try {
    check_text(text);
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder(complaints);
    while (parser.HandleNextDocument(builder)) {
    }
    root = std::move(builder.root);
    return true;
  } catch (const Refused& refused) {
    complaints.add(refused.at, refused.what);
  } catch (const YAML::Exception& error) {
    // Some of yaml-cpp's messages quote the text.
    std::string what;
    for (const char c : error.msg) what += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    complaints.add(to_mark(error.mark), what.substr(0, 200));
  }
  return false;
}

}  // namespace gancho
