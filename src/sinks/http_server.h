// SPDX-License-Identifier: Apache-2.0
//
// A real HTTP or HTTPS server on loopback for tests, which answers as it is told.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gancho::test {

struct HttpAnswer {
  unsigned status = 200;
  std::string body = "ok";
  bool silent = false;   // reads, and never answers
  bool hang_up = false;  // reads, and ends the connection
  bool close = false;    // answers, and ends the connection
};

struct HttpSeen {
  std::string method;
  std::string target;
  std::string body;
  std::map<std::string, std::string> headers;  // names in small letters
  std::size_t connection = 0;                  // its number
};

// A self-signed certificate for localhost and 127.0.0.1, and its key: PEM files in a folder.
struct Certificate {
  std::string certificate_file;
  std::string key_file;
};
[[nodiscard]] Certificate make_certificate(const std::string& folder, const std::string& host);

class HttpServer {
 public:
  // On `port`, or one that is free.
  explicit HttpServer(const Certificate* certificate = nullptr, unsigned short port = 0);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  [[nodiscard]] unsigned short port() const;
  // Of the next requests; afterwards it is 200.
  void answer(std::deque<HttpAnswer> answers);
  [[nodiscard]] std::vector<HttpSeen> seen() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gancho::test
