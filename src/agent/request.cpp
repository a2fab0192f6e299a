// SPDX-License-Identifier: Apache-2.0
#include "agent/request.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "event/json.h"

namespace gancho {

namespace json = boost::json;

Result<Request> parse_request(std::string_view line) {
  if (line.size() >= k_request_max) return fail(Errc::input, "the request is too long");
  json::parse_options options;
  options.max_depth = 4;
  json::error_code error;
  const json::value value = json::parse(line, error, {}, options);
  if (error) return fail(Errc::input, "the request is not JSON");
  const json::object* const object = value.if_object();
  const json::value* const get = object == nullptr ? nullptr : object->if_contains("get");
  if (get == nullptr || object->size() != 1 || !get->is_string())
    return fail(Errc::input, R"(a request is {"get":WHAT})");
  if (get->get_string() != "processes")
    return fail(Errc::input, "nothing can be got but \"processes\"");
  return Request::processes;
}

std::string print_request(Request request) {
  switch (request) {
    case Request::processes:
      break;
  }
  return "{\"get\":\"processes\"}\n";
}

std::string print_refusal(std::string_view why) {
  std::string text(k_json_expansion * why.size() + 16, '\0');
  bool exact = true;
  const char* const end = write_json_escaped(text.data(), why, exact);
  text.resize(static_cast<std::size_t>(end - text.data()));
  return "{\"error\":\"" + text + "\"}\n";
}

void write_answer_end(std::uint64_t lines, const Holdings& holdings, ByteBuffer& out) {
  out.append(
      fmt::format("{{\"end\":\"processes\",\"lines\":{},{}}}\n", lines, json_members(holdings)));
}

}  // namespace gancho
