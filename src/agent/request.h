// SPDX-License-Identifier: Apache-2.0
//
// What a client may ask an agent, one line of JSON each, and how an answer ends. Pure.
//
//   -> {"get":"processes"}
//   <- a line for each process (src/enrich/process_json.h)
//   <- {"end":"processes","lines":N,"processes":{...},...}  the answer is whole
//   <- {"error":"..."}                                      instead of it
#pragma once

#include <string>
#include <string_view>

#include "agent/holdings.h"
#include "base/bytes.h"
#include "base/result.h"

namespace gancho {

inline constexpr std::size_t k_request_max = 1024;  // bytes of a line, its newline included

enum class Request : unsigned char { processes };

// `line` without its newline. Anything that is not exactly a known request is an error.
[[nodiscard]] Result<Request> parse_request(std::string_view line);

[[nodiscard]] std::string print_request(Request request);  // with its newline
[[nodiscard]] std::string print_refusal(std::string_view why);
void write_answer_end(std::uint64_t lines, const Holdings& holdings, ByteBuffer& out);

}  // namespace gancho
