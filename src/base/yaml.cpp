// SPDX-License-Identifier: Apache-2.0
#include "base/yaml.h"

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

constexpr std::size_t k_max_complaints = 20;
constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";
// What stands for % while yaml-cpp has the text: no file may have it.
constexpr char k_percent = '\x01';

// Thrown through yaml-cpp to stop it, and caught below.
struct Refused {
  Mark at;
  std::string what;
};

Mark to_mark(const YAML::Mark& mark) {
  return {static_cast<std::uint32_t>(std::max(mark.line, 0) + 1),
          static_cast<std::uint32_t>(std::max(mark.column, 0) + 1),
          static_cast<std::uint32_t>(std::max(mark.pos, 0))};
}

std::string too_many_values(const YamlOptions& options) {
  return fmt::format("more than {} values", options.max_values);
}

// What can be said before yaml-cpp sees the text: it takes NUL for the end, replaces what is not
// UTF-8, and holds every bracket of a flow collection in memory until the outermost is closed.
void check_text(std::string_view text, const YamlOptions& options) {
  const std::size_t size = text.size();
  Mark at;
  std::size_t open = 0;
  std::size_t pieces = 0;
  bool indented = true;  // nothing but blanks so far in this line
  while (!text.empty()) {
    const Utf8 next = decode_utf8(text);
    at.offset = static_cast<std::uint32_t>(size - text.size());
    if (next.length == 0) throw Refused{at, "not UTF-8"};
    text.remove_prefix(next.length);
    // An entry of a block cannot stand within brackets: those before it were no YAML.
    if (indented && next.code == '-' && text.starts_with(' ')) open = 0;
    indented = (indented && next.code == ' ') || next.code == '\n';
    switch (next.code) {
      case '[':
      case '{':
        if (++open > options.max_depth) throw Refused{at, "too many brackets inside each other"};
        break;
      case ']':
      case '}':
        if (open > 0) --open;
        break;
      case ',':
        if (++pieces > options.max_values) throw Refused{at, too_many_values(options)};
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

// Builds the tree from the inside out: a collection is put into its parent when it ends.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const YamlOptions& options, Complaints& complaints)
      : options_(options), complaints_(complaints) {}

  std::vector<YamlNode> documents;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!documents.empty() && !options_.documents)
      throw Refused{to_mark(mark), "a second document begins here"};
    documents.emplace_back();
    anchored_.clear();
  }
  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    if (!options_.aliases)
      throw Refused{to_mark(mark), "anchors are not supported: " + in_quotes("&" + name)};
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (!options_.aliases || found == anchored_.end())
      throw Refused{to_mark(mark), "aliases are not supported here"};
    count(found->second, to_mark(mark));
    place(YamlNode(found->second), YAML::NullAnchor);
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place({.kind = YamlNode::Kind::null,
           .at = to_mark(mark),
           .text = {},
           .children = {},
           .key = {},
           .key_at = {}},
          anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    const Mark at = to_mark(mark);
    // yaml-cpp turns some ("\N") into single bytes that are no characters.
    if (!is_utf8(value)) throw Refused{at, "an escape here stands for no character"};
    std::string text = value;
    if (options_.percent) std::ranges::replace(text, k_percent, '%');
    if (!open_.empty() && open_.back().wants_key()) {
      open_.back().begin_entry(text, at, complaints_);
      return;
    }
    place({.kind = YamlNode::Kind::scalar,
           .at = at,
           .text = std::move(text),
           .children = {},
           .key = {},
           .key_at = {}},
          anchor);
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
    YAML::anchor_t anchor = YAML::NullAnchor;
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
        complaints.add(
            {at,
             fmt::format("{} is given twice; it is in line {} too", in_quotes(name), first->second),
             true});
      }
    }
  };

  // "?" is a plain value's own tag, "!" a quoted one's.
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refused{to_mark(mark), "tags are not supported: " + in_quotes(tag)};
  }

  void begin(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    const Mark at = to_mark(mark);
    if (!open_.empty() && open_.back().wants_key()) throw Refused{at, "a key must be a plain word"};
    if (open_.size() == options_.max_depth) throw Refused{at, "nested too deeply"};
    open_.emplace_back();
    open_.back().anchor = anchor;
    open_.back().node.kind = kind;
    open_.back().node.at = at;
  }

  void end() {
    YamlNode node = std::move(open_.back().node);
    const YAML::anchor_t anchor = open_.back().anchor;
    open_.pop_back();
    place(std::move(node), anchor);
  }

  // A copy of `node` is about to be made at `at`: as much as if it were written there.
  void count(const YamlNode& node, Mark at) {  // NOLINT(misc-no-recursion): bounded by max_depth
    take(node.text.size() + node.key.size(), at);
    for (const YamlNode& child : node.children) count(child, at);
  }

  void take(std::size_t bytes, Mark at) {
    bytes_ += bytes;
    if (++values_ > options_.max_values) throw Refused{at, too_many_values(options_)};
    if (bytes_ > options_.max_bytes) throw Refused{at, "aliases make this too large"};
  }

  void place(YamlNode node, YAML::anchor_t anchor) {
    take(node.text.size(), node.at);
    if (anchor != YAML::NullAnchor) {
      count(node, node.at);
      anchored_[anchor] = node;
    }
    if (open_.empty()) {
      documents.back() = std::move(node);
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

  const YamlOptions& options_;
  Complaints& complaints_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, YamlNode> anchored_;
  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

std::string_view kind_name(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "keys";
  }
  return "";
}

void Complaints::add(Complaint complaint) {
  if (++count_ <= k_max_complaints) kept_.push_back(std::move(complaint));
}

Error Complaints::error() const {
  Error error{Errc::input, {}};
  for (const Complaint& complaint : kept_) {
    if (!error.message.empty()) error.message += '\n';
    error.message += complaint.at.line == 0
                         ? fmt::format("{}: {}", file_name_, complaint.what)
                         : fmt::format("{}:{}:{}: {}", file_name_, complaint.at.line,
                                       complaint.at.column, complaint.what);
  }
  if (count_ > k_max_complaints)
    error.message += fmt::format("\n{}: and {} more", file_name_, count_ - k_max_complaints);
  return error;
}

bool parse_yaml(std::string_view text, const YamlOptions& options, std::vector<YamlNode>& documents,
                Complaints& complaints) {
  if (text.size() > options.max_bytes) {
    complaints.add(fmt::format("larger than {}", print_bytes(options.max_bytes)));
    return false;
  }
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  try {
    check_text(text, options);
    std::string copy(text);
    // A % in the first column may begin a directive.
    for (std::size_t i = 1; options.percent && i < copy.size(); ++i)
      if (copy[i] == '%' && copy[i - 1] != '\n') copy[i] = k_percent;
    std::istringstream stream(std::move(copy));
    YAML::Parser parser(stream);
    Builder builder(options, complaints);
    while (parser.HandleNextDocument(builder)) {
    }
    documents = std::move(builder.documents);
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

bool parse_yaml(std::string_view text, YamlNode& root, Complaints& complaints) {
  std::vector<YamlNode> documents;
  if (!parse_yaml(text, YamlOptions{}, documents, complaints)) return false;
  root = documents.empty() ? YamlNode{} : std::move(documents.front());
  return true;
}

}  // namespace gancho
