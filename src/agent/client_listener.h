// SPDX-License-Identifier: Apache-2.0
//
// The keeper's door: a Unix socket that only root may connect to. Who comes in is handed to the
// worker unheard.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gancho {

class ClientListener {
 public:
  ClientListener() = default;  // listens nowhere
  // Makes the socket and, when it is not there, its directory, for root alone. Takes the place of a
  // socket that nobody listens at any more.
  [[nodiscard]] static Result<ClientListener> create(const std::string& path);
  ClientListener(ClientListener&& other) noexcept;
  ClientListener& operator=(ClientListener&& other) noexcept;
  ~ClientListener();  // takes away what create() made

  // A connection that does not block; an invalid one when nobody is there, or whoever was there was
  // not root and has been told so.
  [[nodiscard]] Fd accept() const;

  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  void remove();

  std::string path_;  // "": nothing to take away
  std::string directory_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  Fd socket_;
};

}  // namespace gancho
