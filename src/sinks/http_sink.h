// SPDX-License-Identifier: Apache-2.0
//
// The JSON of alerts by HTTP or HTTPS, over a connection that is kept. Beast, Asio and OpenSSL are
// seen by http_sink.cpp only.
#pragma once

#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sinks/options.h"
#include "sinks/sink.h"
#include "sinks/url.h"

namespace gancho {

class HttpSink final : public Sink {
 public:
  // Reads what is in files: to be called before a sandbox shuts.
  [[nodiscard]] static Result<std::unique_ptr<HttpSink>> create(const AlertHttpOptions& options,
                                                                SinkContext context);
  ~HttpSink() override;

 private:
  class Connection;
  using Headers = std::vector<std::pair<std::string, std::string>>;

  HttpSink(AlertHttpOptions options, SinkContext context, Url url, Headers headers,
           std::unique_ptr<Connection> connection);
  [[nodiscard]] Delivery deliver(const Alert& alert, unsigned retry) override;
  [[nodiscard]] std::chrono::milliseconds wait_before(unsigned retry) override;

  AlertHttpOptions options_;
  Url url_;
  Headers headers_;
  std::unique_ptr<Connection> connection_;
  std::minstd_rand random_;
};

// Lines "Name: value" of a file that nobody but its owner can read.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> read_headers_file(
    const std::string& path);

}  // namespace gancho
