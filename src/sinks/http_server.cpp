// SPDX-License-Identifier: Apache-2.0
#include "sinks/http_server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <cstdio>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace gancho::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
// Of one io_context: an executor that could be any is much to compile.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Plain = beast::basic_stream<tcp, Executor>;

void require(bool good) {
  if (!good) throw std::runtime_error("cannot make a certificate");
}

}  // namespace

Certificate make_certificate(const std::string& folder, const std::string& host) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      ::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &::EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> made(::X509_new(), &::X509_free);
  require(key && made);
  ::X509_set_version(made.get(), X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(made.get()), 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(made.get()), -3600);
  ::X509_gmtime_adj(::X509_getm_notAfter(made.get()), 3600);
  ::X509_set_pubkey(made.get(), key.get());
  X509_NAME* const name = ::X509_get_subject_name(made.get());
  const std::string common = "gancho test " + host;
  ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0);
  ::X509_set_issuer_name(made.get(), name);
  X509V3_CTX context;
  ::X509V3_set_ctx(&context, made.get(), made.get(), nullptr, nullptr, 0);
  const auto extend = [&](int id, const std::string& value) {
    X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    require(extension != nullptr);
    ::X509_add_ext(made.get(), extension, -1);
    ::X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, "critical,CA:TRUE");
  extend(NID_subject_alt_name, host);
  require(::X509_sign(made.get(), key.get(), ::EVP_sha256()) != 0);
  Certificate files{.certificate_file = folder + "/certificate.pem",
                    .key_file = folder + "/key.pem"};
  const auto write = [](const std::string& path, auto writer) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    require(file != nullptr && writer(file) == 1);
    std::fclose(file);
  };
  write(files.certificate_file,
        [&](std::FILE* file) { return ::PEM_write_X509(file, made.get()); });
  write(files.key_file, [&](std::FILE* file) {
    return ::PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

struct HttpServer::State {
  // One thread for all: what is silent is only left alone.
  struct Session : std::enable_shared_from_this<Session> {
    Session(State& state, Socket socket, std::size_t session_number)
        : owner(state), number(session_number) {
      if (owner.tls)
        secure.emplace(std::move(socket), *owner.tls);
      else
        plain.emplace(std::move(socket));
    }
    template <class Use>
    void with_stream(Use use) {
      if (secure)
        use(*secure);
      else
        use(*plain);
    }
    void begin() {
      if (!secure) return read();
      secure->async_handshake(asio::ssl::stream_base::server,
                              [self = shared_from_this()](const error_code& error) {
                                if (!error) self->read();
                              });
    }
    void read() {
      request = {};
      with_stream([&](auto& stream) {
        http::async_read(stream, buffer, request,
                         [self = shared_from_this()](const error_code& error, std::size_t) {
                           if (!error) self->answer();
                         });
      });
    }
    void answer() {
      const HttpAnswer told = owner.note(request, number);
      if (told.hang_up) return;
      if (told.silent) {
        owner.kept.push_back(shared_from_this());
        return;
      }
      response = "HTTP/1.1 " + std::to_string(told.status) +
                 " told\r\nContent-Length: " + std::to_string(told.body.size()) +
                 (told.close ? "\r\nConnection: close" : "") + "\r\n\r\n" + told.body;
      with_stream([&](auto& stream) {
        asio::async_write(
            stream, asio::buffer(response),
            [self = shared_from_this(), close = told.close](const error_code& error, std::size_t) {
              if (!error && !close) self->read();
            });
      });
    }

    State& owner;
    std::size_t number;
    std::optional<Plain> plain;
    std::optional<beast::ssl_stream<Plain>> secure;
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    std::string response;
  };

  HttpAnswer note(const http::request<http::string_body>& request, std::size_t connection) {
    HttpSeen one{.method = std::string(request.method_string()),
                 .target = std::string(request.target()),
                 .body = request.body(),
                 .headers = {},
                 .connection = connection};
    for (const auto& field : request) {
      std::string name(field.name_string());
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      one.headers[name] = std::string(field.value());
    }
    const std::scoped_lock lock(mutex);
    all.push_back(std::move(one));
    if (answers.empty()) return {};
    HttpAnswer next = answers.front();
    answers.pop_front();
    return next;
  }
  void accept() {
    acceptor.async_accept([this](const error_code& error, Socket socket) {
      if (error) return;
      std::make_shared<Session>(*this, std::move(socket), ++connections)->begin();
      accept();
    });
  }

  std::optional<asio::ssl::context> tls;
  std::mutex mutex;
  std::vector<HttpSeen> all;
  std::deque<HttpAnswer> answers;
  std::size_t connections = 0;
  std::list<std::shared_ptr<Session>> kept;
  asio::io_context io;
  asio::basic_socket_acceptor<tcp, Executor> acceptor{io};
  std::thread thread;
};

HttpServer::HttpServer(const Certificate* certificate, unsigned short port)
    : state_(std::make_unique<State>()) {
  if (certificate != nullptr) {
    state_->tls.emplace(asio::ssl::context::tls_server);
    state_->tls->use_certificate_chain_file(certificate->certificate_file);
    state_->tls->use_private_key_file(certificate->key_file, asio::ssl::context::pem);
  }
  const tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), port);
  state_->acceptor.open(endpoint.protocol());
  state_->acceptor.set_option(asio::socket_base::reuse_address(true));
  state_->acceptor.bind(endpoint);
  state_->acceptor.listen();
  state_->accept();
  state_->thread = std::thread([this] { state_->io.run(); });
}

HttpServer::~HttpServer() {
  state_->io.stop();
  state_->thread.join();
  state_->kept.clear();
}

unsigned short HttpServer::port() const {
  return state_->acceptor.local_endpoint().port();
}

void HttpServer::answer(std::deque<HttpAnswer> answers) {
  const std::scoped_lock lock(state_->mutex);
  state_->answers = std::move(answers);
}

std::vector<HttpSeen> HttpServer::seen() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->all;
}

}  // namespace gancho::test
