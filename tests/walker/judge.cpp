// SPDX-License-Identifier: Apache-2.0
#include "walker/judge.h"

#include "wire/event.h"

namespace gancho::test {
namespace {

constexpr std::uint32_t k_no_way_up = EV_PATH_DETACHED | EV_PATH_UNREACHABLE;

std::string last_names(const std::string& path) {
  std::size_t at = path.size();
  while (at > 0) {
    const std::size_t next = path.rfind('/', at - 1);
    if (path.size() - next > EV_PATH_MAX) break;
    at = next;
  }
  return path.substr(at);
}

std::string compared(const Walked& walked, const Walked& wanted) {
  return walked == wanted ? "" : "wanted " + shown(wanted);
}

// Both links without " (deleted)".
struct Links {
  std::optional<std::string> inside, outside;
  bool deleted = false;
};

std::string judge_unnamed(const Node& node, const std::string& link, const Walked& walked) {
  const Walked wanted{.path = "/" + node.name, .root_length = 0, .flags = k_no_way_up};
  if (node.kind == Kind::memfd && link != wanted.path + std::string(k_deleted))
    return "not a memfd's link";
  if (node.kind == Kind::pseudo && link.starts_with('/')) return "not a pseudo file's link";
  return compared(walked, wanted);
}

// For a path that is whole, whatever its length. `rest` is its part below JAIL where that is `met`.
Walked wanted_of(Scene& scene, const std::string& path, bool met, const std::string& rest,
                 bool detached, bool deleted) {
  Walked wanted{.path = path};
  if (path.size() > EV_PATH_MAX) {
    wanted.path = last_names(path);
    wanted.flags |= EV_PATH_TRUNCATED;
    ++scene.counts.truncated;
  } else if (detached) {
    wanted.flags |= EV_PATH_DETACHED;
    ++scene.counts.detached;
  }
  if (met && rest.size() <= EV_PATH_MAX) {
    wanted.root_length = wanted.path.size() - rest.size();
    if (scene.jail >= 0) ++scene.counts.in_jail;
  } else {
    wanted.flags |= EV_PATH_UNREACHABLE;
    ++scene.counts.unreachable;
  }
  if (deleted) {
    wanted.flags |= EV_PATH_DELETED;
    ++scene.counts.deleted;
  }
  return wanted;
}

// Whether readlink has the room for it: PATH_MAX, with a NUL.
bool fits(const std::string& path, bool deleted) {
  return path.size() + (deleted ? k_deleted.size() : 0) < EV_PATH_MAX;
}

std::string judge_escaped(Scene& scene, int index, const Links& links, const Walked& walked) {
  const Dentries& dentries = scene.dentries;
  const std::string path = dentries.below_file_system(index);
  const bool met = scene.jail >= 0 && dentries.node(scene.jail).in == dentries.node(index).in &&
                   dentries.is_below(index, scene.jail);
  const std::string rest = met ? path.substr(scene.jail_path.size()) : "";
  const std::string& way = met ? rest : path;

  if (links.outside.has_value() != fits(path, links.deleted) || links.outside.value_or("/") != "/")
    return "the kernel has a way up";
  if (links.inside.has_value() != fits(way, links.deleted) ||
      links.inside.value_or("/") != (met && links.inside && !rest.empty() ? rest : "/"))
    return "the kernel does not say what is below the jail";
  ++scene.counts.escaped;
  if (met) ++scene.counts.escaped_in_jail;
  if (dentries.node(index).directory) ++scene.counts.escaped_directories;
  return compared(walked, wanted_of(scene, path, met, rest, true, links.deleted));
}

std::string judge_inside(Scene& scene, int index, const Links& links, const Walked& walked) {
  const Full full = scene.paths.of(index);
  const Node& node = scene.dentries.node(index);
  const std::string& jail = scene.jail_path;
  if (full.deleted != links.deleted && (links.inside || links.outside))
    return "deleted for one reader only";

  // Whether JAIL is above: H = RL. The names alone do not tell: a directory and the mount that
  // covers it have the same. An L that is too long although its part of H would fit is H itself.
  const bool jail_escaped = scene.jail >= 0 && scene.dentries.outside(scene.jail);
  const bool below = !jail_escaped && full.path.starts_with(jail) &&
                     (full.path.size() == jail.size() || full.path[jail.size()] == '/');
  const std::string rest = below ? full.path.substr(jail.size()) : "";
  const bool detached = !scene.mounts.contains(scene.proc.mount_of(node.fd));
  const bool met = scene.jail < 0 ? !detached
                   : links.inside ? below && *links.inside == (rest.empty() ? "/" : rest)
                                  : below && !fits(rest, full.deleted);
  if (links.inside && !met && *links.inside != full.path) return "readlink gives neither L nor H";
  if (!links.inside) ++scene.counts.too_long;
  return compared(walked, wanted_of(scene, full.path, met, rest, detached, full.deleted));
}

}  // namespace

std::string judge(Scene& scene, int index, const std::optional<std::string>& inside,
                  const std::optional<std::string>& outside, const std::optional<Walked>& walked) {
  if (!walked) return "no answer";
  ++scene.counts.compared;
  const Node& node = scene.dentries.node(index);
  if (node.kind != Kind::named) return judge_unnamed(node, inside.value_or(""), *walked);

  Links links{.inside = inside, .outside = outside};
  const bool in = links.inside && strip_deleted(*links.inside);
  const bool out = links.outside && strip_deleted(*links.outside);
  if (links.inside && links.outside && in != out) return "deleted for one reader only";
  links.deleted = links.inside || links.outside ? in || out : scene.dentries.removed(index);
  return scene.dentries.outside(index) ? judge_escaped(scene, index, links, *walked)
                                       : judge_inside(scene, index, links, *walked);
}

}  // namespace gancho::test
