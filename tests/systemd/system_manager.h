// SPDX-License-Identifier: Apache-2.0
//
// systemd as the first process of a PID namespace, with the few units that a service hangs on and
// no other: what runs under it runs as on a machine that booted with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "support/agent.h"

namespace gancho::test {

class SystemManager {
 public:
  SystemManager();  // waits until it answers; throws std::runtime_error when it does not
  SystemManager(const SystemManager&) = delete;
  SystemManager& operator=(const SystemManager&) = delete;
  ~SystemManager();

  // Where it looks for units; one that is put there needs a `daemon-reload`.
  [[nodiscard]] static std::string unit_directory();

  // `systemctl WORD...`
  [[nodiscard]] Ran control(std::vector<std::string> words) const;

  // One property of a unit, such as ActiveState.
  [[nodiscard]] std::string property(const std::string& unit, const std::string& name) const;

  // Waits until that property is `value`; throws after a minute, with what it was.
  void wait_for(const std::string& unit, const std::string& name, const std::string& value) const;

  // The unit's main process, as this process numbers it.
  [[nodiscard]] pid_t main_process(const std::string& unit) const;

 private:
  pid_t outside_ = -1;  // the process that waits for it
  pid_t pid_ = -1;      // systemd itself
};

}  // namespace gancho::test
