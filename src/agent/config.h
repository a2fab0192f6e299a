// SPDX-License-Identifier: Apache-2.0
//
// The configuration file of `gancho run`: YAML text in, options out. All but load_config() are pure
// functions. Which keys there are is said in agent/settings.h.
#pragma once

#include <string>
#include <string_view>

#include "agent/options.h"
#include "base/result.h"

namespace gancho {

// What `gancho run` does when nothing is configured.
[[nodiscard]] AgentOptions run_defaults();

// Applies `text` on top of `defaults`. Every error says file:line:column, what was expected, and
// the nearest known key; several errors are reported together, one a line.
[[nodiscard]] Result<AgentOptions> parse_config(std::string_view text, std::string_view file_name,
                                                AgentOptions defaults);

// Reads at most 1 MiB of the file and parses it on top of run_defaults(); sets config_file.
[[nodiscard]] Result<AgentOptions> load_config(const std::string& path);

// A commented file that spells out every key with its value in `options`; parse_config() reads it
// back.
[[nodiscard]] std::string print_config(const AgentOptions& options);

// packaging/gancho.yaml: every key with its default.
[[nodiscard]] std::string default_config();

// The generated part of docs/configuration.md.
[[nodiscard]] std::string config_page();

}  // namespace gancho
