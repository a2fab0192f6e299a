// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cstring>

namespace gancho {

std::unexpected<Error> fail_errno(std::string what, int error_number) {
  const bool denied = error_number == EPERM || error_number == EACCES;
  return fail(denied ? Errc::permission : Errc::system,
              std::move(what) + ": " + std::strerror(error_number));
}

int exit_status(const Error& error) {
  switch (error.code) {
    case Errc::usage:
      return 64;
    case Errc::permission:
    case Errc::unsupported:
      return 2;
    case Errc::input:
    case Errc::system:
    case Errc::internal:
      return 1;
  }
  return 1;
}

}  // namespace gancho
