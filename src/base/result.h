// SPDX-License-Identifier: Apache-2.0
//
// How failure travels: Result<T> for whatever can fail, one Error that a person can act on.
// No exception crosses a module; what third parties throw is caught in the one file that calls
// them.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace gancho {

enum class Errc {
  usage,        // the caller asked for something that does not exist
  input,        // a file or a record is not what it claims to be
  permission,   // more privilege is needed
  unsupported,  // this kernel cannot do it
  system,       // a system call failed
  internal,     // a promise of our own was broken
};

// One line for a person: what, where, what to do. No trailing dot, no newline.
struct Error {
  Errc code = Errc::internal;
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

// "WHAT: No such file or directory"
[[nodiscard]] std::unexpected<Error> fail_errno(std::string what, int error_number);

// Puts what was being attempted in front of an error from below.
[[nodiscard]] inline std::unexpected<Error> wrap(std::string context, Error error) {
  error.message = std::move(context) + ": " + error.message;
  return std::unexpected(std::move(error));
}

// The status that a command ends with after this error: 2 when nothing could be done at all
// (as `gancho check` has it), 64 for wrong usage (sysexits.h), else 1.
[[nodiscard]] int exit_status(const Error& error);

}  // namespace gancho

// Value of a Result (nothing of a Status), or return its error from the function that we are in. A
// GNU statement expression: both compilers have it, and nothing standard reads as well.
#define TRY(expression)                                                       \
  ({                                                                          \
    auto try_result_ = (expression);                                          \
    if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
    std::move(try_result_).value();                                           \
  })
