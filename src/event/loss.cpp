// SPDX-License-Identifier: Apache-2.0
#include "event/loss.h"

namespace gancho {

std::string_view loss_reason_name(LossReason reason) {
  switch (reason) {
    case LossReason::ring:
      return "ring_full";
    case LossReason::slot:
      return "no_slot";
    case LossReason::output:
      return "slow_reader";
  }
  return "unknown";
}

std::string_view loss_reason_text(LossReason reason) {
  switch (reason) {
    case LossReason::ring:
      return "ring full";
    case LossReason::slot:
      return "no free record slot";
    case LossReason::output:
      return "slow reader";
  }
  return "unknown";
}

}  // namespace gancho
