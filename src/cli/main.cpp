// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "cli/cli.h"

int main(int argc, char** argv) {
  // Whoever started us may have had it ignored. A filter whose reader leaves ends by it, without a
  // word.
  std::signal(SIGPIPE, SIG_DFL);
  // What was closed must not become the first file that we open: the place is taken by something
  // that can neither be read nor written from there.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0)
      (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  return gancho::run_cli(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
