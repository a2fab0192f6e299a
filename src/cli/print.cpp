// SPDX-License-Identifier: Apache-2.0
#include "cli/print.h"

#include <unistd.h>

#include <span>

#include "base/byte_sink.h"

namespace gancho {

Status print(std::string_view text) {
  return FdSink(STDOUT_FILENO, "standard output").write(std::as_bytes(std::span(text)));
}

}  // namespace gancho
