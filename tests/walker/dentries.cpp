// SPDX-License-Identifier: Apache-2.0
#include "walker/dentries.h"

#include <algorithm>

namespace gancho::test {

int Dentries::dentry(int index) const {
  while (node(index).mount && node(index).source >= 0) index = node(index).source;
  return index;
}

// Of a dentry's node, the parent's; -1 for the root of a file system.
int Dentries::parent(int index) const {
  return node(index).mount || node(index).parent < 0 ? -1 : dentry(node(index).parent);
}

bool Dentries::is_below(int index, int ancestor) const {
  ancestor = dentry(ancestor);
  for (int at = dentry(index); at >= 0; at = parent(at))
    if (at == ancestor) return true;
  return false;
}

bool Dentries::outside(int index) const {
  const Node& it = node(index);
  return it.kind == Kind::named && it.in >= 0 && !is_below(index, it.in);
}

std::vector<std::string> Dentries::names(int index) const {
  std::vector<std::string> names;
  for (int at = dentry(index); parent(at) >= 0; at = parent(at)) names.push_back(node(at).name);
  std::ranges::reverse(names);
  return names;
}

int Dentries::file_system(int index) const {
  int at = dentry(index);
  while (parent(at) >= 0) at = parent(at);
  return at;
}

std::string Dentries::below_file_system(int index) const {
  std::string path;
  for (const std::string& name : names(index)) path += "/" + name;
  return path;
}

}  // namespace gancho::test
