// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/node_reader.h"

namespace gancho::rules {

// What a file asks for: required_engine_version, required_plugin_versions. Warnings, when this
// build does not have it.
void read_engine_version(const NodeReader& reader, const YamlNode& node);
void read_plugin_versions(const NodeReader& reader, const YamlNode& node);

}  // namespace gancho::rules
