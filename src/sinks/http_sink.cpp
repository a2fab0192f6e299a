// SPDX-License-Identifier: Apache-2.0
#include "sinks/http_sink.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/read_file.h"

namespace gancho {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
// Of an io_context: an executor that could be any is much to compile.
using Executor = asio::io_context::executor_type;

constexpr std::size_t k_headers_file_max = 64 << 10;
constexpr std::uint64_t k_body_max = 64 << 10;  // of an answer; nobody reads it
constexpr milliseconds k_wait_max{30'000};

// A request as it goes over the wire: one buffer, which any stream can write. The library's own way
// of writing requests is much to compile.
std::string text_of(const http::request_header<>& head, std::string_view body) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", std::string_view(head.method_string()),
                                 std::string_view(head.target()));
  for (const auto& field : head)
    text += fmt::format("{}: {}\r\n", std::string_view(field.name_string()),
                        std::string_view(field.value()));
  text += fmt::format("Content-Length: {}\r\n\r\n", body.size());
  text += body;
  return text;
}

// Looks up the addresses of one host. The system's resolver cannot be interrupted and has time-outs
// of its own (resolv.conf), so the look-up goes on in another thread when nobody waits any longer:
// the next one who asks waits for the same.
class HostLookUp {
 public:
  // Good until the next call.
  error_code find(const Url& url, std::chrono::steady_clock::time_point deadline) {
    if (!answer_) {
      answer_ = std::make_shared<Answer>();
      resolver_.async_resolve(
          url.host, fmt::format("{}", url.port),
          [answer = answer_](const error_code& error, tcp::resolver::results_type found) {
            answer->error = error;
            answer->found = std::move(found);
            answer->is_there = true;
          });
    }
    io_.restart();
    (void)io_.run_until(deadline);
    if (!answer_->is_there) return asio::error::timed_out;
    found_ = std::move(answer_->found);
    return std::exchange(answer_, nullptr)->error;
  }
  [[nodiscard]] const tcp::resolver::results_type& found() const { return found_; }

 private:
  struct Answer {
    error_code error;
    tcp::resolver::results_type found;
    bool is_there = false;
  };
  asio::io_context io_;
  asio::ip::basic_resolver<tcp, Executor> resolver_{io_};
  std::shared_ptr<Answer> answer_;  // that is waited for
  tcp::resolver::results_type found_;
};

}  // namespace

// One at a time, made anew when it has ended. All steps are asynchronous ones that are waited for,
// because only those have a time-out.
class HttpSink::Connection {
 public:
  Connection(Url url, milliseconds timeout)
      : url_(std::move(url)), timeout_(timeout), tls_(asio::ssl::context::tls_client) {}

  Status trust(const std::string& ca_file) {
    if (!url_.tls) return {};
    error_code error;
    (void)tls_.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                               asio::ssl::context::no_tlsv1_1,
                           error);
    if (ca_file.empty())
      (void)tls_.set_default_verify_paths(error);
    else
      (void)tls_.load_verify_file(ca_file, error);
    if (error)
      return fail(Errc::input,
                  fmt::format("cannot use the certificates of {}: {}",
                              ca_file.empty() ? "this machine" : ca_file, error.message()));
    (void)tls_.set_verify_mode(asio::ssl::verify_peer, error);
    return {};
  }

  // The status of the answer, or why there is none.
  Result<unsigned> post(std::string_view request) {
    // The other side may have ended a connection that was kept, which is no failure yet.
    const bool kept = is_open();
    Result<unsigned> status = try_post(request);
    if (!status && kept && !timed_out_) status = try_post(request);
    return status;
  }

 private:
  using Plain = beast::basic_stream<tcp, Executor>;
  using Secure = beast::ssl_stream<Plain>;

  [[nodiscard]] bool is_open() const { return plain_ || secure_; }
  void close() {
    secure_.reset();
    plain_.reset();
    buffer_.clear();
  }
  Plain& lowest() { return secure_ ? beast::get_lowest_layer(*secure_) : *plain_; }

  // What a step tells its end to: one type for all steps, as each makes every operation anew for
  // the compiler.
  struct Ended {
    error_code* result;
    template <class... More>
    void operator()(const error_code& error, More&&...) const {
      *result = error;
    }
  };

  // Runs one step to its end.
  template <class Start>
  error_code step(Start start) {
    error_code result = asio::error::operation_aborted;
    start(Ended{&result});
    io_.restart();
    io_.run();
    timed_out_ = result == beast::error::timeout;
    return result;
  }

  Status open(std::chrono::steady_clock::time_point deadline) {
    error_code error = host_.find(url_, deadline);
    if (error) return lost("cannot find the host", error);
    if (url_.tls)
      secure_.emplace(io_, tls_);
    else
      plain_.emplace(io_);
    lowest().expires_at(deadline);
    error = step([&](Ended handler) { lowest().async_connect(host_.found(), handler); });
    if (error) return lost("cannot connect", error);
    if (!secure_) return {};
    // Whose certificate it must be: an address, or a name, which is sent, too.
    SSL* const tls = secure_->native_handle();
    if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls), url_.host.c_str()) != 1) {
      ::SSL_set1_host(tls, url_.host.c_str());
      // SSL_set_tlsext_host_name() without its casts.
      (void)::SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                       url_.host.data());
    }
    error = step(
        [&](Ended handler) { secure_->async_handshake(asio::ssl::stream_base::client, handler); });
    if (!error) return {};
    const long verdict = ::SSL_get_verify_result(secure_->native_handle());
    if (verdict != X509_V_OK) {
      close();
      return fail(Errc::system, fmt::format("the certificate is not trusted: {}",
                                            ::X509_verify_cert_error_string(verdict)));
    }
    return lost("no TLS", error);
  }

  Result<unsigned> try_post(std::string_view request) {
    const auto deadline = std::chrono::steady_clock::now() + timeout_;
    if (!is_open()) TRY(open(deadline));
    lowest().expires_at(deadline);
    error_code error = step([&](Ended handler) {
      if (secure_)
        asio::async_write(*secure_, asio::buffer(request), handler);
      else
        asio::async_write(*plain_, asio::buffer(request), handler);
    });
    if (error) return lost("cannot send", error);
    http::response_parser<http::string_body> parser;
    parser.body_limit(k_body_max);
    error = step([&](Ended handler) {
      if (secure_)
        http::async_read(*secure_, buffer_, parser, handler);
      else
        http::async_read(*plain_, buffer_, parser, handler);
    });
    // A body that is too long has a status in front of it.
    if (error && !(error == http::error::body_limit && parser.is_header_done()))
      return lost("no answer", error);
    const unsigned status = parser.get().result_int();
    if (error || !parser.get().keep_alive()) close();
    return status;
  }

  std::unexpected<Error> lost(std::string_view what, const error_code& error) {
    close();
    return fail(Errc::system, fmt::format("{}: {}", what, error.message()));
  }

  Url url_;
  milliseconds timeout_;
  HostLookUp host_;
  asio::io_context io_;
  asio::ssl::context tls_;
  std::optional<Plain> plain_;
  std::optional<Secure> secure_;
  beast::flat_buffer buffer_;
  bool timed_out_ = false;
};

Result<std::vector<std::pair<std::string, std::string>>> read_headers_file(
    const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    return fail(Errc::permission,
                fmt::format("{} can be read by others than its owner; chmod 600 it", path));
  const std::string text = TRY(read_regular_file(path, k_headers_file_max));
  std::vector<std::pair<std::string, std::string>> headers;
  std::size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    ++number;
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    auto header = parse_header(line);
    if (!header) return wrap(fmt::format("{}:{}", path, number), header.error());
    headers.push_back(std::move(*header));
  }
  return headers;
}

Result<std::unique_ptr<HttpSink>> HttpSink::create(const AlertHttpOptions& options,
                                                   SinkContext context) {
  Url url = TRY(parse_url(options.url));
  Headers headers;
  for (const std::string& line : options.headers) headers.push_back(TRY(parse_header(line)));
  if (!options.headers_file.empty())
    for (auto& header : TRY(read_headers_file(options.headers_file)))
      headers.push_back(std::move(header));
  try {
    auto connection = std::make_unique<Connection>(url, options.timeout);
    TRY(connection->trust(options.ca_file));
    return std::unique_ptr<HttpSink>(new HttpSink(options, std::move(context), std::move(url),
                                                  std::move(headers), std::move(connection)));
  } catch (const std::exception& error) {
    return fail(Errc::system, fmt::format("cannot prepare HTTP: {}", error.what()));
  }
}

HttpSink::HttpSink(AlertHttpOptions options, SinkContext context, Url url, Headers headers,
                   std::unique_ptr<Connection> connection)
    : Sink(SinkKind::http, std::move(context)),
      options_(std::move(options)),
      url_(std::move(url)),
      headers_(std::move(headers)),
      connection_(std::move(connection)),
      random_(std::random_device()()) {}

HttpSink::~HttpSink() {
  end();
}

// Half of it is chance, so that many agents do not come back at the same moment.
milliseconds HttpSink::wait_before(unsigned retry) {
  const milliseconds longest =
      std::min(options_.first_wait * (1U << std::min(retry - 1, 16U)), k_wait_max);
  std::uniform_int_distribution<milliseconds::rep> chance(0, longest.count() / 2);
  return longest - milliseconds(chance(random_));
}

Sink::Delivery HttpSink::deliver(const Alert& alert, unsigned retry) {
  const auto again = [&](std::string why) -> Delivery {
    why = fmt::format("{}: {}", url_.authority(), why);
    if (retry < options_.retries) return {Outcome::retry, why + "; it is tried again"};
    return {Outcome::failed, why};
  };
  try {
    http::request_header<> request;
    request.method(http::verb::post);
    request.target(url_.target);
    request.set(http::field::host, url_.authority());
    request.set(http::field::user_agent, "gancho");
    request.set(http::field::content_type, "application/json");
    for (const auto& [name, value] : headers_) request.set(name, value);
    const Result<unsigned> status = connection_->post(text_of(request, alert.json));
    if (!status) return again(status.error().message);
    if (*status >= 200 && *status < 300) return {};
    const std::string why = fmt::format("status {}", *status);
    if (*status >= 500 || *status == 429) return again(why);
    return {Outcome::failed, fmt::format("{}: {}", url_.authority(), why)};
  } catch (const std::exception& error) {
    return again(error.what());
  }
}

}  // namespace gancho
