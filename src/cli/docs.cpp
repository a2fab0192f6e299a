// SPDX-License-Identifier: Apache-2.0
//
// gancho docs: the reference pages of this very build.
#include <array>

#include "agent/config.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "event/reference.h"
#include "load/hooks_page.h"
#include "rules/field_facts.h"

namespace gancho {
namespace {

struct Page {
  std::string_view name;
  std::string (*make)();
};

constexpr auto k_pages = std::to_array<Page>({{"events", events_page},
                                              {"fields", rules::fields_page},
                                              {"hooks", hooks_page},
                                              {"config", config_page}});

std::vector<std::string_view> page_names() {
  std::vector<std::string_view> names;
  for (const Page& page : k_pages) names.push_back(page.name);
  return names;
}

constexpr auto k_operands =
    std::to_array<Parameter>({{.names = "PAGE", .meaning = "Which page", .words = page_names}});

constexpr auto k_examples =
    std::to_array<std::string_view>({"gancho docs events | less", "gancho docs config"});

Result<int> run(const Arguments& arguments) {
  const std::string& name = arguments.operands.front();
  for (const Page& page : k_pages) {
    if (page.name != name) continue;
    TRY(print(page.make()));
    return 0;
  }
  return fail(Errc::usage, "unknown page " + in_quotes(name) + did_you_mean(name, page_names()));
}

}  // namespace

constinit const CommandDesc k_docs_command{
    .name = "docs",
    .meaning = "Print a reference page of this build, in Markdown",
    .operands = k_operands,
    .required = true,
    .examples = k_examples,
    .run = run,
};

}  // namespace gancho
